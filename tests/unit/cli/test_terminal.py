"""Output goes to whatever is there."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from release_gate.cli.terminal import complain, is_terminal, say

pytestmark = pytest.mark.unit


def test_say_and_complain_keep_apart(capsys: pytest.CaptureFixture[str]) -> None:
    say("out")
    complain("err")
    assert capsys.readouterr() == ("out\n", "err\n")


def test_what_the_terminal_cannot_show_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", newline=""))
    say("✔ caf\udce9")
    assert raw.getvalue() == b"\\u2714 caf\\udce9\n"


def test_reader_that_went_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "w")
    monkeypatch.setattr(sys, "stdout", stream)
    say("x" * 100_000)
    say("still quiet")
    # From here on it leads nowhere: not even Python's own flush at its end can fail.
    assert os.path.samestat(os.fstat(stream.fileno()), Path(os.devnull).stat())
    stream.close()
    assert stream.closed


def test_without_a_standard_output_nothing_is_said_anywhere_else(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as without:
        without.setattr(sys, "stdout", None)
        say("nobody hears")
    assert capfd.readouterr() == ("", "")


def test_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    assert not is_terminal(stream)
    stream.close()
    assert not is_terminal(stream)
