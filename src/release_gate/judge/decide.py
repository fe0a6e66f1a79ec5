"""The one place where evidence becomes a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from release_gate.judge.floor import shortcomings
from release_gate.judge.matching import match
from release_gate.judge.types import (
    Docket,
    DocketGate,
    GateResult,
    JudgedFinding,
    JudgedMetric,
    PolicyInputs,
    Report,
    State,
    Verdict,
)
from release_gate.judge.verdicts import run_verdict, worse
from release_gate.model import (
    Budget,
    Collected,
    Evidence,
    Finding,
    Limit,
    Limitation,
    Metric,
    Problem,
    Severity,
)

# What a limitation caps a gate's verdict at; one that is not listed caps it at error.
CAPS: Mapping[str, Verdict] = {
    "advisories-too-old": Verdict.INCONCLUSIVE,
    "advisories-undated": Verdict.INCONCLUSIVE,
}


def decide(docket: Docket, collected: Sequence[Collected], inputs: PolicyInputs) -> Report:
    """Judge a run. Pure: the same arguments give the same report.

    Args:
        docket: The plan as far as policy needs it.
        collected: What came of each gate, in any order.
        inputs: Baseline, clock and the other things policy decides by.
    """
    problems = (*_run_problems(docket, collected, inputs), *docket.changed_during_run)
    by_id: dict[str, list[Collected]] = {}
    for item in collected:
        by_id.setdefault(item.gate_id, []).append(item)
    gates = tuple(_gate(gate, by_id.get(gate.gate_id, []), inputs) for gate in docket.gates)
    if docket.partial:
        # What was not looked at is not fixed.
        gates = tuple(replace(gate, fixed=()) for gate in gates)
    verdict = run_verdict(gate.verdict for gate in gates if gate.enforce)
    if problems:
        verdict = worse(verdict, Verdict.ERROR)
    return Report(
        verdict=verdict,
        reason=_run_reason(verdict, gates, problems),
        partial=docket.partial,
        subject=docket.subject,
        base=docket.base,
        phase=docket.phase,
        effective_time=inputs.effective_time.isoformat(),
        policy_digest=inputs.policy_digest,
        tool=docket.tool,
        started_at=docket.started_at,
        duration_s=docket.duration_s,
        expected=tuple(gate.gate_id for gate in docket.gates),
        not_applicable=docket.not_applicable,
        gates=gates,
        problems=problems,
        notes=docket.notes,
    )


def _run_problems(
    docket: Docket, collected: Sequence[Collected], inputs: PolicyInputs
) -> list[Problem]:
    problems = []
    if inputs.dirty_is_error and docket.subject.dirty:
        problems.append(
            Problem(
                what="the work tree differs from the commit",
                remedy="Commit the changes, or set allow-dirty = true.",
                slug="dirty-tree",
            )
        )
    expected = {gate.gate_id for gate in docket.gates}
    problems += [
        Problem(what=f"there is a result of {gate_id}, which was not planned", slug="foreign-gate")
        for gate_id in sorted({item.gate_id for item in collected} - expected)
    ]
    twice = Counter(gate.gate_id for gate in docket.gates)
    problems += [
        Problem(what=f"gate {gate_id} is planned {count} times", slug="gate-twice")
        for gate_id, count in sorted(twice.items())
        if count > 1
    ]
    return problems


def _gate(gate: DocketGate, results: Sequence[Collected], inputs: PolicyInputs) -> GateResult:
    if gate.skip_reason:
        return _unjudged(gate, Verdict.SKIPPED, f"skipped by configuration: {gate.skip_reason}")
    if gate.inapplicable:
        return _could_not(
            gate,
            Problem(
                what=f"expected, but does not apply: {gate.inapplicable}",
                remedy="Mend the cause, or take the gate out of expected.",
                slug="expected-does-not-apply",
            ),
        )
    if len(results) != 1:
        said = "no result came" if not results else f"{len(results)} results came"
        return _could_not(
            gate, Problem(what=f"{said}, one was expected", slug="gate-without-result")
        )
    result = results[0]
    if result.evidence is None or result.problem is not None:
        problem = result.problem or Problem(
            what="the gate returned no evidence", slug="gate-without-result"
        )
        return _could_not(gate, problem, result)
    return _judge(gate, result, result.evidence, inputs)


def _unjudged(gate: DocketGate, verdict: Verdict, reason: str) -> GateResult:
    return GateResult(
        gate_id=gate.gate_id,
        kind=gate.kind,
        title=gate.title,
        phase=gate.phase,
        verdict=verdict,
        reason=reason,
        enforce=gate.enforce,
    )


def _could_not(gate: DocketGate, problem: Problem, result: Collected | None = None) -> GateResult:
    return GateResult(
        gate_id=gate.gate_id,
        kind=gate.kind,
        title=gate.title,
        phase=gate.phase,
        verdict=Verdict.ERROR,
        reason=problem.what,
        enforce=gate.enforce,
        started_at=result.started_at if result else "",
        duration_s=result.duration_s if result else 0.0,
        problems=(problem,),
    )


def _judge(
    gate: DocketGate, result: Collected, evidence: Evidence, inputs: PolicyInputs
) -> GateResult:
    entries = inputs.baseline.entries if inputs.baseline else ()
    matched = match(
        evidence.findings,
        [entry for entry in entries if entry.gate_id == gate.gate_id],
        inputs.renames,
    )
    findings = tuple(
        _finding(finding, digest, known=entry is not None, budget=gate.budget)
        for finding, digest, entry in zip(
            evidence.findings, matched.fingerprints, matched.entries, strict=True
        )
    )
    confirmed = {
        digest
        for digest, entry in zip(matched.fingerprints, matched.entries, strict=True)
        if entry is not None and entry.label == "confirmed"
    }
    findings = tuple(
        _block(item) if item.fingerprint in confirmed or item.finding.always_blocks else item
        for item in findings
    )
    problems = shortcomings(gate, evidence)
    metrics = tuple(_metric(metric, gate.limits) for metric in evidence.metrics)
    verdict, reason = _verdict(gate, findings, metrics, problems, evidence.limitations)
    return GateResult(
        gate_id=gate.gate_id,
        kind=gate.kind,
        title=gate.title,
        phase=gate.phase,
        verdict=verdict,
        reason=reason,
        enforce=gate.enforce,
        started_at=result.started_at,
        duration_s=result.duration_s,
        cached=result.cached,
        examined=evidence.examined,
        tools=evidence.tools,
        findings=tuple(sorted(findings, key=_order)),
        fixed=() if problems else matched.fixed,
        metrics=metrics,
        problems=problems,
        limitations=evidence.limitations,
        suppressions=evidence.suppressions,
        artifacts=evidence.artifacts,
        tables=evidence.tables,
        notes=evidence.notes,
    )


def _finding(finding: Finding, digest: str, *, known: bool, budget: Budget) -> JudgedFinding:
    state = State.KNOWN if known else State.NEW
    counts = finding.severity in budget.allowed or _counts_as(finding.severity) in budget.allowed
    return JudgedFinding(
        finding=finding,
        fingerprint=digest,
        state=state,
        enforced=counts and state is State.NEW,
        since="this change" if finding.in_change and state is State.NEW else "",
    )


def _block(item: JudgedFinding) -> JudgedFinding:
    return JudgedFinding(
        finding=replace(item.finding, always_blocks=True),
        fingerprint=item.fingerprint,
        state=State.NEW,
        enforced=True,
        since=item.since,
    )


def _order(item: JudgedFinding) -> tuple[int, int, str, int, int, str, str]:
    finding = item.finding
    return (
        list(State).index(item.state),
        finding.severity.rank,
        finding.path or "",
        finding.line or 0,
        finding.column or 0,
        finding.rule_id,
        item.fingerprint,
    )


def _metric(metric: Metric, limits: Sequence[Limit]) -> JudgedMetric:
    limit = next((limit for limit in limits if limit.metric == metric.name), None)
    if limit is None or not metric.is_number:
        return JudgedMetric(metric=metric, limit=limit)
    value = metric.exact()
    low_enough = limit.at_most is None or value <= limit.at_most
    high_enough = limit.at_least is None or value >= limit.at_least
    return JudgedMetric(metric=metric, limit=limit, met=low_enough and high_enough)


def _verdict(
    gate: DocketGate,
    findings: Sequence[JudgedFinding],
    metrics: Sequence[JudgedMetric],
    problems: Sequence[Problem],
    limitations: Sequence[Limitation],
) -> tuple[Verdict, str]:
    blocking = _blocking(gate.budget, findings)
    missed = [item.metric.name for item in metrics if item.met is False]
    failing = [*([_plural(blocking, "finding blocks", "findings block")] if blocking else [])]
    failing += [f"{name} misses its limit" for name in missed]
    if problems:
        also = f"; besides, {', '.join(failing)}" if failing else ""
        return Verdict.ERROR, f"{_first(problems)}{also}"
    if failing:
        return Verdict.FAIL, ", ".join(failing)
    verdict, reason = Verdict.PASS, _passed(findings)
    for limitation in limitations:
        cap = CAPS.get(limitation.name, Verdict.ERROR)
        if worse(verdict, cap) is not verdict:
            verdict, reason = cap, limitation.detail
    return verdict, reason


def _blocking(budget: Budget, findings: Sequence[JudgedFinding]) -> int:
    counts = Counter(_counts_as(item.finding.severity) for item in findings if item.enforced)
    always = [item for item in findings if item.enforced and item.finding.always_blocks]
    over = 0
    for severity, count in counts.items():
        allowed = min(
            (
                budget.allowed[s]
                for s in Severity
                if _counts_as(s) is severity and s in budget.allowed
            ),
            default=0,
        )
        over += count if count > allowed else 0
    return max(over, len(always))


def _counts_as(severity: Severity) -> Severity:
    return Severity.HIGH if severity is Severity.UNKNOWN else severity


def _passed(findings: Sequence[JudgedFinding]) -> str:
    known = sum(item.state is State.KNOWN for item in findings)
    return f"nothing new, {known} known" if known else "nothing new"


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} new {one if count == 1 else many}"


def _run_reason(verdict: Verdict, gates: Sequence[GateResult], problems: Sequence[Problem]) -> str:
    counting = [gate for gate in gates if gate.enforce]
    counts = Counter(gate.verdict for gate in counting)
    unjudged = counts[Verdict.ERROR] + counts[Verdict.INCONCLUSIVE]
    said = []
    if counts[Verdict.FAIL]:
        said.append(f"{_gates(counts[Verdict.FAIL], 'blocks', 'block')}")
    if unjudged:
        said.append(f"{_gates(unjudged, 'could', 'could')} not be judged")
    if problems:
        said.append(_first(problems))
    if verdict is Verdict.PASS:
        return f"{_gates(counts[Verdict.PASS], 'passed', 'passed')}"
    return ", ".join(said) or "no gate was judged: a run of nothing is not a pass"


def _first(problems: Sequence[Problem]) -> str:
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{problems[0].what}{more}"


def _gates(count: int, one: str, many: str) -> str:
    return f"{count} {'gate' if count == 1 else 'gates'} {one if count == 1 else many}"
