"""What is shown while gates run."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from release_gate.api import Evidence, Examined
from release_gate.cli import live
from release_gate.cli.live import Lines, Plain, Silent, can_redraw, display, outcome, printable
from release_gate.model import Collected, Problem
from release_gate.run.events import GateFinished, GateProgress, GateStarted, RunFinished

pytestmark = pytest.mark.unit

SEEN = Collected(
    gate_id="lint",
    evidence=Evidence(examined=Examined(unit="files", count=412)),
    duration_s=0.12,
)
BROKEN = Collected(gate_id="lint", evidence=None, problem=Problem(what="no \x1b[31mtool"))


def test_outcome_says_what_was_read_and_no_verdict() -> None:
    assert outcome(SEEN) == "412 files in 0.1 s"
    assert outcome(BROKEN) == "could not be collected: no  [31mtool"
    assert "nothing came" in outcome(Collected(gate_id="x", evidence=None))


def test_reused_evidence_is_said() -> None:
    kept = Collected(gate_id="lint", evidence=SEEN.evidence, cached=True)
    assert outcome(kept) == "412 files in 0.0 s (reused)"


def test_plain_prints_a_line_for_each_gate_that_ended() -> None:
    lines: list[str] = []
    sink = Plain(write=lines.append)
    sink.emit(GateStarted(gate_id="lint"))
    sink.emit(GateProgress(gate_id="lint", text="half"))
    sink.emit(GateFinished(collected=SEEN))
    sink.emit(RunFinished(duration_s=1))
    assert lines == ["  lint: 412 files in 0.1 s"]


def test_verbose_prints_start_and_progress_too() -> None:
    lines: list[str] = []
    sink = Plain(verbose=True, write=lines.append)
    sink.emit(GateStarted(gate_id="lint"))
    sink.emit(GateProgress(gate_id="lint", text="half\r\n"))
    assert lines == ["  lint: started", "  lint: half"]


def test_lines_show_elapsed_time_and_progress() -> None:
    now = [0.0]
    lines = Lines(seconds=lambda: now[0])
    lines.emit(GateStarted(gate_id="lint"))
    now[0] = 3.4
    lines.emit(GateProgress(gate_id="lint", text="95 of 412"))
    assert lines.rows() == [("lint", "3 s", "95 of 412")]
    lines.emit(GateFinished(collected=SEEN))
    assert lines.rows() == [("lint", "", "412 files in 0.1 s")]


def test_gate_that_was_never_started_is_shown_all_the_same() -> None:
    lines = Lines(seconds=lambda: 0.0)
    lines.emit(GateFinished(collected=SEEN))
    assert len(lines.rows()) == 1


def test_table_draws_markup_of_tools_as_it_stands() -> None:
    lines = Lines(seconds=lambda: 1.0)
    lines.emit(GateStarted(gate_id="lint"))
    lines.emit(GateProgress(gate_id="lint", text="[bold]x[/nonsense]"))
    console = Console(file=io.StringIO(), width=80)
    console.print(lines)
    drawn: Any = console.file
    assert "[bold]x[/nonsense]" in drawn.getvalue()


@pytest.mark.parametrize(
    ("environment", "terminal", "ci", "expected"),
    [
        ({}, True, False, True),
        ({}, False, False, False),
        ({}, True, True, False),
        ({"TERM": "dumb"}, True, False, False),
    ],
)
def test_lines_are_redrawn_only_for_someone_who_watches(
    environment: dict[str, str], terminal: bool, ci: bool, expected: bool
) -> None:
    assert can_redraw(environment, terminal=terminal, ci=ci) is expected


def shown(**options: bool) -> type:
    values = {"quiet": False, "verbose": False, "redraw": False, **options}
    with display(seconds=lambda: 0.0, **values) as sink:
        sink.emit(GateStarted(gate_id="lint"))
        return type(sink)


def test_display_fits_where_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_console", lambda: Console(file=io.StringIO(), force_terminal=True))
    assert shown(quiet=True, redraw=True) is Silent
    assert shown(redraw=True, verbose=True) is Plain
    assert shown() is Plain
    assert shown(redraw=True) is Lines


def test_long_text_is_cut() -> None:
    assert len(printable("x" * 500)) == 60
    assert printable("a\udcff\tb") == "a  b"
