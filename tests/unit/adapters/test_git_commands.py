from __future__ import annotations

import os
from pathlib import Path

import pytest

from release_gate.adapters import git_commands
from release_gate.adapters.git_commands import Git, GitFailed, ObjectReader
from release_gate.errors import RepositoryProblem

pytestmark = pytest.mark.unit


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    tool = tmp_path / "bin" / "git"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\nexit 0\n")
    tool.chmod(0o755)
    return tool


def git(tool: Path) -> Git:
    return Git(tool.parent, {"PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}"})


def test_a_git_that_hangs_is_a_problem(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.write_text("#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr(git_commands, "_DEADLINE_S", 0.2)
    with pytest.raises(RepositoryProblem, match=r"git status did not answer within 0.2 s"):
        git(fake).run("status")


def test_a_git_that_cannot_be_started_is_a_problem(fake: Path) -> None:
    made = git(fake)
    fake.write_bytes(b"\0\1")
    with pytest.raises(RepositoryProblem, match="git cannot be started"):
        made.run("status")


def test_without_git_every_command_is_a_problem(tmp_path: Path) -> None:
    made = Git(tmp_path, {"PATH": ""})
    assert not made.installed
    with pytest.raises(RepositoryProblem, match="git is not installed"):
        made.run("status")


def test_a_failure_without_a_word_names_the_exit_code(fake: Path) -> None:
    fake.write_text("#!/bin/sh\nexit 9\n")
    with pytest.raises(GitFailed):
        git(fake).run("status")
    with pytest.raises(RepositoryProblem, match="git status failed: exit 9"):
        git(fake).must("status")


@pytest.mark.parametrize(
    "script",
    ["exit 0", "echo $1 missing", "echo id blob 100; echo short", "echo rubbish"],
    ids=["ends", "missing", "cut off", "rubbish"],
)
def test_content_that_does_not_come_whole_is_a_problem(fake: Path, script: str) -> None:
    fake.write_text(f"#!/bin/sh\nread id\n{script}\n")
    reader = git(fake).objects()
    with pytest.raises(RepositoryProblem, match="cannot read the object 0123"):
        reader.read("0123")
    with pytest.raises(RepositoryProblem, match="cannot read the object 0123"):
        reader.read("0123")
    reader.close()


def test_a_reader_that_was_never_asked_starts_nothing_and_closes(tmp_path: Path) -> None:
    # A command that cannot be started at all: had it been tried, it would raise.
    reader = ObjectReader(["nowhere"], tmp_path, {})
    assert reader._popen is None
    reader.close()
    assert reader._popen is None
    with pytest.raises(RepositoryProblem, match="cannot read the object 0123"):
        reader.read("0123")
