"""Whether a stored report bears out what it claims.

A file can be edited, merged badly or written by something else. What is
checked here follows from the rules of the verdict alone, not from how a gate's
evidence was weighed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from release_gate.judge.intervals import keeps, unsettled
from release_gate.judge.types import (
    GateResult,
    JudgedMetric,
    Report,
    State,
    Verdict,
    WaiverStatus,
)
from release_gate.judge.verdicts import run_verdict, worse
from release_gate.model import Severity
from release_gate.report.schema import StoredReport


def contradictions(stored: StoredReport, report: Report) -> Iterator[str]:
    """Everything in which the report contradicts itself, one phrase each.

    Args:
        stored: The stored form, for what is derived only there.
        report: The same as values.
    """
    yield from _run(report)
    for gate in report.gates:
        yield from (f"gate {gate.gate_id}: {lie}" for lie in _gate(gate))
    known = {gate.gate_id for gate in report.gates}
    for entry in stored.fixed:
        if entry.gate_id not in known:
            yield f"a fixed finding of {entry.gate_id}, which is not among the gates"


def _run(report: Report) -> Iterator[str]:
    ids = [gate.gate_id for gate in report.gates]
    for name in report.expected:
        if name not in ids:
            yield f"gate {name} was expected and has no result"
    for name in ids:
        if name not in report.expected:
            yield f"gate {name} has a result and was not expected"
    for name in () if report.partial else report.planned:
        if name not in ids:
            yield f"gate {name} is planned and has no result, and it does not call itself a part"
    verdict = run_verdict(gate.verdict for gate in report.gates if gate.enforce)
    if report.problems or len(ids) != len(set(ids)):
        verdict = worse(verdict, Verdict.ERROR)
    if report.verdict is not verdict:
        yield f"it says {report.verdict}, its gates say {verdict}"


def _gate(gate: GateResult) -> Iterator[str]:
    for item in gate.metrics:
        if item.met is not _met(item):
            yield f"{item.metric.name} is marked {_word(item.met)}, which its value does not bear"
    yield from _waivers(gate)
    if gate.verdict is Verdict.PASS:
        yield from _unfounded_pass(gate)


def _waivers(gate: GateResult) -> Iterator[str]:
    covered = Counter(item.waiver_id for item in gate.findings if item.waiver_id is not None)
    claimed = {one.id: one.findings for one in gate.waivers if one.findings}
    if covered != claimed or len({one.id for one in gate.waivers}) != len(gate.waivers):
        yield "the waivers are not those of its findings"
    for one in gate.waivers:
        if one.findings and one.status is not WaiverStatus.IN_FORCE:
            yield f"waiver {one.id} is {one.status}, and covers {one.findings}"
    for item in gate.findings:
        rule = item.finding.rule_id
        if (item.state is State.WAIVED) != (item.waiver_id is not None):
            yield f"{rule} is {item.state}, and its waiver is {item.waiver_id or 'none'}"
        never = item.finding.always_blocks or item.finding.severity is Severity.CRITICAL
        if item.state is State.WAIVED and (item.enforced or never):
            yield f"{rule} is waived, which no waiver can do"


def _unfounded_pass(gate: GateResult) -> Iterator[str]:
    if gate.examined is None or gate.examined.count < 1:
        yield "it passed, and nothing was examined"
    if gate.problems:
        yield f"it passed in spite of a problem: {gate.problems[0].what}"
    for item in gate.metrics:
        if item.met is False:
            yield f"it passed, and {item.metric.name} misses its limit"
        if unsettled(item):
            yield f"it passed, and {item.metric.name} is not settled against its limit"
    for judged in gate.findings:
        if judged.finding.always_blocks and judged.enforced:
            yield f"it passed in spite of {judged.finding.rule_id}, which always blocks"


def _met(item: JudgedMetric) -> bool | None:
    limit = item.limit
    if limit is None or not item.metric.is_number:
        return None
    return keeps(item.metric, limit)


def _word(met: bool | None) -> str:  # noqa: FBT001 - the value itself is what is named
    return {True: "met", False: "missed", None: "not compared"}[met]
