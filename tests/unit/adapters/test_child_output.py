from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from release_gate.adapters import runner as runner_module
from release_gate.adapters.channel import Channel, FileChannel
from release_gate.adapters.child_output import Held, Lines, Log, Pipe, Sink, ToLog, write_all
from release_gate.adapters.processes import Processes
from release_gate.errors import ToolProblem
from release_gate.redact import Redactor

pytestmark = pytest.mark.unit


class Broken:
    """A sink that fails when it is told of the end."""

    def feed(self, data: bytes) -> None:
        del data

    def finish(self) -> None:
        raise LookupError("no end")


def pipe(*sinks: Sink) -> tuple[int, Pipe]:
    reading, writing = os.pipe()
    return writing, Pipe(os.fdopen(reading, "rb", buffering=0), sinks, "test")


def test_a_pipe_is_read_to_its_end() -> None:
    held = Held(100, "x")
    writing, made = pipe(held)
    os.write(writing, b"all of it")
    os.close(writing)
    made.join(5)
    assert (held.value(), made.failure) == (b"all of it", None)


def test_an_error_at_the_end_is_kept() -> None:
    writing, made = pipe(Broken())
    os.close(writing)
    made.join(5)
    assert isinstance(made.failure, LookupError)


@pytest.mark.skipif(sys.platform == "win32", reason="a read cannot be broken off there")
def test_a_pipe_that_has_no_end_is_left() -> None:
    held = Held(100, "x")
    writing, made = pipe(held)
    os.write(writing, b"so far")
    started = time.monotonic()
    made.join(0.1)
    assert time.monotonic() - started < 1
    assert held.value() == b"so far"
    os.close(writing)


@pytest.mark.skipif(sys.platform == "win32", reason="a read cannot be broken off there")
def test_a_stranger_that_floods_the_pipe_is_left_too() -> None:
    writing, made = pipe()
    stop = threading.Event()

    def flood() -> None:
        try:
            while not stop.is_set():
                os.write(writing, b"x" * 65536)
        except BrokenPipeError:
            pass

    thread = threading.Thread(target=flood)
    thread.start()
    made.join(0.1)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    os.close(writing)


def test_a_line_without_end_is_told_in_pieces() -> None:
    heard: list[str] = []
    lines = Lines(heard.append)
    for _ in range(3):
        lines.feed(b"x" * 40_000)
    lines.feed(b"y\r\nz")
    lines.finish()
    lines.finish()
    assert [len(one) for one in heard] == [80_000, 40_001, 1]


def test_bytes_that_are_no_utf_8_are_told_and_logged(tmp_path: Path) -> None:
    heard: list[str] = []
    lines = Lines(heard.append)
    lines.feed(b"by\xfftes\n")
    log = Log(tmp_path / "log", Redactor())
    to_log = ToLog(log)
    to_log.feed(b"by\xfftes \xc3")
    to_log.feed(b"\xa4")
    to_log.finish()
    log.close()
    assert (heard, (tmp_path / "log").read_text("utf-8")) == (["by\udcfftes"], "by\\xfftes ä\n")


def test_a_reader_that_goes_away_is_no_error() -> None:
    child = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.wait()
    thread = write_all(child.stdin, b"x" * 1_000_000)
    thread.join(5)
    assert not thread.is_alive()


def test_a_channel_may_be_a_file(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def by_file(cap: int) -> Iterator[Channel]:
        yield FileChannel(tmp_path / "channel", cap)

    monkeypatch.setattr(runner_module, "channel", by_file)
    code = (
        "import os; kind, _, place = os.environ['RELEASE_GATE_CHANNEL'].partition(':');"
        "open(place, 'wb').write(kind.encode())"
    )
    run = processes.for_gate("x", tmp_path / "x.log", 60).run_with_channel
    assert run([sys.executable, "-c", code], b"")[1] == b"file"


def test_a_file_of_a_channel_that_is_gone_or_too_large_is_a_problem(tmp_path: Path) -> None:
    made = FileChannel(tmp_path / "channel", 3)
    assert made.value() == b""
    (tmp_path / "channel").write_bytes(b"four")
    with pytest.raises(ToolProblem, match="the evidence is more than"):
        made.value()
    (tmp_path / "channel").unlink()
    with pytest.raises(ToolProblem, match="the evidence cannot be read"):
        made.value()
