"""One gate in words: its row, and what stands behind it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.types import GateResult, JudgedFinding, JudgedMetric, State, Verdict
from release_gate.model import BaseRef, Examined, Suppression, ToolRun
from release_gate.report.clean import one_line
from release_gate.report.numbers import count_text, duration_text, size_text
from release_gate.report.view import waivers
from release_gate.report.view.findings import (
    accepted,
    blocking,
    finding_view,
    others,
    problem_view,
)
from release_gate.report.view.metrics import comparison, metric_view
from release_gate.report.view.types import Caps, FindingView, GateView, TableView, ToolView

SYMBOLS = {
    Verdict.PASS: "✔",
    Verdict.FAIL: "✘",
    Verdict.ERROR: "‼",
    Verdict.INCONCLUSIVE: "?",
    Verdict.SKIPPED: "-",
}
_WORDS = {
    Verdict.ERROR: "could not judge",
    Verdict.INCONCLUSIVE: "not enough to say",
    Verdict.SKIPPED: "skipped",
}


def gate_view(gate: GateResult, *, number: int, base: BaseRef, caps: Caps, shown: int) -> GateView:
    """One gate, phrased.

    Args:
        gate: Its result, already clean.
        number: Its position, for the anchor.
        base: What differences were taken against.
        caps: How much to show.
        shown: How many of its blocking findings to show.
    """
    label = one_line(gate.gate_id) + ("" if gate.enforce else " (does not decide)")

    def views(items: Sequence[JudgedFinding], most: int) -> tuple[FindingView, ...]:
        return tuple(finding_view(f, label, base, caps.excerpt, gate.waivers) for f in items[:most])

    blocks, rest, old = blocking(gate), others(gate), accepted(gate)
    metrics = [metric_view(item) for item in gate.metrics]
    bad = gate.verdict in {Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE}
    return GateView(
        anchor=str(number),
        id=one_line(gate.gate_id),
        label=label,
        title=one_line(gate.title),
        kind=one_line(gate.kind),
        symbol=SYMBOLS[gate.verdict],
        tone=gate.verdict.value if gate.enforce or not bad else "advisory",
        verdict=gate.verdict.value,
        headline=_headline(gate, len(blocks)),
        duration=duration_text(gate.duration_s) if gate.started_at else "",
        notes=tuple(_notes(gate)),
        reason=one_line(gate.reason),
        calls_for_action=bad,
        examined=examined_text(gate.examined),
        blocking=views(blocks, shown),
        more_blocking=_more(len(blocks) - shown),
        others=views(rest, caps.others),
        more_others=_more(len(rest) - caps.others),
        accepted=views(old, caps.others),
        more_accepted=_more(len(old) - caps.others),
        fixed=count_text(len(gate.fixed), "accepted finding is", "accepted findings are") + " gone"
        if gate.fixed
        else "",
        gone=_gone(gate.fixed, caps.rows),
        missed=tuple(metric for metric in metrics if metric.mark in {"missed", "not settled"}),
        metrics=tuple(metrics),
        problems=tuple(problem_view(problem) for problem in gate.problems[: caps.rows]),
        limitations=tuple(
            f"{one_line(item.detail)} ({one_line(item.name)})" for item in gate.limitations
        ),
        left_out=_left_out(gate.examined, caps.rows),
        waivers=table_view("Waivers", waivers.COLUMNS, waivers.rows(gate), caps.rows),
        new_suppressions=_suppressions(gate.suppressions, caps.rows),
        suppressions=_suppression_count(gate.suppressions),
        tables=tuple(
            table_view(table.title, table.columns, table.rows, caps.rows) for table in gate.tables
        ),
        artifacts=table_view(
            "Files",
            ("file", "type", "size", "SHA-256"),
            [(a.path, a.media_type, size_text(a.size), a.sha256) for a in gate.artifacts],
            caps.rows,
        ),
        tools=tuple(_tool(run) for run in gate.tools),
    )


def examined_text(examined: Examined | None) -> str:
    """``412 files, 1 skipped``; empty where no evidence came."""
    if examined is None:
        return ""
    text = amount(examined.count, one_line(examined.unit))
    return f"{text}, {len(examined.skipped):,} skipped" if examined.skipped else text


def amount(count: int, unit: str) -> str:
    """``1 file``, ``61 packages``, ``1 dependency``; the unit comes as a plural."""
    if count != 1:
        return f"{count:,} {unit}"
    if unit.endswith("ies"):
        return f"1 {unit[:-3]}y"
    return f"1 {unit[:-1]}" if unit.endswith("s") and not unit.endswith("ss") else f"1 {unit}"


def table_view(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], most: int
) -> TableView:
    """A table, cut to its first rows."""
    return TableView(
        title=one_line(title),
        columns=tuple(one_line(cell) for cell in columns),
        rows=tuple(tuple(one_line(cell) for cell in row) for row in rows[:most]),
        more=_more(len(rows) - most),
    )


def _headline(gate: GateResult, blocks: int) -> str:
    if gate.verdict in _WORDS:
        return _WORDS[gate.verdict]
    if gate.verdict is Verdict.FAIL and blocks:
        return count_text(blocks, "new finding")
    telling = _telling_metric(gate.metrics, missed=gate.verdict is Verdict.FAIL)
    if telling is not None:
        return comparison(telling)
    if gate.verdict is Verdict.FAIL:
        return one_line(gate.reason)
    return examined_text(gate.examined) or gate.verdict.value


def _telling_metric(metrics: Iterable[JudgedMetric], *, missed: bool) -> JudgedMetric | None:
    if missed:
        return next((item for item in metrics if item.met is False), None)
    return next((item for item in metrics if item.met and item.metric.unit == "%"), None)


def _notes(gate: GateResult) -> Iterable[str]:
    if not gate.enforce:
        yield "does not decide"
    if gate.verdict is Verdict.SKIPPED:
        yield one_line(gate.reason)
    if gate.cached:
        yield "reused"
    elif gate.examined and gate.examined.reused:
        yield f"reused {gate.examined.reused:,}"
    states = [item.state for item in gate.findings]
    counts = [
        (len(gate.fixed), "fixed"),
        (states.count(State.KNOWN), "known"),
        (states.count(State.WAIVED), "waived"),
    ]
    if any(count for count, _ in counts):
        first = waivers.nearest(gate.waivers)
        until = f" ({waivers.ends(first.days_left)})" if first else ""
        yield ", ".join(f"{count:,} {word}" for count, word in counts if count) + until
    yield from waivers.notes(gate)
    added = sum(item.since_base is True for item in gate.suppressions)
    if added:
        yield count_text(added, "new suppression")
    yield from (one_line(note) for note in gate.notes)


def _gone(entries: Sequence[BaselineEntry], most: int) -> TableView:
    """What the baseline still accepts although it is not there any more."""
    rows = [
        (entry.rule_id, entry.path or entry.message, entry.reason or entry.label)
        for entry in entries
    ]
    return table_view("Accepted, and no longer there", ("rule", "where", "accepted as"), rows, most)


def _left_out(examined: Examined | None, most: int) -> TableView:
    skipped = examined.skipped if examined else ()
    rows = [(item.what, item.reason, item.allowed_by or "nothing: an error") for item in skipped]
    return table_view("Not examined", ("what", "why", "allowed by"), rows, most)


def _suppressions(items: Sequence[Suppression], most: int) -> TableView:
    rows = [
        (item.directive, ", ".join(item.rules) or "every rule", f"{item.path}:{item.line}")
        for item in items
        if item.since_base is True
    ]
    return table_view("Suppressions new since the base", ("comment", "hides", "where"), rows, most)


def _suppression_count(items: Sequence[Suppression]) -> str:
    if not items:
        return ""
    added = sum(item.since_base is True for item in items)
    unknown = sum(item.since_base is None for item in items)
    text = count_text(len(items), "comment hides", "comments hide") + " findings in the source"
    if unknown == len(items):
        return f"{text}; there is no base to say which are new"
    return f"{text}; {added:,} new since the base"


def _tool(run: ToolRun) -> ToolView:
    return ToolView(
        name=one_line(run.name),
        version=one_line(run.version),
        command=one_line(" ".join(_quoted(word) for word in run.command)),
        exit_code=str(run.exit_code),
        home=run.home,
    )


def _quoted(word: str) -> str:
    """Quoted for a shell, but for the stand-ins of paths."""
    return word if word.startswith(("{python}", "{root}", "{tmp}")) else shlex.quote(word)


def _more(count: int) -> str:
    return f"{count:,} more" if count > 0 else ""
