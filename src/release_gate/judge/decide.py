"""The one place where evidence becomes a verdict: a run, and in ``gate.py`` each of its gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from release_gate.judge.derived import judge_last
from release_gate.judge.gate import judge_gate
from release_gate.judge.outcome import first
from release_gate.judge.types import Docket, GateResult, PolicyInputs, Report, Verdict
from release_gate.judge.verdicts import run_verdict, worse
from release_gate.model import Collected, Problem


def decide(docket: Docket, collected: Sequence[Collected], inputs: PolicyInputs) -> Report:
    """Judge a run. Pure: the same arguments give the same report.

    Args:
        docket: The plan as far as policy needs it.
        collected: What came of each gate, in any order.
        inputs: Baseline, clock and the other things policy decides by.
    """
    problems = (
        *_run_problems(docket, collected, inputs),
        *docket.unmet,
        *docket.changed_during_run,
    )
    by_id: dict[str, list[Collected]] = {}
    for item in collected:
        by_id.setdefault(item.gate_id, []).append(item)
    gates = tuple(judge_gate(gate, by_id.get(gate.gate_id, []), inputs) for gate in docket.gates)
    if docket.partial:
        # What was not looked at is not fixed.
        gates = tuple(replace(gate, fixed=()) for gate in gates)
    gates = (*gates, *judge_last(docket, gates, inputs))
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
        expected=tuple(gate.gate_id for gate in gates),
        not_applicable=docket.not_applicable,
        gates=gates,
        problems=problems,
        notes=docket.notes,
        planned=docket.planned,
        paths=docket.paths,
        needs=docket.needs,
        policy=docket.policy,
        replayed=inputs.replayed,
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
    if inputs.replayed and inputs.replay_is_error:
        problems.append(
            Problem(
                what=f"judged as of {inputs.effective_time.isoformat()}, not as of now",
                remedy="In CI a release is judged now: take --effective-time out.",
                slug="replayed-time",
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
        said.append(first(problems))
    if verdict is Verdict.PASS:
        return f"{_gates(counts[Verdict.PASS], 'passed', 'passed')}"
    return ", ".join(said) or "no gate was judged: a run of nothing is not a pass"


def _gates(count: int, one: str, many: str) -> str:
    return f"{count} {'gate' if count == 1 else 'gates'} {one if count == 1 else many}"
