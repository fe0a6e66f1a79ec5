"""Shares and their exact bounds, against scipy."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from release_gate.subjects.statistics import beta, shares

pytestmark = pytest.mark.unit

counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
shapes = st.floats(0.5, 1e6)


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-300)


@given(a=shapes, b=shapes, spread=st.floats(-5, 5))
def test_law_the_incomplete_beta_is_scipys(a: float, b: float, spread: float) -> None:
    mean = a / (a + b)
    x = mean + spread * math.sqrt(mean * (1 - mean) / (a + b + 1))
    if 0 < x < 1 and special.betainc(a, b, x) > 1e-9:
        assert beta.incomplete(a, b, x) == near(special.betainc(a, b, x))


@given(a=shapes, b=shapes, p=st.floats(1e-4, 1 - 1e-4))
def test_law_its_inverse_is_scipys(a: float, b: float, p: float) -> None:
    expected = special.betaincinv(a, b, p)
    if 1e-12 < expected < 1 - 1e-9:
        assert beta.inverse(a, b, p) == near(expected)


@given(counts=counts, level=st.sampled_from([0.9, 0.95, 0.975, 0.9875, 0.99]))
def test_law_bounds_are_those_of_clopper_and_pearson(counts: tuple[int, int], level: float) -> None:
    k, n = counts
    # scipy's binomtest itself finds them by a search that ends at about nine digits.
    low = stats.beta.ppf(1 - level, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(level, k + 1, n - k) if k < n else 1.0
    assert (shares.lower(k, n, level), shares.upper(k, n, level)) == (near(low), near(high))


@given(counts=counts)
def test_law_the_bounds_lie_around_the_share(counts: tuple[int, int]) -> None:
    k, n = counts
    assert 0 <= shares.lower(k, n) <= k / n <= shares.upper(k, n) <= 1


@given(counts=counts, share=st.floats(0.001, 0.999))
def test_law_the_binomial_distribution_is_scipys(counts: tuple[int, int], share: float) -> None:
    k, n = counts
    expected = stats.binom.cdf(k, n, share)
    if expected > 1e-9:
        assert shares.cumulative(k, n, share) == near(expected)


@pytest.mark.parametrize(("k", "n"), [(0, 600), (3, 600), (30, 600), (599, 600), (600, 600)])
def test_bounds_are_those_of_scipys_exact_test(k: int, n: int) -> None:
    low = stats.binomtest(k, n, alternative="greater").proportion_ci(0.95, "exact").low
    high = stats.binomtest(k, n, alternative="less").proportion_ci(0.95, "exact").high
    assert (shares.lower(k, n), shares.upper(k, n)) == (near(low), near(high))


def test_no_error_in_600_leaves_half_a_percent_possible() -> None:
    assert round(100 * shares.upper(0, 600), 3) == 0.498
    assert shares.upper(0, 600) == near(1 - 0.05 ** (1 / 600))


def test_a_thousandth_is_proven_by_2995_without_an_error_and_not_by_2994() -> None:
    assert shares.flawless(0.001) == 2995
    assert shares.more(0, 600, 0.001) == 2395
    assert shares.upper(0, 2995) <= 0.001 < shares.upper(0, 2994)


def test_30_errors_in_600_are_surely_more_than_a_thousandth() -> None:
    assert shares.lower(30, 600) > 0.001
    assert shares.more(30, 600, 0.001) == 0


@pytest.mark.parametrize(("k", "n"), [(1, 600), (2, 600), (1, 3000), (20, 19_000)])
def test_with_so_many_more_alike_it_is_settled_and_with_one_less_it_is_not(k: int, n: int) -> None:
    limit = 0.001
    share = k / n
    whole = n + (shares.more(k, n, limit) or 0)

    def settled(count: int) -> bool:
        if share < limit:
            return shares.upper(share * count, count) <= limit
        return shares.lower(share * count, count) > limit

    assert (settled(whole), settled(whole - 1)) == (True, False)


def test_a_share_that_is_the_limit_is_never_settled() -> None:
    assert shares.more(1, 1000, 0.001) is None


@pytest.mark.parametrize("limit", [0, -1])
def test_no_number_of_trials_proves_that_nothing_ever_fails(limit: float) -> None:
    assert shares.flawless(limit) is None


def test_a_limit_that_no_thousand_million_trials_settle_is_not_promised() -> None:
    assert shares.flawless(1e-12) is None


@pytest.mark.parametrize(("k", "n"), [(0, 0), (1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        shares.upper(k, n)
    with pytest.raises(ValueError, match="is no share"):
        shares.lower(k, n)


@pytest.mark.parametrize(
    "arguments", [(0, 1, 0.5), (1, 1, -0.1), (1, 1, math.nan), (1, math.inf, 0.5)]
)
def test_what_is_no_beta_variable_is_refused(arguments: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no incomplete beta"):
        beta.incomplete(*arguments)


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="is no probability"):
        beta.inverse(1, 1, 1.5)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_the_ends_of_the_beta_distribution_are_exact(end: float) -> None:
    assert (beta.incomplete(2, 3, end), beta.inverse(2, 3, end)) == (end, end)
