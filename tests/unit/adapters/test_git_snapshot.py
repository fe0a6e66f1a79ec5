"""The files of one commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate.adapters.git import GitRepository
from release_gate.adapters.git_snapshot import GitSnapshot
from release_gate.errors import RepositoryProblem
from unit.adapters.repo import Repo

pytestmark = pytest.mark.unit


def taken(repo: Repo, environment: dict[str, str], root: Path | None = None) -> GitSnapshot:
    commit = repo.commit()
    return GitRepository(root or repo.root, environment).snapshot(commit)


def test_content_is_that_of_the_commit(repo: Repo, environment: dict[str, str]) -> None:
    repo.write("a.toml", "old\r\n")
    snapshot = taken(repo, environment)
    repo.write("a.toml", "new\n")
    repo.write("b.toml")

    assert snapshot.read("a.toml") == b"old\r\n"
    assert snapshot.read("b.toml") is None
    assert [(one.path, one.kind) for one in snapshot.files()] == [("a.toml", "file")]
    snapshot.close()


def test_a_rename_since_does_not_move_the_name(repo: Repo, environment: dict[str, str]) -> None:
    repo.write("lenient.toml", "a\nb\nc\n")
    snapshot = taken(repo, environment)
    repo.git("mv", "lenient.toml", "release-gate.toml")

    assert snapshot.read("release-gate.toml") is None


def test_everything_is_relative_to_the_root(repo: Repo, environment: dict[str, str]) -> None:
    repo.write("service/a.toml", "in")
    repo.write("a.toml", "out")
    snapshot = taken(repo, environment, repo.root / "service")

    assert snapshot.read("a.toml") == b"in"
    assert [one.path for one in snapshot.files()] == ["a.toml"]


def test_a_root_that_was_not_there_is_empty(repo: Repo, environment: dict[str, str]) -> None:
    repo.write("a.toml")
    commit = repo.commit()
    repo.write("service/a.toml")

    snapshot = GitRepository(repo.root / "service", environment).snapshot(commit)
    assert snapshot.files() == ()
    assert snapshot.read("a.toml") is None


def test_links_are_followed_also_in_the_middle(repo: Repo, environment: dict[str, str]) -> None:
    repo.write("shared/config/a.toml", "x")
    (repo.root / "config").symlink_to("shared/config")
    (repo.root / "a.toml").symlink_to("config/a.toml")
    snapshot = taken(repo, environment)

    assert snapshot.read("config/a.toml") == snapshot.read("a.toml") == b"x"
    assert {one.path: one.kind for one in snapshot.files()}["a.toml"] == "symlink"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("../outside.toml", "out of the root"),
        ("/etc/passwd", "out of the root"),
        ("nowhere.toml", "leads nowhere"),
        ("a.toml", "in a circle"),
    ],
)
def test_a_link_that_leads_elsewhere_is_an_error(
    repo: Repo, environment: dict[str, str], target: str, why: str
) -> None:
    (repo.root / "a.toml").symlink_to(target)
    snapshot = taken(repo, environment)

    with pytest.raises(RepositoryProblem, match=why):
        snapshot.read("a.toml")


def test_names_of_any_bytes_are_read(repo: Repo, environment: dict[str, str]) -> None:
    repo.write("größe\n.toml", "x")

    assert taken(repo, environment).read("größe\n.toml") == b"x"


def test_a_commit_that_is_not_there_is_an_error(repo: Repo, environment: dict[str, str]) -> None:
    repo.commit()

    with pytest.raises(RepositoryProblem):
        GitRepository(repo.root, environment).snapshot("0" * 40).files()
