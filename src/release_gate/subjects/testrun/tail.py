"""Shows how far a test run is, from the plug-in's event files while they grow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

_PERIOD_S = 0.5


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    event: str
    id: str = ""
    ids: list[str] = []


class Tail:
    """Counts tests while they run; a context manager.

    What it shows is a courtesy: a line it cannot read is left out here and refused later,
    when the whole record is read.

    Args:
        folder: Where the event files come to lie.
        progress: Takes a text such as ``123/214 tests``.
        period: Seconds between two looks.
    """

    def __init__(
        self, folder: Path, progress: Callable[[str], None], period: float = _PERIOD_S
    ) -> None:
        self._folder = folder
        self._progress = progress
        self._period = period
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="test-progress", daemon=True)
        self._offsets: dict[Path, int] = {}
        self._selected: set[str] = set()
        self._done: set[str] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(self._period):
            self.look()

    def look(self) -> None:
        """Read what was added since the last look, and show the count if it changed."""
        before = len(self._done)
        for file in sorted(self._folder.glob("*.jsonl")):
            self._read(file)
        if len(self._done) != before:
            self._progress(f"{len(self._done)}/{len(self._selected)} tests")

    def _read(self, file: Path) -> None:
        with file.open("rb") as stream:
            stream.seek(self._offsets.get(file, 0))
            content = stream.read()
        whole, newline, _rest = content.rpartition(b"\n")
        self._offsets[file] = self._offsets.get(file, 0) + len(whole) + len(newline)
        for line in whole.splitlines():
            self._count(line)

    def _count(self, line: bytes) -> None:
        try:
            event = msgspec.json.decode(line, type=_Line)
        except msgspec.MsgspecError:
            return
        if event.event == "selected":
            self._selected.update(event.ids)
        elif event.event == "report":
            self._done.add(event.id)
