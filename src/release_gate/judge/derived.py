"""Gates that judge the results of all others: derived after them, once, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence

from release_gate.judge import checklist, readiness
from release_gate.judge.checklist import Moment
from release_gate.judge.gate import judge_gate
from release_gate.judge.types import Docket, DocketGate, GateResult, PolicyInputs
from release_gate.model import Collected, Evidence, Limit


def judge_last(
    docket: Docket, gates: Sequence[GateResult], inputs: PolicyInputs
) -> tuple[GateResult, ...]:
    """The results of the gates that are derived from the others.

    Args:
        docket: Names in ``last`` those that are expected.
        gates: All others, judged.
        inputs: With the checklist and the rules of the score.
    """
    results = tuple(gates)
    for gate_id in docket.last:
        limits, evidence = _DERIVED[gate_id](docket, results, inputs)
        title = {checklist.GATE_ID: checklist.TITLE, readiness.GATE_ID: readiness.TITLE}[gate_id]
        planned = DocketGate(
            gate_id=gate_id, kind=gate_id, title=title, phase=docket.phase, limits=limits
        )
        collected = Collected(gate_id=gate_id, evidence=evidence, started_at=docket.started_at)
        found = [] if evidence is None else [collected]
        results = (*results, judge_gate(planned, found, inputs))
    return results[len(gates) :]


_Result = tuple[tuple[Limit, ...], Evidence | None]


def _checklist(docket: Docket, gates: Sequence[GateResult], inputs: PolicyInputs) -> _Result:
    if inputs.checklist is None:
        return (), None
    moment = Moment(
        now=inputs.effective_time,
        local=inputs.local_times,
        phase=docket.phase,
        environment=inputs.environment,
    )
    return (), checklist.evidence(inputs.checklist, gates, moment, inputs.history or ())


def _readiness(docket: Docket, gates: Sequence[GateResult], inputs: PolicyInputs) -> _Result:
    if inputs.score is None:
        return (), None
    subject = docket.subject
    release = subject.version or subject.commit or subject.tree
    key = (release, docket.phase, inputs.environment or "")
    evidence = readiness.evidence(inputs.score, gates, inputs.history, key)
    return readiness.limits(inputs.score), evidence


_DERIVED = {checklist.GATE_ID: _checklist, readiness.GATE_ID: _readiness}
