"""A process that was started with less than it should have, or that something tries to end."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from release_gate.cli.boundary import guarded
from release_gate.cli.options import Wish
from release_gate.cli.project_root import find_root
from release_gate.cli.terminal import complain, is_terminal, keep_standard_descriptors, say
from release_gate.errors import OutputProblem, UsageError

pytestmark = pytest.mark.unit


class Full(io.StringIO):
    """A stream on a full disk."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("code", [0, None, 1, "text"])
def test_a_library_that_ends_the_process_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: object
) -> None:
    def ends() -> None:
        raise SystemExit(code)

    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path))
    monkeypatch.delenv("_RELEASE_GATE_COMPLETE", raising=False)
    assert guarded(ends) == 3


def test_click_ends_the_process_where_it_answers_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends() -> None:
        raise SystemExit(0)

    monkeypatch.setenv("_RELEASE_GATE_COMPLETE", "bash_source")
    with pytest.raises(SystemExit):
        guarded(ends)


def test_full_standard_output_is_an_error_and_full_standard_error_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Full())
    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(OutputProblem, match="No space left on device"):
        say("verdict")
    complain("nobody can be told")


def test_a_stream_that_is_not_there_is_no_terminal() -> None:
    assert not is_terminal(None)


@pytest.mark.skipif(sys.platform == "win32", reason="numbers of descriptors are not handed down")
def test_closed_standard_descriptors_are_taken() -> None:
    kept = os.dup(0)
    try:
        os.close(0)
        keep_standard_descriptors()
        assert os.path.samestat(os.fstat(0), Path(os.devnull).stat())
        open_before = os.fstat(1), os.fstat(2)
        keep_standard_descriptors()
        assert (os.fstat(1).st_ino, os.fstat(2).st_ino) == tuple(one.st_ino for one in open_before)
    finally:
        os.dup2(kept, 0)
        os.close(kept)


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_present_folder_that_is_gone_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="has been removed"):
        find_root(Wish())
    assert find_root(Wish(root=tmp_path)) == tmp_path
