"""One gate: from what came of it to its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from release_gate.judge.budgets import within_budget
from release_gate.judge.floor import shortcomings
from release_gate.judge.leeway import with_leeway
from release_gate.judge.limits import judged_metrics
from release_gate.judge.outcome import gate_verdict
from release_gate.judge.ratchets import ratcheted
from release_gate.judge.states import judged_findings, shown_order
from release_gate.judge.types import DocketGate, GateResult, PolicyInputs, Verdict
from release_gate.judge.waivers import apply_waivers, recounted
from release_gate.model import Collected, Evidence, Problem


def judge_gate(gate: DocketGate, results: Sequence[Collected], inputs: PolicyInputs) -> GateResult:
    """The result of one gate.

    Args:
        gate: What was planned.
        results: What came of it: exactly one, or it is an error.
        inputs: What policy decides by.
    """
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
        surroundings=gate.surroundings,
    )


def _judge(
    gate: DocketGate, result: Collected, evidence: Evidence, inputs: PolicyInputs
) -> GateResult:
    marks = inputs.baseline.marks if inputs.baseline else ()
    kept = ratcheted(gate, evidence, marks)
    gate, evidence = replace(gate, limits=kept.limits), replace(evidence, metrics=kept.metrics)
    judged, fixed = judged_findings(gate, evidence.findings, inputs)
    lacking = (*shortcomings(gate, evidence), *kept.problems)
    whole = not lacking and not inputs.narrowed
    waived = apply_waivers(gate.gate_id, judged, inputs, whole=whole)
    young = with_leeway(waived.findings, gate.leeway, inputs.effective_time)
    budgeted = within_budget(gate.budget, young, inputs.waivers)
    findings, problems = budgeted.findings, (*lacking, *waived.problems)
    metrics = judged_metrics(evidence.metrics, gate.limits)
    verdict, reason = gate_verdict(
        findings,
        metrics,
        problems,
        evidence.limitations,
        waived.failures,
        budgeted.said,
        evidence.examined.unit,
    )
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
        findings=tuple(sorted(findings, key=shown_order)),
        fixed=() if lacking else fixed,
        metrics=metrics,
        problems=problems,
        limitations=evidence.limitations,
        suppressions=evidence.suppressions,
        artifacts=evidence.artifacts,
        tables=evidence.tables,
        notes=evidence.notes,
        data=evidence.data,
        surroundings=gate.surroundings,
        waivers=recounted(waived.uses, findings),
    )
