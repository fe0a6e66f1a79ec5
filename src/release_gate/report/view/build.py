"""A report turned into what templates show: every phrase is made here, none decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from release_gate.judge.types import Report, Verdict
from release_gate.judge.verdicts import exit_code
from release_gate.report.clean import clean, one_line
from release_gate.report.numbers import count_text, duration_text
from release_gate.report.view import sentences
from release_gate.report.view.findings import base_name, blocking, problem_view, shares
from release_gate.report.view.gates import SYMBOLS, amount, gate_view
from release_gate.report.view.types import Caps, Fact, GateView, RunView

_TONES_WORST_FIRST = ("fail", "error", "inconclusive", "advisory", "skipped", "pass")
_USUAL = Caps()


def build(report: Report, caps: Caps = _USUAL) -> RunView:
    """The report, phrased.

    Args:
        report: Any report; its texts may hold anything.
        caps: How much of a long one to show.
    """
    report = _clean_but_for_findings(report)
    gates = _gates(report, caps)
    half = (report.partial or report.replayed) and report.verdict is Verdict.PASS
    return RunView(
        answer=sentences.answer(report),
        tone="partial" if half else report.verdict.value,
        symbol=SYMBOLS[report.verdict],
        about=sentences.about(report),
        project=sentences.project(report),
        verdict=f"{_half(report)}{report.verdict.value.upper()}",
        reason=one_line(report.reason),
        exit_code=exit_code(report.verdict),
        duration=duration_text(report.duration_s),
        sentences=sentences.sentences(report, gates),
        partial=sentences.partial(report),
        opening=_opening(report),
        gates=gates,
        worst_first=tuple(sorted(gates, key=lambda gate: _TONES_WORST_FIRST.index(gate.tone))),
        problems=tuple(problem_view(problem) for problem in report.problems[: caps.rows]),
        calls_for_action=bool(report.problems) or any(gate.calls_for_action for gate in gates),
        accepts=any(gate.accepted for gate in gates),
        facts=tuple(_facts(report)),
        not_applicable=tuple(
            Fact(label=one_line(item.gate_id), value=one_line(item.reason))
            for item in report.not_applicable
        ),
        notes=tuple(one_line(note) for note in report.notes),
        tool=one_line(f"{report.tool.name} {report.tool.version}"),
    )


def _half(report: Report) -> str:
    """Before the verdict of a run that is no answer for the release."""
    return f"{'PARTIAL ' if report.partial else ''}{'REPLAYED ' if report.replayed else ''}"


def _clean_but_for_findings(report: Report) -> Report:
    """Of thousands of findings only the ones shown are cleaned, each when it is phrased."""
    bare = [dataclasses.replace(gate, findings=()) for gate in report.gates]
    cleaned = clean(dataclasses.replace(report, gates=tuple(bare)))
    gates = [
        dataclasses.replace(gate, findings=full.findings)
        for gate, full in zip(cleaned.gates, report.gates, strict=True)
    ]
    return dataclasses.replace(cleaned, gates=tuple(gates))


def _gates(report: Report, caps: Caps) -> tuple[GateView, ...]:
    shown = shares([blocking(gate) for gate in report.gates], caps.blocking)
    return tuple(
        gate_view(gate, number=number, base=report.base, caps=caps, shown=share)
        for number, (gate, share) in enumerate(zip(report.gates, shown, strict=True), start=1)
    )


def _opening(report: Report) -> tuple[str, ...]:
    subject = report.subject
    tree = {True: " (uncommitted changes)", False: " (clean)", None: ""}[subject.dirty]
    commit = f" @ {subject.commit[:7]}{tree}" if subject.commit else ""
    base = f"base {one_line(report.base.ref)}" if report.base.ref else "no base"
    examined = [
        gate.examined.count
        for gate in report.gates
        if gate.examined and gate.examined.unit == "files"
    ]
    count = count_text(len(report.gates), "gate")
    return (
        one_line(f"{report.tool.name} {report.tool.version}"),
        one_line(subject.repository) + commit,
        base,
        f"{count}, {amount(max(examined), 'files')}" if examined else count,
    )


def _facts(report: Report) -> Sequence[Fact]:
    subject, base = report.subject, report.base
    tree = {True: ", with uncommitted changes", False: ", clean", None: ""}[subject.dirty]
    against = base_name(base) or "none"
    tool = report.tool
    pairs = [
        ("Repository", subject.repository),
        ("Commit", f"{subject.commit}{tree}" if subject.commit else "none"),
        ("Files judged", subject.tree),
        ("Compared with", f"{against} ({base.note})" if base.note else against),
        ("Phase", report.phase),
        ("Environment", subject.environment or "none chosen"),
        ("Judged as of", report.effective_time + (" (replayed)" if report.replayed else "")),
        ("Policy", report.policy_digest or "none"),
        ("Policy from", _policy(report)),
        ("Judged by", f"{tool.name} {tool.version}, Python {tool.python}, {tool.platform}"),
        ("Started", report.started_at),
        ("Took", duration_text(report.duration_s)),
        *((f"Artefact {item.name}", f"sha256:{item.sha256}") for item in subject.artifacts),
    ]
    return [Fact(label=one_line(label), value=one_line(value)) for label, value in pairs]


_POLICY = {
    "base": "the base",
    "approved": "this change, all of it approved or tighter than the base",
    "adopting": "this change: adopting, the base has none yet",
    "head": "this change",
}


def _policy(report: Report) -> str:
    source = report.policy
    where = f"{source.commit[:7]}, " if source.commit else ""
    told = f" ({where}{source.note})" if source.note else ""
    return f"{_POLICY[source.mode]}{told}"
