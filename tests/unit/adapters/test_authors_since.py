"""Who wrote what is judged, in real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from release_gate.adapters.git import GitRepository
from release_gate.checklists import SIGN_OFFS
from unit.adapters.repo import Repo

pytestmark = pytest.mark.unit

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Here",
    "GIT_AUTHOR_EMAIL": "here@example.invalid",
}


def by(repo: Repo, name: str, file: str, message: str = "more") -> str:
    repo.write(file, f"by {name}\n")
    repo.git("add", "--all")
    author = f"{name} <{name}@example.invalid>"
    repo.git("commit", "--quiet", "--author", author, "--message", message)
    return repo.git("rev-parse", "HEAD")


def since(repo: Repo, commit: str | None) -> set[str]:
    found = GitRepository(repo.root, ENVIRONMENT).authors_since(commit)
    return {one.removesuffix("@example.invalid") for one in found}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path)


def test_everybody_who_wrote_a_commit_since_the_base_is_an_author(repo: Repo) -> None:
    base = by(repo, "ann", "a")
    by(repo, "bob", "b")
    by(repo, "eve", "c")
    assert since(repo, base) == {"bob", "eve"}


def test_without_a_base_the_last_commit_counts(repo: Repo) -> None:
    by(repo, "ann", "a")
    by(repo, "bob", "b")
    assert since(repo, None) == {"bob"}


def test_co_authors_are_authors(repo: Repo) -> None:
    by(repo, "ann", "a", "more\n\nCo-authored-by: Bob <bob@example.invalid>\n")
    assert since(repo, None) == {"ann", "bob"}


def test_whoever_only_signed_is_no_author(repo: Repo) -> None:
    base = by(repo, "ann", "a")
    by(repo, "bob", "b")
    by(repo, "eve", SIGN_OFFS)
    assert since(repo, base) == {"bob"}
    assert since(repo, None) == {"bob"}


def test_authors_of_a_merged_branch_are_authors_too(repo: Repo) -> None:
    base = by(repo, "ann", "a")
    repo.git("checkout", "--quiet", "-b", "side")
    by(repo, "bob", "b")
    repo.git("checkout", "--quiet", "-")
    by(repo, "eve", "c")
    repo.git("merge", "--quiet", "--no-ff", "--message", "join", "side")
    assert {"bob", "eve"} <= since(repo, base)


def test_whoever_works_in_a_tree_with_changes_is_an_author(repo: Repo) -> None:
    base = by(repo, "ann", "a")
    repo.write("a", "other")
    assert since(repo, base) == {"here"}


def test_sign_offs_alone_make_no_tree_dirty(repo: Repo) -> None:
    base = by(repo, "ann", "a")
    repo.write(SIGN_OFFS, "x")
    assert since(repo, base) == set()
    state = GitRepository(repo.root, ENVIRONMENT).state()
    assert state is not None
    assert not state.dirty
    repo.git("add", "--all")
    state = GitRepository(repo.root, ENVIRONMENT).state()
    assert state is not None
    assert not state.dirty


def test_before_the_first_commit_and_without_git_there_is_no_author(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    assert GitRepository(plain, ENVIRONMENT).authors_since(None) == frozenset()
    folder = tmp_path / "empty"
    folder.mkdir()
    empty = Repo(folder)
    assert since(empty, None) == set()
