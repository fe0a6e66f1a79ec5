"""What the user sees while gates run: a line for each on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from release_gate.cli.terminal import complain
from release_gate.model import Collected
from release_gate.run.events import (
    Event,
    GateFinished,
    GateProgress,
    GateStarted,
    Sink,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_LONGEST = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Silent:
    """Shows nothing (``--quiet``)."""

    def emit(self, event: Event) -> None:
        """Take one event."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain:
    """One line for each gate that ended; for logs and pipes.

    Args:
        verbose: Also a line for each start and each word of progress.
        write: Takes one line.
    """

    verbose: bool = False
    write: Callable[[str], None] = complain

    def emit(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, GateFinished):
            self.write(f"  {event.collected.gate_id}: {outcome(event.collected)}")
        elif self.verbose and isinstance(event, GateStarted):
            self.write(f"  {event.gate_id}: started")
        elif self.verbose and isinstance(event, GateProgress):
            self.write(f"  {event.gate_id}: {printable(event.text)}")


@dataclass(slots=True)
class _Line:
    since: float
    text: str = ""
    ended: str | None = None


@dataclass(kw_only=True, slots=True)
class Lines:
    """The state of the live display; rendered by rich's own thread.

    Args:
        seconds: The stopwatch.
    """

    seconds: Callable[[], float]
    _lines: dict[str, _Line] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def emit(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            if isinstance(event, GateStarted):
                self._lines[event.gate_id] = _Line(since=self.seconds())
            elif isinstance(event, GateProgress):
                self._lines[event.gate_id].text = printable(event.text)
            elif isinstance(event, GateFinished):
                line = self._lines.setdefault(event.collected.gate_id, _Line(self.seconds()))
                line.ended = outcome(event.collected)

    def rows(self) -> list[tuple[str, str, str]]:
        """Gate, time and text of each line."""
        with self._lock:
            return [
                (gate_id, "", line.ended)
                if line.ended is not None
                else (gate_id, f"{self.seconds() - line.since:.0f} s", line.text)
                for gate_id, line in self._lines.items()
            ]

    def __rich__(self) -> Table:
        """The table as rich draws it, some times a second."""
        from rich.table import Table  # noqa: PLC0415 - only where a terminal shows it
        from rich.text import Text  # noqa: PLC0415

        table = Table.grid(padding=(0, 2))
        for gate_id, elapsed, text in self.rows():
            table.add_row(Text("  …" if elapsed else "  ·"), Text(gate_id), elapsed, Text(text))
        return table


@contextmanager
def display(
    *, quiet: bool, verbose: bool, redraw: bool, seconds: Callable[[], float]
) -> Iterator[Sink]:
    """The sink that fits where it is shown.

    Args:
        quiet: Show nothing.
        verbose: Show more.
        redraw: Whether a terminal is there to be redrawn.
        seconds: The stopwatch.
    """
    if quiet:
        yield Silent()
    elif not redraw or verbose:
        yield Plain(verbose=verbose)
    else:
        with _live(Lines(seconds=seconds)) as sink:
            yield sink


@contextmanager
def _live(lines: Lines) -> Iterator[Lines]:
    from rich.live import Live  # noqa: PLC0415 - only where a terminal shows it

    with Live(
        lines,
        console=_console(),
        transient=True,
        refresh_per_second=5,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield lines


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415 - only where a terminal shows it

    return Console(stderr=True)


def can_redraw(environment: Mapping[str, str], *, terminal: bool, ci: bool) -> bool:
    """Whether lines may be drawn over: on a terminal that can, and never in CI."""
    return terminal and not ci and environment.get("TERM") != "dumb"


def outcome(collected: Collected) -> str:
    """What came of a gate, in a few words; no verdict, since nothing is judged yet."""
    if collected.evidence is None:
        what = collected.problem.what if collected.problem else "nothing came of it"
        return f"could not be collected: {printable(what)}"
    examined = collected.evidence.examined
    reused = " (reused)" if collected.cached else ""
    unit = examined.unit.removesuffix("s") if examined.count == 1 else examined.unit
    return f"{examined.count} {unit} in {collected.duration_s:.1f} s{reused}"


def printable(text: str) -> str:
    """One short line without control characters: it comes from tools."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
