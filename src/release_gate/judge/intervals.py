"""Limits on sampled metrics: their bounds are compared, and a limit in between settles nothing."""

from __future__ import annotations

import math
from fractions import Fraction

from release_gate.judge.types import JudgedMetric
from release_gate.model import Limit, Metric


def keeps(metric: Metric, limit: Limit) -> bool | None:
    """Whether a metric keeps to a limit.

    A limit that is judged on bounds is met only if the worse bound is inside, and missed only if
    the better bound is outside. A bound that is not known is neither.

    Args:
        metric: A number.
        limit: What it must keep to.

    Returns:
        ``None`` if the bounds do not settle it.
    """
    if limit.on_bounds:
        low, high = _exact(metric.low), _exact(metric.high)
    else:
        low = high = metric.exact()
    sides = []
    if limit.at_most is not None:
        sides.append(_side(worse=high, better=low, most=limit.at_most))
    if limit.at_least is not None:
        low, high = (None if end is None else -end for end in (low, high))
        sides.append(_side(worse=low, better=high, most=-limit.at_least))
    if False in sides:
        return False
    return None if None in sides else True


def contradictory(metric: Metric) -> bool:
    """Whether the bounds cannot be the bounds of the value: not numbers, or not around it."""
    bounds = [end for end in (metric.low, metric.high) if end is not None]
    if not all(math.isfinite(end) for end in bounds):
        return True
    low = metric.low if metric.low is not None else -math.inf
    high = metric.high if metric.high is not None else math.inf
    # A share's value is rounded for display, its bounds are not: the last digit may differ.
    slack = 1e-9 * max(abs(metric.value), 1.0)
    return not low - slack <= metric.value <= high + slack


def unsettled(item: JudgedMetric) -> bool:
    """Whether the metric has a limit that its bounds neither keep nor break."""
    limit = item.limit
    return limit is not None and limit.on_bounds and item.met is None and item.metric.is_number


def sentence(item: JudgedMetric, unit: str) -> str:
    """Why it is not settled, and how much more would settle it.

    Args:
        item: A metric that is not settled.
        unit: What was sampled, plural.
    """
    metric = item.metric
    said = f"{metric.name} is not settled against its limit: {_number(metric.value)}"
    ends = [f"at least {_number(metric.low)}"] if metric.low is not None else []
    ends += [f"at most {_number(metric.high)}"] if metric.high is not None else []
    said += f" {metric.unit}".rstrip() + f", with 95 % confidence {' and '.join(ends) or 'unknown'}"
    if metric.n is not None:
        said += f" (n = {metric.n:,})"
    return f"{said}; needs {metric.more:,} more {unit}" if metric.more else said


def _exact(end: float | None) -> Fraction | None:
    return Fraction(str(end)) if end is not None and math.isfinite(end) else None


def _side(*, worse: Fraction | None, better: Fraction | None, most: Fraction) -> bool | None:
    if worse is not None and worse <= most:
        return True
    return False if better is not None and better > most else None


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
