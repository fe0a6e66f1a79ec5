"""A way out of a child process beside its output: a pipe, or a file where none can be passed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from release_gate.adapters.child_output import Held, Pipe
from release_gate.errors import ToolProblem
from release_gate.ports import CHANNEL

_WHAT = "the evidence"


class Channel(Protocol):
    """What :func:`channel` yields."""

    @property
    def variables(self) -> Mapping[str, str]:
        """What the child must find in its environment."""

    @property
    def pass_fds(self) -> tuple[int, ...]:
        """What the child must inherit."""

    def opened(self) -> tuple[Pipe, ...]:
        """Call once the child has started; returns what is to be waited for."""

    def value(self) -> bytes:
        """Everything that came; call when the child and the pipes have ended."""


@contextmanager
def channel(cap: int) -> Iterator[Channel]:
    """A channel for one child.

    Args:
        cap: Most bytes that are taken.
    """
    if sys.platform == "win32":  # pragma: no cover - Windows
        with tempfile.TemporaryDirectory(prefix="release-gate-") as folder:
            yield FileChannel(Path(folder, "channel"), cap)
    else:
        pipe = PipeChannel(cap)
        try:
            yield pipe
        finally:
            pipe.close()


class PipeChannel:
    """A pipe whose writing end the child inherits."""

    def __init__(self, cap: int) -> None:
        self._reading, self._writing = os.pipe()
        self._held = Held(cap, _WHAT)
        self._open = {self._reading, self._writing}

    @property
    def variables(self) -> Mapping[str, str]:
        """See :class:`Channel`."""
        return {CHANNEL: f"fd:{self._writing}"}

    @property
    def pass_fds(self) -> tuple[int, ...]:
        """See :class:`Channel`."""
        return (self._writing,)

    def opened(self) -> tuple[Pipe, ...]:
        """See :class:`Channel`."""
        self._close(self._writing)  # else the pipe would never end
        self._open.remove(self._reading)
        stream = os.fdopen(self._reading, "rb", buffering=0)
        return (Pipe(stream, (self._held,), "channel"),)

    def value(self) -> bytes:
        """See :class:`Channel`."""
        return self._held.value()

    def close(self) -> None:
        """Close what the child never took."""
        for descriptor in tuple(self._open):
            self._close(descriptor)

    def _close(self, descriptor: int) -> None:
        self._open.remove(descriptor)
        os.close(descriptor)


class FileChannel:
    """An empty file that the child writes to.

    Args:
        path: In a folder of its own.
        cap: Most bytes that are taken.
    """

    pass_fds: tuple[int, ...] = ()

    def __init__(self, path: Path, cap: int) -> None:
        self._path = path
        self._cap = cap
        path.write_bytes(b"")

    @property
    def variables(self) -> Mapping[str, str]:
        """See :class:`Channel`."""
        return {CHANNEL: f"file:{self._path}"}

    def opened(self) -> tuple[Pipe, ...]:
        """See :class:`Channel`."""
        return ()

    def value(self) -> bytes:
        """See :class:`Channel`.

        Raises:
            ToolProblem: If it is too much, or the child took the file away.
        """
        held = Held(self._cap, _WHAT)
        try:
            with self._path.open("rb") as stream:
                while data := stream.read(1 << 16):
                    held.feed(data)
        except OSError as error:
            raise ToolProblem(f"{_WHAT} cannot be read: {error.strerror or error}") from error
        return held.value()
