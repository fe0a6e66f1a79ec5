"""Rules over rounds: what trips, what is clear, and that nothing is clear by default."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.canary.record import Reading, Round, Told
from release_gate.subjects.canary.rules import failure_rate, judge_rules
from release_gate.subjects.canary.settings import CanarySettings
from support.canaries import letters, number, rounds, seen, settings

pytestmark = pytest.mark.unit


def told(chosen: CanarySettings, course: list[Round], rule: str) -> Told:
    return next(one for one in judge_rules(chosen, course, course) if one.rule == rule)


def tripped_at(chosen: CanarySettings, course: list[Round]) -> int | None:
    """One-based number of the round after which some rule says to roll back."""
    for count in range(1, len(course) + 1):
        found = judge_rules(chosen, course[:count], course[:count])
        if any(one.colour == "tripped" for one in found):
            return count
    return None


def with_latencies(us: list[int], control: list[int] | None = None) -> list[Round]:
    other = None if control is None else seen(us=control)
    return [Round(at="", step=0, held_s=0.0, canary=seen(us=us, asked=len(us)), control=other)]


def test_three_failures_in_a_row_trip_at_the_sixth_round() -> None:
    assert tripped_at(settings(), rounds(letters("F F S F F F"))) == 6


def test_failures_of_different_checks_in_a_row_count_together() -> None:
    """An error of one check and a failure of another in turn: neither alone is three in a row."""
    assert tripped_at(settings(), rounds(["health", "orders", "health"])) == 3


@given(st.lists(st.sampled_from(["failed", "unjudged", "not-run"]), min_size=3, max_size=9))
def test_whatever_kind_of_bad_three_in_a_row_trip(kinds: list[str]) -> None:
    assert tripped_at(settings(), rounds(kinds)) == 3


@pytest.mark.release_check("E02", "red")
def test_every_other_round_failing_trips_the_window() -> None:
    chosen = settings(rules={"failure-rate": 5, "least": 20})
    course = rounds([place % 2 == 0 for place in range(60)])
    assert tripped_at(chosen, course) == 20


def test_a_failure_rate_of_a_fifth_trips_within_60_rounds_in_99_of_100_seeds() -> None:
    chosen = settings(rules={"failure-rate": 5, "consecutive-failures": 1000})
    tripped = 0
    for seed in range(400):
        chance = Random(seed)  # noqa: S311 - a simulated service
        course = rounds([chance.random() >= 0.2 for _ in range(60)])
        looks = (failure_rate(chosen.rules, course[:n], course[:n]) for n in range(20, 61))
        tripped += any(one.colour == "tripped" for one in looks)
    assert tripped >= 396


def test_a_round_in_which_nothing_was_asked_failed() -> None:
    empty = [Round(at="", step=0, held_s=0.0, canary=seen(asked=0))] * 3
    assert tripped_at(settings(), empty) == 3


def test_failures_of_an_earlier_step_count_in_a_row() -> None:
    before, here = rounds(letters("S F F")), rounds(letters("F"), step=1)
    found = judge_rules(settings(), [*before, *here], here)
    assert found[0].colour == "tripped"


ALL_RULES: dict[str, Any] = {
    "failure-rate": 5,
    "p50": "1s",
    "p95": "1s",
    "p99": "1s",
    "error-rate": 1,
    "p95-ratio": 1.05,
    "mean-ratio": 1.05,
    "fatal": ["migrations"],
}
METRIC = {"prometheus": "http://metrics.example", "query": "up"}


def test_without_a_single_round_no_rule_is_clear() -> None:
    chosen = settings(
        rules=ALL_RULES,
        control="http://control.example",
        metrics=[{"name": "memory", "metrics": METRIC, "at-most": 1}],
    )
    colours = {one.colour for one in judge_rules(chosen, [], [])}
    assert colours == {"unsettled"}


def test_the_last_round_failing_is_not_clear() -> None:
    assert told(settings(), rounds(letters("S S F")), "consecutive-failures").colour == "unsettled"


def test_a_fatal_check_trips_by_one_failure() -> None:
    chosen = settings(rules={"failure-rate": None, "fatal": ["migrations"]})
    found = told(chosen, rounds([True, "migrations", True]), "fatal migrations")
    assert (found.colour, "migrations did not pass" in found.what) == ("tripped", True)


@pytest.mark.parametrize(
    ("us", "colour"),
    [
        ([], "unsettled"),
        ([100_000] * 19, "unsettled"),
        ([100_000] * 58, "unsettled"),
        ([100_000] * 100, "clear"),
        ([100_000] * 94 + [900_000] * 6, "unsettled"),
        ([900_000] * 100, "tripped"),
    ],
)
def test_a_percentile_is_judged_on_its_bounds(us: list[int], colour: str) -> None:
    chosen = settings(rules={"p95": "500ms"})
    assert told(chosen, with_latencies(us), "p95").colour == colour


def test_a_percentile_that_gets_worse_at_the_end_trips_by_the_last_rounds() -> None:
    chosen = settings(rules={"p95": "500ms", "failure-rate": None})
    course = with_latencies([100_000]) * 5000 + with_latencies([900_000]) * 60
    assert told(chosen, course, "p95").colour == "tripped"


@pytest.mark.parametrize(
    ("asked", "failed", "colour"),
    [
        (600, 0, "unsettled"),
        (2995, 0, "clear"),
        (600, 30, "tripped"),
    ],
)
def test_an_error_rate_is_judged_on_its_bounds(asked: int, failed: int, colour: str) -> None:
    chosen = settings(rules={"error-rate": 0.1, "failure-rate": None})
    good = [Round(at="", step=0, held_s=0.0, canary=seen(asked=asked - failed))]
    bad = [Round(at="", step=0, held_s=0.0, canary=seen(passed=False))] * failed
    found = told(chosen, [*bad, *good], "error-rate")
    assert found.colour == colour


def test_too_few_requests_say_how_many_more_are_needed() -> None:
    chosen = settings(rules={"error-rate": 0.1, "failure-rate": None})
    course = [Round(at="", step=0, held_s=0.0, canary=seen(asked=600))]
    assert "needs about 2,395 more" in told(chosen, course, "error-rate").what


def traffic(pairs: list[tuple[float | None, float | None]]) -> list[Round]:
    return [
        Round(
            at="", step=0, held_s=0.0, canary=seen(), requests=number(all_), errors=number(failed)
        )
        for all_, failed in pairs
    ]


TRAFFIC = {"requests": METRIC, "errors": METRIC}


@pytest.mark.parametrize(
    ("pairs", "colour", "said"),
    [
        ([(1000.0, 3.0), (5000.0, 3.0)], "clear", "0 of 4,000"),
        ([(1000.0, 3.0), (5000.0, 403.0)], "tripped", "400 of 4,000"),
        # The process began anew in between.
        ([(1000.0, 3.0), (3000.0, 3.0), (2000.0, 0.0)], "clear", "0 of 4,000"),
        ([(1000.0, 3.0), (None, 3.0)], "unsettled", "could not be read"),
        ([(1000.0, 3.0), (1002.0, 9.0)], "unsettled", "contradict"),
        ([(1000.0, 3.0)], "unsettled", "no request was judged"),
    ],
)
def test_real_traffic_is_judged_by_its_counters(
    pairs: list[tuple[float | None, float | None]], colour: str, said: str
) -> None:
    chosen = settings(rules={"error-rate": 0.1, "failure-rate": None}, traffic=TRAFFIC)
    found = told(chosen, traffic(pairs), "error-rate")
    assert (found.colour, said in found.what) == (colour, True)


def test_slower_than_the_control_trips_on_the_interval_of_the_ratio() -> None:
    chosen = settings(rules={"p95-ratio": 1.5}, control="http://control.example")
    slow = [200_000 + 10 * place for place in range(200)]
    fast = [100_000 + 10 * place for place in range(200)]
    assert told(chosen, with_latencies(slow, fast), "p95-ratio").colour == "tripped"
    assert told(chosen, with_latencies(fast, fast), "p95-ratio").colour == "clear"
    assert told(chosen, with_latencies(fast, []), "p95-ratio").colour == "unsettled"


def metric_rounds(values: list[float | None]) -> list[Round]:
    return [
        Round(at="", step=0, held_s=0.0, canary=seen(), metrics={"memory": number(value)})
        for value in values
    ]


@pytest.mark.parametrize(
    ("values", "colour"),
    [
        ([5e8, 5e8], "clear"),
        ([5e8, 2e9], "unsettled"),
        ([2e9, 2e9], "tripped"),
        # Not to be read in between does not make it well.
        ([2e9, None, 2e9], "tripped"),
        ([5e8, None], "unsettled"),
        ([math.nan], "unsettled"),
        ([math.inf], "unsettled"),
    ],
)
def test_a_metric_trips_after_its_rounds_and_is_never_clear_unread(
    values: list[float | None], colour: str
) -> None:
    memory = {"name": "memory", "metrics": METRIC, "at-most": 1e9, "rounds": 2}
    chosen = settings(metrics=[memory])
    assert told(chosen, metric_rounds(values), "metric memory").colour == colour


def test_a_metric_that_was_never_asked_is_not_clear() -> None:
    chosen = settings(metrics=[{"name": "memory", "metrics": METRIC, "at-least": 1}])
    found = told(chosen, rounds([True]), "metric memory")
    assert found == Told(
        rule="metric memory",
        colour="unsettled",
        what="memory could not be read: it was not read",
    )


def test_a_reading_without_value_says_why() -> None:
    assert Reading(why="the store is unreachable").value is None


def test_rounds_with_a_limitation_are_not_clear() -> None:
    limited = [
        Round(
            at="",
            step=0,
            held_s=0.0,
            canary=seen(),
            limitations=(("tls-not-verified", "the certificate was not verified"),),
        )
    ]
    found = judge_rules(settings(), [*limited, *rounds([True])], [*limited, *rounds([True])])
    assert [one.colour for one in found] == ["clear", "unsettled"]
