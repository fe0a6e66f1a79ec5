"""Quantiles and their bounds by order statistics, against scipy."""

# ruff: noqa: S311 - seeded samples, no secrets

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from release_gate.subjects.statistics import quantiles

pytestmark = pytest.mark.unit

LEVELS = [Fraction(1, 2), Fraction(9, 10), Fraction(95, 100), Fraction(99, 100)]
samples = st.lists(st.integers(1, 10**7), min_size=1, max_size=800).map(sorted)


@pytest.mark.parametrize(
    ("level", "count", "rank"),
    [
        (Fraction(1, 2), 1, 1),
        (Fraction(1, 2), 4, 2),
        (Fraction(95, 100), 20, 19),
        (Fraction(95, 100), 21, 20),
        (Fraction(99, 100), 1000, 990),
        (Fraction(1), 7, 7),
    ],
)
def test_the_rank_is_the_nearest_that_has_the_share_below_it(
    level: Fraction, count: int, rank: int
) -> None:
    assert quantiles.rank(level, count) == rank


def test_a_quantile_is_exact_where_a_float_would_round_up() -> None:
    # 0.07 * 100 is 7.000000000000001 in floating point, whose ceiling is 8.
    assert quantiles.rank(Fraction(7, 100), 100) == 7


@given(sample=samples, level=st.sampled_from(LEVELS))
def test_law_bounds_are_those_of_scipys_quantile_test(sample: list[int], level: Fraction) -> None:
    # Another confidence than 95 %, which for some sizes is met exactly and then by rounding only.
    share = float(level)
    tests = [
        stats.quantile_test(sample, p=share, alternative=side).confidence_interval(0.951)
        for side in ("greater", "less")
    ]
    expected = [None if math.isnan(end) else end for end in (tests[0].low, tests[1].high)]
    assert list(quantiles.bounds(sample, level, 0.951)) == expected


@given(sample=samples, level=st.sampled_from(LEVELS))
def test_law_the_bounds_lie_around_the_quantile(sample: list[int], level: Fraction) -> None:
    low, high = quantiles.bounds(sample, level)
    value = quantiles.quantile(sample, level)
    assert low is None or low <= value
    assert high is None or high >= value


@pytest.mark.parametrize(
    ("level", "needed"),
    [(Fraction(1, 2), 5), (Fraction(95, 100), 59), (Fraction(99, 100), 299)],
)
def test_an_upper_bound_needs_enough_values(level: Fraction, needed: int) -> None:
    assert quantiles.bound_ranks(level, needed)[1] == needed
    assert quantiles.bound_ranks(level, needed - 1)[1] is None


def test_in_19_of_20_samples_a_bound_holds() -> None:
    chance = Random(7)
    level, truth = Fraction(95, 100), 950_000
    missed = [0, 0]
    for _ in range(1000):
        sample = sorted(chance.randrange(1_000_000) for _ in range(200))
        low, high = quantiles.bounds(sample, level)
        missed[0] += low is not None and low > truth
        missed[1] += high is not None and high < truth
    assert max(missed) <= 65


@given(sample=samples, limit=st.integers(1, 10**7), level=st.sampled_from(LEVELS[1:]))
def test_law_no_more_are_needed_exactly_where_a_bound_settles_it(
    sample: list[int], limit: int, level: Fraction
) -> None:
    low, high = quantiles.bounds(sample, level)
    settled = (high is not None and high <= limit) or (low is not None and low > limit)
    assert (quantiles.more(sample, level, limit) == 0) == settled


def test_a_sample_of_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="nothing has no quantile"):
        quantiles.quantile([], Fraction(1, 2))
    with pytest.raises(ValueError, match="nothing has no quantile"):
        quantiles.bounds([], Fraction(1, 2))


@pytest.mark.parametrize("level", [Fraction(0), Fraction(-1), Fraction(101, 100)])
def test_a_level_outside_of_its_range_is_refused(level: Fraction) -> None:
    with pytest.raises(ValueError, match="no level"):
        quantiles.rank(level, 10)
