"""Reading what a child writes: both pipes at once, into memory, a log and a callback."""

from __future__ import annotations

import codecs
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from release_gate.errors import OutputProblem, ToolProblem
from release_gate.redact import RedactedStream, Redactor, safe_text

_PIECE = 1 << 16
_LOOK_UP_MS = 100
# What the largest pipe may still hold when the child has ended.
_LEFT_IN_PIPE = 1 << 20


class Log:
    """A gate's log: redacted, without control characters, written as it comes.

    Args:
        path: Appended to; its folder is made.
        redactor: What must not stand in it.

    Raises:
        OutputProblem: If it cannot be written; also from :meth:`write`.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("ab", buffering=0)
        except OSError as error:
            raise self._problem(error) from error

    def say(self, text: str) -> None:
        """Write a line of our own."""
        self.write(self._redactor.redact(text) + "\n")

    def stream(self) -> RedactedStream:
        """A redactor for one stream whose pieces end up here."""
        return RedactedStream(self._redactor)

    def write(self, text: str) -> None:
        """Write text that is redacted already."""
        rest = memoryview(safe_text(text).encode("utf-8", "backslashreplace"))
        with self._lock:
            try:
                while rest:
                    rest = rest[self._file.write(rest) or 0 :]
            except OSError as error:
                raise self._problem(error) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def _problem(self, error: OSError) -> OutputProblem:
        return OutputProblem(
            f"the log {self.path.name} cannot be written: {error.strerror or error}",
            remedy="Make room, or name another folder with --output.",
        )


class Sink(Protocol):
    """Takes what comes out of one pipe."""

    def feed(self, data: bytes) -> None:
        """Take some bytes."""

    def finish(self) -> None:
        """Nothing follows."""


class Held:
    """Keeps the bytes in memory, up to a cap.

    Args:
        cap: Bytes.
        what: What comes through the pipe, for the message.
    """

    def __init__(self, cap: int, what: str) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._cap = cap
        self._what = what

    def feed(self, data: bytes) -> None:
        """Keep some bytes.

        Raises:
            ToolProblem: If they are too many.
        """
        self._size += len(data)
        if self._size > self._cap:
            size = f"{self._cap / 1e6:g} MB"
            raise ToolProblem(
                f"{self._what} is more than the {size} that can be held",
                remedy="Let the tool write less, or to a file.",
            )
        self._pieces.append(data)

    def finish(self) -> None:
        """Nothing follows."""

    def value(self) -> bytes:
        """All of it."""
        return b"".join(self._pieces)


class ToLog:
    """Writes one stream to the log in whole lines."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._stream = log.stream()
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode

    def feed(self, data: bytes) -> None:
        """Take some bytes."""
        self._write(self._stream.feed(self._decode(data)))

    def finish(self) -> None:
        """Write the rest; it gets an end, so that the other stream does not go on in it."""
        rest = self._stream.feed(self._decode(b"", final=True)) + self._stream.finish()
        self._write(rest if not rest or rest.endswith("\n") else rest + "\n")

    def _write(self, text: str) -> None:
        if text:
            self._log.write(text)


class Lines:
    """Calls back with each line, without its end; nothing is redacted in it."""

    _LONGEST = 1 << 16

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._held = b""

    def feed(self, data: bytes) -> None:
        """Take some bytes."""
        *whole, self._held = (self._held + data).split(b"\n")
        for line in whole:
            self._call(line)
        if len(self._held) > self._LONGEST:  # a line without end is told in pieces
            self._call(self._held)
            self._held = b""

    def finish(self) -> None:
        """Call back with a last line that has no end."""
        if self._held:
            self._call(self._held)
            self._held = b""

    def _call(self, line: bytes) -> None:
        self._on_line(line.rstrip(b"\r").decode("utf-8", "surrogateescape"))


class Pipe:
    """One pipe and the thread that drains it.

    Whatever a sink raises is kept in :attr:`failure`; the pipe is drained all the same, since
    a child that waits for its reader cannot end.

    Args:
        stream: The reading end; closed when drained.
        sinks: Who gets the bytes.
        name: For the thread.
    """

    def __init__(self, stream: IO[bytes], sinks: tuple[Sink, ...], name: str) -> None:
        self.failure: BaseException | None = None
        self._stream = stream
        self._sinks = sinks
        self._stop = threading.Event()
        # A daemon: on Windows a read cannot be broken off.
        self._thread = threading.Thread(target=self._drain, name=name, daemon=True)
        self._thread.start()

    def join(self, patience_s: float) -> None:
        """Wait for the end of the stream, then leave what a stranger still holds open.

        Args:
            patience_s: Seconds to wait before giving up on an end.
        """
        self._thread.join(patience_s)
        self._stop.set()
        self._thread.join(None if sys.platform != "win32" else patience_s)

    def _drain(self) -> None:
        try:
            budget = _LEFT_IN_PIPE
            while budget > 0 and (data := self._read()):
                self._give(data)
                budget -= len(data) if self._stop.is_set() else 0
            self._finish()
        finally:
            self._stream.close()

    def _give(self, data: bytes) -> None:
        if self.failure is None:
            try:
                for sink in self._sinks:
                    sink.feed(data)
            except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the child
                self.failure = error

    def _finish(self) -> None:
        for sink in self._sinks:
            try:
                sink.finish()
            except BaseException as error:  # noqa: BLE001 - as above
                self.failure = self.failure or error

    def _read(self) -> bytes:
        descriptor = self._stream.fileno()
        if sys.platform != "win32":
            import select  # noqa: PLC0415 - has no poll on Windows

            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            while not poll.poll(_LOOK_UP_MS):
                if self._stop.is_set():
                    return b""
        return os.read(descriptor, _PIECE)


def write_all(stream: IO[bytes], data: bytes) -> threading.Thread:
    """Write to a child's standard input from another thread, and close it.

    A child may end without reading all of it; that is its own affair.
    """

    def write() -> None:
        try:
            stream.write(data)
            stream.close()
        except OSError:
            _close(stream)

    thread = threading.Thread(target=write, name="standard input", daemon=True)
    thread.start()
    return thread


def _close(stream: IO[bytes]) -> None:
    # What is buffered cannot be written any more, but the descriptor is closed.
    with suppress(OSError):
        stream.close()
