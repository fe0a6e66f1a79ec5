"""The run behind a baseline: what the gates find, and what their ratchets measure."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

from release_gate.cli.live import can_redraw, display
from release_gate.cli.terminal import is_terminal
from release_gate.cli.updating import Reached
from release_gate.cli.wiring import Kit, identity_key, tool_info
from release_gate.judge.baseline import Baseline
from release_gate.judge.baseline_layout import render
from release_gate.judge.ratchets import FINDINGS, direction
from release_gate.judge.types import GateResult, Report
from release_gate.model import Metric, Ratchet
from release_gate.plan.types import Plan
from release_gate.run.chain import execute
from release_gate.run.interrupt import Interrupts


def gate_ids(plan: Plan) -> list[str]:
    """Ids of the planned gates."""
    return [one.gate_id for one in plan.gates]


def judged(kit: Kit, plan: Plan, old: Baseline, interrupts: Interrupts, *, knows: bool) -> Report:
    """A run of the planned gates without their ratchets and without the policy's own gate.

    Args:
        kit: Of the command.
        plan: Of the command.
        old: What is accepted in the work tree; secrets are hashed with its salt.
        interrupts: Installed.
        knows: Whether the run judges by that baseline; else by none.
    """
    bare = [replace(one, common=replace(one.common, ratchets=())) for one in plan.gates]
    text = render(old) if knows else None
    # Each gate is asked as a whole: that others are left out makes none of its findings fixed.
    asked = replace(plan, gates=tuple(bare), baseline_text=text, partial=False, judges_policy=False)
    with kit.output() as folder:
        folder.fresh_logs(gate_ids(plan))
        key = identity_key(kit.environment, old, kit.cache)
        world = kit.world(plan, interrupts, key=key, cache=True)
        redraw = can_redraw(kit.environment, terminal=is_terminal(sys.stderr), ci=kit.ci)
        seconds = kit.clock.monotonic
        with display(quiet=False, verbose=False, redraw=redraw, seconds=seconds) as sink:
            return execute(asked, world, sink, tool=tool_info())


def reached(plan: Plan, report: Report) -> Iterator[Reached]:
    """What every ratcheted metric of the plan is now.

    Args:
        plan: With the ratchets.
        report: A run of its gates without them.
    """
    results = {one.gate_id: one for one in report.gates}
    for gate in plan.gates:
        for ratchet in gate.common.ratchets:
            yield _reached(results[gate.gate_id], ratchet)


def _reached(result: GateResult, ratchet: Ratchet) -> Reached:
    limits = [one.limit for one in result.metrics if one.limit is not None]
    metrics = {one.metric.name: one.metric for one in result.metrics}
    if ratchet.metric == FINDINGS:
        count = Metric(name=FINDINGS, value=len(result.findings), unit=FINDINGS)
        metrics.setdefault(FINDINGS, count)
    return Reached(
        gate_id=result.gate_id,
        name=ratchet.metric,
        metric=metrics.get(ratchet.metric),
        better=direction(ratchet, limits),
    )
