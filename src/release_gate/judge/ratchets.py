"""Ratchets: metrics that may only get better than the best value they have reached.

The best values stand in the baseline as marks. A ratchet is one more limit of its
metric, so that a metric that is missing or no number is an error as with any limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from release_gate.judge.baseline import Mark
from release_gate.judge.types import DocketGate
from release_gate.model import Evidence, Limit, Metric, Problem, Ratchet

FINDINGS = "findings"
"""The metric that every gate has: how many findings there are, known ones too."""

Better = Literal["higher", "lower"]

# What the names of our own gates' metrics mean.
_BETTER: Mapping[str, Better] = MappingProxyType(
    {
        FINDINGS: "lower",
        "suppressions": "lower",
        "suppressions-new": "lower",
        "nosec-hidden": "lower",
        "excluded-lines": "lower",
        "tests-skipped": "lower",
        "tests-deselected": "lower",
        "tests-xfailed": "lower",
        "tests-rerun": "lower",
        "tests-run": "higher",
        "coverage": "higher",
        "line-coverage": "higher",
        "branch-coverage": "higher",
        "changed-line-coverage": "higher",
    }
)
_LOOSEN = "release-gate baseline update --allow-new --reason TEXT"
_STEP = Decimal("0.0001")
_PRECISION = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratcheted:
    """A gate and its evidence with its ratchets made limits.

    Args:
        limits: The gate's own, tightened by its ratchets.
        metrics: Those of the evidence, and the count of findings where it is asked for.
        problems: Ratchets that cannot be judged.
    """

    limits: tuple[Limit, ...]
    metrics: tuple[Metric, ...]
    problems: tuple[Problem, ...] = ()


def ratcheted(gate: DocketGate, evidence: Evidence, marks: Sequence[Mark]) -> Ratcheted:
    """Turn a gate's ratchets into limits.

    Args:
        gate: What was planned.
        evidence: What came.
        marks: Best values of the baseline, of any gate.
    """
    limits = {limit.metric: limit for limit in gate.limits}
    problems: list[Problem] = []
    for ratchet in gate.ratchets:
        better = direction(ratchet, gate.limits)
        if better is None:
            problems.append(_without_direction(ratchet))
            continue
        best = strictest(marks, gate.gate_id, ratchet.metric, better)
        if best is None:
            problems.append(_without_value(ratchet))
            continue
        own = limits.get(ratchet.metric, Limit(metric=ratchet.metric))
        limits[ratchet.metric] = _tightened(own, ratchet, better, best)
    return Ratcheted(
        limits=tuple(limits.values()),
        metrics=with_count(gate.ratchets, evidence),
        problems=tuple(problems),
    )


def with_count(ratchets: Sequence[Ratchet], evidence: Evidence) -> tuple[Metric, ...]:
    """The metrics of evidence, with the number of findings if a ratchet is on it."""
    named = {one.name for one in evidence.metrics}
    if FINDINGS in named or all(one.metric != FINDINGS for one in ratchets):
        return evidence.metrics
    count = Metric(name=FINDINGS, value=len(evidence.findings), unit=FINDINGS)
    return (*evidence.metrics, count)


def direction(ratchet: Ratchet, limits: Iterable[Limit]) -> Better | None:
    """Which way is better; ``None`` if nothing says it, or a limit says both.

    Args:
        ratchet: With what its settings say.
        limits: The gate's own.
    """
    if ratchet.better is not None:
        return ratchet.better
    limit = next((one for one in limits if one.metric == ratchet.metric), None)
    if limit is None or (limit.at_least is None) == (limit.at_most is None):
        return _BETTER.get(ratchet.metric)
    return "higher" if limit.at_most is None else "lower"


def strictest(marks: Iterable[Mark], gate_id: str, metric: str, better: Better) -> Decimal | None:
    """The mark that counts; ``None`` if there is none."""
    values = [one.number() for one in marks if (one.gate_id, one.metric) == (gate_id, metric)]
    return (max if better == "higher" else min)(values, default=None)


def mark_text(metric: Metric, better: Better) -> str:
    """A value as a mark holds it: to four digits, rounded to where it is easier to keep."""
    exact = metric.exact()
    with localcontext(prec=_PRECISION) as context:
        value = Decimal(exact.numerator) / Decimal(exact.denominator)
        context.rounding = ROUND_FLOOR if better == "higher" else ROUND_CEILING
        rounded = value.quantize(_STEP)
    return f"{rounded.normalize() + 0:f}"


def is_better(value: Decimal, than: Decimal, better: Better) -> bool:
    """Whether one value is better than another, not the same."""
    return value > than if better == "higher" else value < than


def _tightened(own: Limit, ratchet: Ratchet, better: Better, best: Decimal) -> Limit:
    sign = -1 if better == "higher" else 1
    bound = Fraction(best) + sign * ratchet.tolerance
    before = own.at_least if better == "higher" else own.at_most
    if before is not None and sign * (before - bound) <= 0:
        return replace(own, optional=False)
    limit = replace(
        own,
        optional=False,
        origin=f"ratchet: it was {best:f} before",
        advice=f"Get back to it; or let it go back: {_LOOSEN}",
    )
    if better == "higher":
        return replace(limit, at_least=bound)
    return replace(limit, at_most=bound)


def _without_value(ratchet: Ratchet) -> Problem:
    return Problem(
        what=f"the ratchet of {ratchet.metric} has no value yet",
        remedy="Store what is reached now: release-gate baseline update",
        slug="ratchet-without-value",
    )


def _without_direction(ratchet: Ratchet) -> Problem:
    return Problem(
        what=f"nothing says which way {ratchet.metric} gets better",
        remedy=f'Say it: ratchet.{ratchet.metric} = {{ better = "higher" }}, or "lower".',
        slug="ratchet-without-direction",
    )
