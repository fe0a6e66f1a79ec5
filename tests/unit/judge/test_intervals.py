"""Limits on sampled metrics: met, missed, or not settled."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.decide import decide
from release_gate.judge.intervals import keeps
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import Examined, Limit, Limitation, Metric
from support import judging

pytestmark = pytest.mark.unit

INF, NAN = math.inf, math.nan


def metric(value: float, low: float | None, high: float | None, **changes: Any) -> Metric:
    values = {"name": "p95", "value": value, "unit": "ms", "n": 600, "low": low, "high": high}
    return Metric(**{**values, **changes})


def limit(**changes: Any) -> Limit:
    return Limit(**{"metric": "p95", "on_bounds": True, **changes})


def judged(one: Metric, *limits: Limit, **changes: Any) -> GateResult:
    evidence = judging.collected(
        "load", examined=Examined(unit="requests", count=600), metrics=(one,), **changes
    )
    report = decide(judging.docket(judging.gate("load", limits=limits)), [evidence], judging.INPUTS)
    return report.gates[0]


@pytest.mark.parametrize(
    ("low", "high", "met", "verdict"),
    [
        (80, 99, True, Verdict.PASS),
        (80, 100, True, Verdict.PASS),
        (101, 120, False, Verdict.FAIL),
        (90, 101, None, Verdict.INCONCLUSIVE),
        (100, 120, None, Verdict.INCONCLUSIVE),
        (None, 100, True, Verdict.PASS),
        (None, 101, None, Verdict.INCONCLUSIVE),
        (101, None, False, Verdict.FAIL),
        (90, None, None, Verdict.INCONCLUSIVE),
        (None, None, None, Verdict.INCONCLUSIVE),
    ],
)
def test_an_upper_limit_is_met_by_the_upper_bound_and_missed_by_the_lower_one(
    low: float | None, high: float | None, met: bool | None, verdict: Verdict
) -> None:
    value = high if low is None else low if high is None else (low + high) / 2
    result = judged(metric(90 if value is None else value, low, high), limit(at_most=Fraction(100)))
    assert (result.metrics[0].met, result.verdict) == (met, verdict)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (50, 60, Verdict.PASS),
        (40, 49, Verdict.FAIL),
        (40, 60, Verdict.INCONCLUSIVE),
        (None, 49, Verdict.FAIL),
        (50, None, Verdict.PASS),
    ],
)
def test_a_lower_limit_is_met_by_the_lower_bound_and_missed_by_the_upper_one(
    low: float | None, high: float | None, verdict: Verdict
) -> None:
    value = next(end for end in (low, high) if end is not None)
    assert judged(metric(value, low, high), limit(at_least=Fraction(50))).verdict is verdict


def test_between_two_limits_each_side_must_be_settled() -> None:
    both = limit(at_least=Fraction(10), at_most=Fraction(20))
    assert keeps(metric(15, 11, 19), both) is True
    assert keeps(metric(15, 9, 19), both) is None
    assert keeps(metric(25, 21, 30), both) is False
    assert keeps(metric(5, 1, 9), both) is False


def test_the_reason_names_the_bounds_and_how_many_more_would_settle_it() -> None:
    share = metric(0.0, 0.0, 0.4980443, name="error-rate", unit="%", ratio=(0, 600), more=2395)
    result = judged(share, limit(metric="error-rate", at_most=Fraction(1, 10)))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason == (
        "error-rate is not settled against its limit: 0 %, with 95 % confidence at least 0 and at"
        " most 0.498 (n = 600); needs 2,395 more requests"
    )


def test_without_any_bound_the_reason_says_so_and_promises_nothing() -> None:
    reason = judged(metric(90, None, None, n=None), limit(at_most=Fraction(100))).reason
    assert reason.endswith("90 ms, with 95 % confidence unknown")


def test_a_limit_on_the_value_does_not_look_at_the_bounds() -> None:
    exact = limit(at_most=Fraction(100), on_bounds=False)
    assert judged(metric(90, 80, 120), exact).verdict is Verdict.PASS


def test_what_misses_another_limit_fails_whatever_is_not_settled() -> None:
    other = Limit(metric="p95", at_most=Fraction(100), on_bounds=True)
    failed = Metric(name="failed-probes", value=1, unit="")
    evidence = judging.collected("load", metrics=(metric(90, 80, 120), failed))
    limits = (other, Limit(metric="failed-probes", at_most=Fraction(0)))
    report = decide(judging.docket(judging.gate("load", limits=limits)), [evidence], judging.INPUTS)
    assert report.gates[0].verdict is Verdict.FAIL


def test_an_unknown_limitation_beside_what_is_not_settled_is_an_error() -> None:
    limitation = Limitation(name="nobody-knows", detail="odd")
    result = judged(metric(90, 80, 120), limit(at_most=Fraction(100)), limitations=(limitation,))
    assert result.verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(90, NAN, 100), (90, 80, NAN), (90, -INF, 95), (90, 80, INF), (90, 95, 99), (90, 80, 85)],
)
def test_bounds_that_are_not_around_the_value_are_an_error(
    value: float, low: float, high: float
) -> None:
    result = judged(metric(value, low, high), limit(at_most=Fraction(100)))
    assert result.verdict is Verdict.ERROR
    assert [problem.slug for problem in result.problems] == ["metric-bounds"]


def test_a_value_that_is_not_a_number_is_an_error_however_good_its_bounds() -> None:
    result = judged(metric(NAN, 1, 2), limit(at_most=Fraction(100)))
    assert result.verdict is Verdict.ERROR


numbers = st.floats(0, 1000)


@given(ends=st.tuples(numbers, numbers).map(sorted), most=numbers, share=st.floats(0, 1))
def test_law_no_limit_between_the_bounds_is_ever_met_or_missed(
    ends: list[float], most: float, share: float
) -> None:
    low, high = ends
    value = min(max(low + share * (high - low), low), high)
    met = keeps(metric(value, low, high), limit(at_most=Fraction(str(most))))
    assert met is (True if high <= most else False if low > most else None)
