"""Metrics that may only get better than the best value they have reached."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.baseline import Baseline, Mark
from release_gate.judge.decide import decide
from release_gate.judge.ratchets import (
    Better,
    direction,
    is_better,
    mark_text,
    ratcheted,
    strictest,
    with_count,
)
from release_gate.judge.types import GateResult, PolicyInputs, Verdict
from release_gate.model import Limit, Metric, Ratchet, Severity, percentage
from support.judging import INPUTS, collected, docket, evidence, finding, gate

pytestmark = pytest.mark.unit


def mark(value: str, metric: str = "coverage", gate_id: str = "security") -> Mark:
    return Mark(gate_id=gate_id, metric=metric, value=value)


def run(ratchet: Ratchet, *marks: Mark, limits: tuple[Limit, ...] = (), **came: Any) -> GateResult:
    planned = gate(ratchets=(ratchet,), limits=limits)
    policy = PolicyInputs(
        effective_time=INPUTS.effective_time, baseline=Baseline(salt="s", marks=marks)
    )
    return decide(docket(planned), [collected(**came)], policy).gates[0]


def covered(part: int) -> dict[str, Any]:
    return {"metrics": (percentage("coverage", part, 200),)}


@pytest.mark.parametrize(
    ("part", "tolerance", "verdict"),
    [
        (160, "0", Verdict.PASS),
        (161, "0", Verdict.PASS),
        (159, "0", Verdict.FAIL),
        (159, "0.5", Verdict.PASS),
        (158, "0.5", Verdict.FAIL),
    ],
)
def test_coverage_may_not_fall_behind_its_best_value(
    part: int, tolerance: str, verdict: Verdict
) -> None:
    ratchet = Ratchet(metric="coverage", tolerance=Fraction(tolerance))
    result = run(ratchet, mark("80"), **covered(part))
    assert result.verdict is verdict
    if verdict is Verdict.FAIL:
        assert result.reason == "coverage misses its limit (ratchet: it was 80 before)"


@pytest.mark.parametrize(
    ("count", "tolerance", "verdict"),
    [(2, 0, Verdict.PASS), (3, 0, Verdict.FAIL), (3, 1, Verdict.PASS), (4, 1, Verdict.FAIL)],
)
def test_findings_of_every_state_may_not_become_more(
    count: int, tolerance: int, verdict: Verdict
) -> None:
    ratchet = Ratchet(metric="findings", tolerance=Fraction(tolerance))
    planned = gate(ratchets=(ratchet,))
    findings = tuple(finding(line=n, severity=Severity.INFO) for n in range(count))
    policy = PolicyInputs(
        effective_time=INPUTS.effective_time,
        baseline=Baseline(salt="s", marks=(mark("2", "findings"),)),
    )
    result = decide(docket(planned), [collected(findings=findings)], policy).gates[0]
    assert result.verdict is verdict
    assert [one.metric.value for one in result.metrics] == [count]


@pytest.mark.parametrize("came", [{}, covered(0) | {"metrics": (percentage("coverage", 0, 0),)}])
def test_a_metric_that_is_missing_or_no_number_is_an_error(came: dict[str, Any]) -> None:
    result = run(Ratchet(metric="coverage"), mark("80"), **came)
    assert result.verdict is Verdict.ERROR
    assert result.problems[0].slug in {"metric-missing", "metric-not-a-number"}


def test_an_optional_limit_is_not_optional_for_a_ratchet() -> None:
    limit = Limit(metric="coverage", at_least=Fraction(90), optional=True)
    assert run(Ratchet(metric="coverage"), mark("80"), limits=(limit,)).verdict is Verdict.ERROR


@pytest.mark.parametrize("marks", [(), (mark("80", "other"),), (mark("80", gate_id="lint"),)])
def test_a_ratchet_without_a_value_is_an_error_that_says_how_to_store_one(
    marks: tuple[Mark, ...],
) -> None:
    result = run(Ratchet(metric="coverage"), *marks, **covered(200))
    assert result.verdict is Verdict.ERROR
    assert result.problems[0].slug == "ratchet-without-value"
    assert "baseline update" in result.problems[0].remedy


def test_without_a_baseline_it_is_an_error_too() -> None:
    planned = gate(ratchets=(Ratchet(metric="coverage"),))
    assert decide(docket(planned), [collected(**covered(9))], INPUTS).verdict is Verdict.ERROR


def test_a_ratchet_that_nothing_says_the_direction_of_is_an_error() -> None:
    metric = Metric(name="speed", value=1, unit="m/s")
    result = run(Ratchet(metric="speed"), mark("1", "speed"), metrics=(metric,))
    assert [one.slug for one in result.problems] == ["ratchet-without-direction"]
    assert "ratchet.speed" in result.problems[0].remedy


LOW, HIGH = Limit(metric="speed", at_most=Fraction(9)), Limit(metric="speed", at_least=Fraction(1))
NONE, TWO = (
    Limit(metric="speed"),
    Limit(metric="speed", at_least=Fraction(1), at_most=Fraction(9)),
)


@pytest.mark.parametrize(
    ("ratchet", "limits", "better"),
    [
        (Ratchet(metric="speed", better="lower"), (HIGH,), "lower"),
        (Ratchet(metric="speed"), (HIGH,), "higher"),
        (Ratchet(metric="speed"), (LOW,), "lower"),
        (Ratchet(metric="speed"), (NONE,), None),
        (Ratchet(metric="speed"), (TWO,), None),
        (Ratchet(metric="speed"), (Limit(metric="other", at_most=Fraction(9)),), None),
        (Ratchet(metric="coverage"), (HIGH,), "higher"),
        (Ratchet(metric="suppressions"), (), "lower"),
        (Ratchet(metric="tests-skipped"), (), "lower"),
        (Ratchet(metric="findings"), (), "lower"),
    ],
)
def test_the_direction_is_said_or_follows_from_the_limit_or_the_name(
    ratchet: Ratchet, limits: tuple[Limit, ...], better: Better | None
) -> None:
    assert direction(ratchet, limits) == better


def bounds(
    limit: Limit, better: Better, best: str = "5"
) -> tuple[Fraction | None, Fraction | None, str]:
    planned = gate(ratchets=(Ratchet(metric="speed", better=better),), limits=(limit,))
    (made,) = ratcheted(planned, evidence(), [mark(best, "speed")]).limits
    return made.at_least, made.at_most, made.origin


def test_the_stricter_of_limit_and_ratchet_holds() -> None:
    five, before = Fraction(5), "ratchet: it was 5 before"
    assert bounds(HIGH, "higher") == (five, None, before)
    assert bounds(LOW, "lower") == (None, five, before)
    assert bounds(TWO, "higher") == (five, Fraction(9), before)
    assert bounds(TWO, "lower") == (Fraction(1), five, before)
    assert bounds(HIGH, "higher", "1") == (Fraction(1), None, "")
    assert bounds(HIGH, "higher", "0.5") == (Fraction(1), None, "")
    assert bounds(LOW, "lower", "9") == (None, Fraction(9), "")
    assert bounds(LOW, "lower", "9.5") == (None, Fraction(9), "")
    assert bounds(HIGH, "higher", "2")[0] == Fraction(2)
    assert bounds(LOW, "lower", "8")[1] == Fraction(8)


def test_limits_without_a_ratchet_stay_as_they_are() -> None:
    planned = gate(ratchets=(Ratchet(metric="coverage"),), limits=(LOW,))
    made = ratcheted(planned, evidence(), [mark("80")])
    assert made.limits[0] == LOW
    assert [one.metric for one in made.limits] == ["speed", "coverage"]


def test_findings_are_counted_only_where_a_ratchet_asks_and_the_gate_does_not_say() -> None:
    own = Metric(name="findings", value=7, unit="findings")
    counted = evidence(findings=(finding(),))
    assert with_count((Ratchet(metric="coverage"),), counted) == ()
    assert with_count((Ratchet(metric="findings"),), evidence(metrics=(own,))) == (own,)
    (metric,) = with_count((Ratchet(metric="findings"),), counted)
    assert (metric.name, metric.value, metric.unit) == ("findings", 1, "findings")


def test_of_several_marks_the_strictest_counts() -> None:
    marks = [mark("81.5"), mark("83"), mark("99", gate_id="lint"), mark("1", "other")]
    assert strictest(marks, "security", "coverage", "higher") == Decimal(83)
    assert strictest(marks, "security", "coverage", "lower") == Decimal("81.5")
    assert strictest(marks, "types", "coverage", "lower") is None


@pytest.mark.parametrize(
    ("metric", "better", "text"),
    [
        (percentage("coverage", 159, 200), "higher", "79.5"),
        (percentage("coverage", 2, 3), "higher", "66.6666"),
        (percentage("coverage", 2, 3), "lower", "66.6667"),
        (percentage("coverage", 200, 200), "higher", "100"),
        (Metric(name="n", value=0, unit="x"), "lower", "0"),
        (Metric(name="n", value=-1 / 3, unit="x"), "higher", "-0.3334"),
        (Metric(name="n", value=1e27, unit="x"), "higher", f"1{'0' * 27}"),
        (Metric(name="n", value=-0.00001, unit="x"), "lower", "0"),
    ],
)
def test_a_mark_is_rounded_to_where_it_is_easier_to_keep(
    metric: Metric, better: Better, text: str
) -> None:
    assert mark_text(metric, better) == text


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from(["higher", "lower"]))
def test_law_what_was_measured_keeps_to_its_own_mark(part: int, whole: int, better: Better) -> None:
    metric = percentage("share", part, whole)
    reached = Fraction(mark_text(metric, better))
    assert abs(reached - metric.exact()) < Fraction(1, 10**4)
    assert metric.exact() >= reached if better == "higher" else metric.exact() <= reached


def test_equal_is_not_better() -> None:
    one, two = Decimal(1), Decimal(2)
    assert is_better(two, one, "higher")
    assert is_better(one, two, "lower")
    assert not is_better(one, two, "higher")
    assert not is_better(two, one, "lower")
    assert not is_better(one, one, "higher")
    assert not is_better(one, one, "lower")


def test_a_limit_made_by_a_ratchet_says_what_to_do_and_is_not_optional() -> None:
    planned = gate(ratchets=(Ratchet(metric="coverage"),))
    (limit,) = ratcheted(planned, evidence(), [mark("80")]).limits
    assert limit == Limit(
        metric="coverage",
        at_least=Fraction(80),
        origin="ratchet: it was 80 before",
        advice="Get back to it; or let it go back: "
        "release-gate baseline update --allow-new --reason TEXT",
    )
    own = Limit(metric="coverage", at_least=Fraction(90), optional=True)
    (kept,) = ratcheted(replace(planned, limits=(own,)), evidence(), [mark("80")]).limits
    assert kept == replace(own, optional=False)
    laxer = Limit(metric="coverage", at_least=Fraction(10), optional=True)
    (tightened,) = ratcheted(replace(planned, limits=(laxer,)), evidence(), [mark("80")]).limits
    assert (tightened.at_least, tightened.optional) == (Fraction(80), False)


def test_of_two_marks_the_strictest_makes_the_limit() -> None:
    planned = gate(ratchets=(Ratchet(metric="coverage"), Ratchet(metric="findings")))
    marks = [mark("80"), mark("83"), mark("3", "findings"), mark("2", "findings")]
    higher, lower = ratcheted(planned, evidence(), marks).limits
    assert (higher.at_least, lower.at_most) == (Fraction(83), Fraction(2))


def test_what_cannot_be_judged_is_said_in_full_and_the_other_ratchets_hold() -> None:
    names = ("speed", "coverage", "findings")
    planned = gate(ratchets=tuple(Ratchet(metric=name) for name in names))
    made = ratcheted(planned, evidence(), [mark("2", "findings")])
    assert [(one.what, one.remedy) for one in made.problems] == [
        (
            "nothing says which way speed gets better",
            'Say it: ratchet.speed = { better = "higher" }, or "lower".',
        ),
        (
            "the ratchet of coverage has no value yet",
            "Store what is reached now: release-gate baseline update",
        ),
    ]
    assert [one.metric for one in made.limits] == ["findings"]
