"""Metrics that are judged on their bounds, in words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from release_gate.judge.intervals import keeps
from release_gate.judge.types import JudgedMetric
from release_gate.model import Limit, Metric
from release_gate.report.view.metrics import metric_view
from release_gate.report.view.types import MetricView

pytestmark = pytest.mark.unit


def view(low: float | None, high: float | None, more: int | None = None) -> MetricView:
    metric = Metric(name="p95", value=90.5, unit="ms", n=600, low=low, high=high, more=more)
    limit = Limit(
        metric="p95", at_most=Fraction(100), origin="max-p95", advice="Read on.", on_bounds=True
    )
    return metric_view(JudgedMetric(metric=metric, limit=limit, met=keeps(metric, limit)))


def test_what_is_settled_says_surely() -> None:
    good, bad = view(80, 99), view(None, None)
    assert (good.text, good.mark, good.advice) == ("90.5 ms, surely ≤ 100 ms", "met", "")
    assert bad.mark == "not settled"


def test_a_value_inside_whose_lower_bound_is_outside_never_reads_as_kept() -> None:
    missed = view(101, None)
    assert (missed.text, missed.mark) == ("90.5 ms, surely not ≤ 100 ms", "missed")
    assert missed.advice == "Read on."


def test_what_is_not_settled_says_how_much_more_would_settle_it() -> None:
    open_ = view(80, 101, more=1200)
    assert (open_.text, open_.mark) == ("90.5 ms, not settled against ≤ 100 ms", "not settled")
    assert open_.advice == "measure with 1,200 more; they settle it if they are like these"
    assert open_.detail == "n = 600, 95 % bounds 80 to 101"


@pytest.mark.parametrize(
    ("low", "high", "detail"),
    [
        (80, None, "n = 600, with 95 % confidence at least 80"),
        (None, 101, "n = 600, with 95 % confidence at most 101"),
        (None, None, "n = 600"),
    ],
)
def test_a_bound_that_is_not_known_is_not_made_up(
    low: float | None, high: float | None, detail: str
) -> None:
    assert view(low, high).detail == detail
