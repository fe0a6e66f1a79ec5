"""The result on a terminal: short when all is well, to the point when it is not."""

from __future__ import annotations

from collections.abc import Sequence

from release_gate.judge.types import Report
from release_gate.report.templating import Templates
from release_gate.report.text import cells, inert, resolve
from release_gate.report.view import Caps, RunView, build

_BRIEF = Caps(blocking=20, others=0, rows=5, excerpt=5)
_VERBOSE = Caps(blocking=500, others=50, rows=50, excerpt=12)
_MOST_ROWS = 8
_NARROWEST, _WIDEST = 40, 120
_WIDEST_COLUMN = 48


def render(
    report: Report,
    *,
    colour: bool,
    width: int,
    verbose: bool,
    report_path: str,
    templates: Templates | None = None,
) -> str:
    """The text to print after a run.

    Args:
        report: What to show.
        colour: Whether escape sequences are wanted; the caller knows the terminal and ``NO_COLOR``.
        width: Terminal cells in a line.
        verbose: Every gate and every finding that blocks, not only the first.
        report_path: Where the page is, as the reader would type it.
        templates: Where ``console.txt`` comes from; default: the built-in one.

    Raises:
        TemplateProblem: If a template is missing or broken.
    """
    run = build(report, _VERBOSE if verbose else _BRIEF)
    text = (templates or Templates()).render(
        "console.txt",
        run=run,
        report_path=report_path,
        width=max(_NARROWEST, min(width, _WIDEST)),
        verbose=verbose,
        **_layout(run, verbose=verbose),
    )
    lines = [line.rstrip() for line in resolve(text, colour=colour).splitlines()]
    return inert("\n".join(lines)) + "\n"


def _layout(run: RunView, *, verbose: bool) -> dict[str, object]:
    """Which gates get a row of their own, and how wide the columns are."""
    loud = [gate for gate in run.worst_first if gate.calls_for_action]
    quiet = [gate for gate in run.worst_first if not gate.calls_for_action]
    few = len(run.gates) <= _MOST_ROWS
    if verbose or (few and not loud):
        rows, rest = [*run.gates], []
    elif loud:
        rows, rest = loud, quiet
    else:
        rows, rest = list(run.gates[: _MOST_ROWS - 1]), list(run.gates[_MOST_ROWS - 1 :])
    return {
        "rows": rows,
        "rest": [
            (symbol, tone, [gate.id for gate in rest if (gate.symbol, gate.tone) == (symbol, tone)])
            for symbol, tone in dict.fromkeys((gate.symbol, gate.tone) for gate in rest)
        ],
        "name_width": _column([gate.id for gate in rows]),
        "headline_width": _column([gate.headline for gate in rows]),
        "duration_width": _column([gate.duration for gate in rows]),
    }


def _column(texts: Sequence[str]) -> int:
    return min(max((cells(text) for text in texts), default=0), _WIDEST_COLUMN)
