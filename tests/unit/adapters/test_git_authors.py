"""Who wrote each line, in real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from release_gate.adapters.git import GitRepository
from release_gate.policy import Author
from unit.adapters.repo import Repo

pytestmark = pytest.mark.unit

SOMEONE = Author(name="Someone", email="someone@example.invalid")
ALICE = Author(name="Alice", email="alice@example.invalid")
HERE = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Alice",
    "GIT_AUTHOR_EMAIL": "alice@example.invalid",
}
NOBODY = {
    **{name: value for name, value in HERE.items() if "AUTHOR" not in name},
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "user.useConfigOnly",
    "GIT_CONFIG_VALUE_0": "true",
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(_folder(tmp_path / "one"))
    made.write("w.toml", "a\nb\n")
    made.commit()
    return made


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def authors(
    root: Path, commit: str | None = None, name: str = "w.toml", **more: str
) -> tuple[Author | None, ...] | None:
    return GitRepository(root, {**HERE, **more}).line_authors(name, commit)


def by(repo: Repo, author: Author, message: str = "theirs") -> str:
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--author", f"{author.name} <{author.email}>", "-m", message)
    return repo.git("rev-parse", "HEAD")


def test_each_line_is_by_whoever_wrote_it_last(repo: Repo) -> None:
    repo.write("w.toml", "a\nB\nc\n")
    by(repo, ALICE)
    assert authors(repo.root) == (SOMEONE, ALICE, ALICE)


def test_what_is_not_committed_is_by_whoever_works_here(repo: Repo) -> None:
    repo.write("w.toml", "a\nb\nc\n")
    assert authors(repo.root) == (SOMEONE, SOMEONE, ALICE)


@pytest.mark.parametrize("staged", [False, True])
def test_a_file_that_no_commit_has_is_by_whoever_works_here(repo: Repo, staged: bool) -> None:
    repo.write("new.toml", "a\n")
    if staged:
        repo.git("add", "new.toml")
    assert set(authors(repo.root, name="new.toml") or ()) == {ALICE}


def test_before_the_first_commit_it_is_by_whoever_works_here(tmp_path: Path) -> None:
    empty = Repo(_folder(tmp_path / "empty"))
    empty.write("w.toml", "a\n")
    assert set(authors(empty.root) or ()) == {ALICE}


def test_an_earlier_commit_is_looked_at_as_it_was(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.write("w.toml", "A\nB\nc\n")
    by(repo, ALICE)
    assert authors(repo.root, first) == (SOMEONE, SOMEONE)


def test_whoever_is_unknown_is_nobody(repo: Repo) -> None:
    repo.write("w.toml", "a\nb\nc\n")
    found = GitRepository(repo.root, NOBODY)
    assert found.line_authors("w.toml") == (SOMEONE, SOMEONE, None)
    assert found.present_author() is None
    assert GitRepository(repo.root, HERE).present_author() == ALICE


def test_a_shallow_clone_names_nobody_for_what_it_cannot_see(repo: Repo, tmp_path: Path) -> None:
    repo.write("w.toml", "a\nb\nc\n")
    by(repo, ALICE)
    repo.write("other", "x\n")
    repo.commit()
    clone = tmp_path / "clone"
    url = repo.root.as_uri()
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", url, str(clone)], check=True, env=HERE
    )
    assert authors(clone) == (None, None, None)
    subprocess.run(
        ["git", "-C", str(clone), "fetch", "--quiet", "--unshallow"], check=True, env=HERE
    )
    assert authors(clone) == (SOMEONE, SOMEONE, ALICE)


def test_a_mailmap_makes_nobody_somebody_else(repo: Repo) -> None:
    repo.write(".mailmap", "Alice <alice@example.invalid> <someone@example.invalid>\n")
    repo.commit()
    assert authors(repo.root) == (SOMEONE, SOMEONE)


def test_revisions_to_ignore_are_not_ignored(repo: Repo) -> None:
    repo.write("w.toml", "a\nB\n")
    commit = by(repo, ALICE)
    repo.write("skip", f"{commit}\n")
    repo.git("config", "blame.ignoreRevsFile", "skip")
    assert authors(repo.root) == (SOMEONE, ALICE)


def test_names_with_odd_letters_are_read(repo: Repo) -> None:
    odd = Author(name="Ä > B", email="odd+1@example.invalid")
    repo.write("w.toml", "a\nx\n")
    by(repo, odd)
    assert [one.email for one in authors(repo.root) or () if one] == [SOMEONE.email, odd.email]


def test_a_folder_of_the_repository_is_looked_at_by_its_own_names(repo: Repo) -> None:
    repo.write("sub/w.toml", "x\n")
    by(repo, ALICE)
    assert authors(repo.root / "sub") == (ALICE,)


def test_without_git_there_is_no_answer(tmp_path: Path) -> None:
    assert authors(_folder(tmp_path / "plain")) is None
    assert GitRepository(tmp_path / "plain", HERE).present_author() is None
