"""Metrics and their limits in words."""

from __future__ import annotations

from fractions import Fraction

from release_gate.judge.intervals import unsettled
from release_gate.judge.types import JudgedMetric
from release_gate.model import Limit, Metric
from release_gate.report.clean import one_line
from release_gate.report.numbers import exact_text, short_text
from release_gate.report.view.types import MetricView

_ENDS = {"%": (Fraction(0), Fraction(100))}
_MARKS = {True: "met", False: "missed", None: "no limit"}


def metric_view(item: JudgedMetric) -> MetricView:
    """One metric, phrased."""
    metric, limit = item.metric, item.limit
    return MetricView(
        name=one_line(metric.name),
        text=comparison(item),
        mark=_mark(item),
        detail=_detail(metric),
        origin=one_line(limit.origin) if limit else "",
        advice=_advice(item),
    )


def _advice(item: JudgedMetric) -> str:
    if unsettled(item) and item.metric.more:
        return f"measure with {item.metric.more:,} more; they settle it if they are like these"
    return one_line(item.limit.advice) if item.limit and item.met is False else ""


def _mark(item: JudgedMetric) -> str:
    if unsettled(item):
        return "not settled"
    if item.limit is not None and item.met is None:
        return "not compared"
    return _MARKS[item.met]


def comparison(item: JudgedMetric) -> str:
    """``87.42 % ≥ 80 %``; the value is never rounded across the limit."""
    metric, limit = item.metric, item.limit
    unit = one_line(metric.unit)
    bounds = _bounds(limit)
    asked = " and ".join(f"{sign} {_amount(bound, unit)}" for sign, bound in bounds)
    if not metric.is_number:
        return f"not a number, limit {asked}" if asked else "not a number"
    value = metric.exact()
    marks = [bound for _, bound in bounds] + list(_ENDS.get(unit, ()))
    text = _join(short_text(value, marks), unit)
    if unsettled(item):
        return f"{text}, not settled against {asked}"
    if limit is not None and limit.on_bounds and item.met is not None:
        # The verdict is that of the bounds; the value alone may lie on the other side.
        return f"{text}, {'surely' if item.met else 'surely not'} {asked}"
    broken = [pair for pair in bounds if not _keeps(value, *pair)]
    compared = [
        f"{sign if (sign, bound) not in broken else _BROKEN[sign]} {_amount(bound, unit)}"
        for sign, bound in broken or bounds
    ]
    return f"{text} {' and '.join(compared)}" if compared else text


_BROKEN = {"≥": "<", "≤": ">"}


def _bounds(limit: Limit | None) -> list[tuple[str, Fraction]]:
    if limit is None:
        return []
    named = (("≥", limit.at_least), ("≤", limit.at_most))
    return [(sign, bound) for sign, bound in named if bound is not None]


def _keeps(value: Fraction, sign: str, bound: Fraction) -> bool:
    return value >= bound if sign == "≥" else value <= bound


def _detail(metric: Metric) -> str:
    said = []
    if metric.ratio is not None:
        said.append(f"{metric.ratio[0]:,} of {metric.ratio[1]:,}")
    if metric.n is not None:
        said.append(f"n = {metric.n:,}")
    if metric.low is not None and metric.high is not None:
        said.append(f"95 % bounds {metric.low:g} to {metric.high:g}")
    elif metric.low is not None or metric.high is not None:
        side = "at least" if metric.high is None else "at most"
        end = metric.low if metric.high is None else metric.high
        said.append(f"with 95 % confidence {side} {end:g}")
    return ", ".join(said)


def _amount(bound: Fraction, unit: str) -> str:
    return _join(exact_text(bound), unit)


def _join(number: str, unit: str) -> str:
    return f"{number} {unit}".strip()
