"""The gates that judge all others, where the others' results came from several runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from release_gate.judge.derived import judge_last
from release_gate.judge.types import Docket, GateResult, PolicyInputs, ToolInfo
from release_gate.plan.types import Plan


def judged_last(
    plan: Plan, gates: Sequence[GateResult], *, tool: ToolInfo, now: datetime
) -> tuple[GateResult, ...]:
    """Results of the checklist and the score, over the results of all other gates.

    Args:
        plan: Of the phase, whole.
        gates: Of that phase, from wherever they came.
        tool: Who judges.
        now: The moment to judge at, aware.
    """
    items = plan.judging.checklist
    zones = sorted(items.checklist.zones()) if items is not None else []
    docket = Docket(
        gates=(),
        subject=plan.subject,
        phase=plan.phase,
        tool=tool,
        started_at=now.isoformat(),
        last=plan.judging.last,
    )
    inputs = PolicyInputs(
        effective_time=now,
        waivers=plan.waivers,
        waiver_policy=plan.waiver_policy,
        checklist=items,
        local_times={zone: now.astimezone(ZoneInfo(zone)) for zone in zones},
        score=plan.judging.score,
        environment=plan.environment,
    )
    return judge_last(docket, gates, inputs)
