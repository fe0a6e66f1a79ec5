"""The evidence floor: when evidence is too little to judge by.

A pass means that the tool demonstrably ran, on all that it was meant to read.
Every rule here turns a lack of proof into a problem, which makes the gate
``error``; an exit code alone is never evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from release_gate.judge.intervals import contradictory
from release_gate.judge.types import DocketGate
from release_gate.model import Evidence, Examined, Metric, PlannedTool, Problem

_SHOWN = 5


def shortcomings(gate: DocketGate, evidence: Evidence) -> tuple[Problem, ...]:
    """Everything that keeps the evidence from being whole, the gate's own problems first.

    Args:
        gate: What was planned.
        evidence: What came.
    """
    return (
        *evidence.problems,
        *_examined(evidence.examined),
        *_tools(gate.tools, evidence),
        *_metrics(gate, evidence.metrics),
    )


def _examined(examined: Examined) -> Iterator[Problem]:
    if examined.count < 1:
        yield Problem(
            what=f"nothing was examined: 0 {examined.unit}",
            remedy="Check the paths in the configuration, or skip the gate with a skip-reason.",
            slug="nothing-examined",
        )
    unexcused = [item for item in examined.skipped if item.allowed_by is None]
    for item in unexcused[:_SHOWN]:
        yield Problem(
            what=f"not examined: {item.what} ({item.reason})",
            path=item.what,
            remedy="Mend it, or leave it out in the configuration by name.",
            slug="not-examined",
        )
    if len(unexcused) > _SHOWN:
        yield Problem(
            what=f"not examined: {len(unexcused) - _SHOWN} more {examined.unit}",
            remedy="gate.json names them all.",
            slug="not-examined",
        )
    planned = examined.planned
    if planned is not None and examined.count + len(examined.skipped) < planned:
        missing = planned - examined.count - len(examined.skipped)
        yield Problem(
            what=f"{missing} of {planned} {examined.unit} were neither read nor named as skipped",
            remedy="Read the gate's log: the tool stopped early or was told to leave them out.",
            slug="not-examined",
        )


def _tools(planned: tuple[PlannedTool, ...], evidence: Evidence) -> Iterator[Problem]:
    for tool in planned:
        runs = [run for run in evidence.tools if run.name == tool.name]
        if not runs:
            yield Problem(
                what=f"{tool.name} {tool.version} was planned and there is no proof that it ran",
                remedy="Read the gate's log.",
                slug="tool-did-not-run",
            )
        for run in runs:
            if run.home == "toolkit" and run.version != tool.version:
                yield Problem(
                    what=f"{tool.name} {run.version} ran, {tool.version} was planned",
                    remedy="Install release-gate and its scanners into one environment again.",
                    slug="tool-version",
                )


def _metrics(gate: DocketGate, metrics: tuple[Metric, ...]) -> Iterator[Problem]:
    names = [metric.name for metric in metrics]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(what=f"metric {name} stands twice in the evidence", slug="metric-twice")
    yield from (
        Problem(
            what=f"the bounds of {metric.name} are not around its value",
            remedy="The gate's code is at fault.",
            slug="metric-bounds",
        )
        for metric in metrics
        if metric.is_number and contradictory(metric)
    )
    by_name = {metric.name: metric for metric in metrics}
    for limit in gate.limits:
        metric = by_name.get(limit.metric)
        if metric is None:
            if not limit.optional:
                yield Problem(
                    what=f"{limit.metric} has a limit and was not measured",
                    remedy=limit.advice,
                    slug="metric-missing",
                )
        elif not metric.is_number:
            yield Problem(
                what=f"{limit.metric} is not a number: nothing was measured",
                remedy=limit.advice,
                slug="metric-not-a-number",
            )
