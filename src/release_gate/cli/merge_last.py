"""The checklist and the score over merged parts: no job of its own can judge them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from release_gate.cli.options import Wish
from release_gate.cli.wiring import Kit, tool_info
from release_gate.judge.needs import NamedReport
from release_gate.judge.verdicts import run_verdict
from release_gate.run.last import judged_last
from release_gate.trust import CHECKLIST, READINESS

NAME = "judged by this merge"
_LAST = frozenset({CHECKLIST, READINESS})


def with_last(reports: Sequence[NamedReport], wish: Wish) -> tuple[NamedReport, ...]:
    """The reports, with a part for the checklist and the score of each phase that lacks them.

    Where the checkout has another commit or another policy than the parts, none is made, and
    the merge says that it is missing.

    Args:
        reports: Parts and full reports.
        wish: How to plan here.
    """
    groups: dict[tuple[str, str | None], list[NamedReport]] = {}
    for one in reports:
        groups.setdefault((one.report.phase, one.report.subject.environment), []).append(one)
    return (*reports, *(part for group in groups.values() for part in _parts(group, wish)))


def _parts(group: Sequence[NamedReport], wish: Wish) -> Iterator[NamedReport]:
    first = group[-1].report
    gates = {gate.gate_id: gate for one in group for gate in one.report.gates}
    wanted = {gate_id for one in group for gate_id in one.report.planned} & _LAST
    if not wanted - gates.keys() or not all(one.report.partial for one in group):
        return
    chosen = replace(wish, phase=first.phase, environment=first.subject.environment)
    with Kit(chosen) as kit:
        plan = kit.plan()
        now = kit.clock.now()
    if plan.policy_digest != first.policy_digest or plan.subject.commit != first.subject.commit:
        return
    results = judged_last(plan, list(gates.values()), tool=tool_info(), now=now)
    yield NamedReport(
        name=NAME,
        report=replace(
            first,
            verdict=run_verdict(gate.verdict for gate in results),
            expected=tuple(gate.gate_id for gate in results),
            gates=results,
            problems=(),
            started_at=now.isoformat(),
            duration_s=0.0,
        ),
    )
