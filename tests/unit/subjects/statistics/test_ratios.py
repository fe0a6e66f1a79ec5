"""Ratios with their intervals: how often they are wrong, and what they can tell apart."""

# ruff: noqa: S311 - seeded samples, no secrets

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import pytest
from scipy import stats

from release_gate.subjects.statistics import ratios

pytestmark = pytest.mark.unit

P95 = Fraction(95, 100)
LIMIT = 1.05


def latencies(count: int, seed: int, slower: float = 1.0) -> list[int]:
    """Microseconds, log-normal with sigma 0.6 around 50 ms, in the order of their time."""
    chance = Random(seed)
    return [round(50_000 * slower * chance.lognormvariate(0, 0.6)) for _ in range(count)]


def of_p95(count: int, run: int, slower: float = 1.0) -> ratios.Ratio:
    now, then = latencies(count, 2 * run, slower), latencies(count, 2 * run + 1)
    return ratios.of_quantiles(sorted(now), sorted(then), P95, seed=1)


def test_of_400_runs_without_a_difference_at_most_2_percent_fail() -> None:
    found = [of_p95(300, run) for run in range(400)]
    assert sum(ratio.low > LIMIT for ratio in found) <= 8
    # The plain comparison fails a large part of healthy releases: why there is an interval.
    assert sum(ratio.estimate > LIMIT for ratio in found) >= 60


def test_of_40_runs_without_a_difference_no_mean_fails() -> None:
    found = [
        ratios.of_means(latencies(300, 2 * run), latencies(300, 2 * run + 1), seed=1)
        for run in range(40)
    ]
    assert sum(ratio.low > LIMIT for ratio in found) <= 1


def test_half_as_slow_again_fails_in_at_least_95_percent_of_runs() -> None:
    found = [of_p95(1000, run, slower=1.5) for run in range(100)]
    assert sum(ratio.low > LIMIT for ratio in found) >= 95


def test_a_mean_half_as_slow_again_fails() -> None:
    now, then = latencies(1000, 3, slower=1.5), latencies(1000, 4)
    assert ratios.of_means(now, then, seed=1).low > LIMIT


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    now, then = latencies(300, 1), latencies(300, 2)
    first = ratios.of_means(now, then, seed=5)
    assert first == ratios.of_means(now, then, seed=5)
    assert first.low != ratios.of_means(now, then, seed=6).low
    assert "seed 5" in first.method


def test_a_resampled_quantile_has_the_distribution_of_one_that_was_resampled_in_full() -> None:
    sample = sorted(latencies(200, 9))
    drawn = ratios._resampled(sample, P95, Random(3))
    chance = Random(4)
    full = [sorted(chance.choices(sample, k=200))[189] for _ in range(2000)]
    assert stats.ks_2samp(drawn, full).pvalue > 0.001


def test_the_interval_is_close_to_scipys_bootstrap() -> None:
    now, then = latencies(400, 5, slower=1.2), latencies(400, 6)
    expected = stats.bootstrap(
        (now, then),
        lambda one, other, axis: one.mean(axis=axis) / other.mean(axis=axis),
        method="percentile",
        n_resamples=1999,
        rng=7,
    ).confidence_interval
    found = ratios.of_means(now, then, seed=8)
    assert found.low == pytest.approx(expected.low, rel=0.01)
    assert found.high == pytest.approx(expected.high, rel=0.01)


def test_a_long_series_is_resampled_in_blocks_of_neighbours() -> None:
    series = latencies(2500, 11)
    assert len(ratios._blocks(series)) == 833
    assert "833 and 833 blocks" in ratios.of_means(series, series, seed=1).method


def test_the_estimate_lies_in_its_interval_even_where_the_last_request_outweighs_all() -> None:
    calm = latencies(1999, 11)
    ratio = ratios.of_means([*calm[:-1], 10**12], calm, seed=1)
    assert ratio.low <= ratio.estimate <= ratio.high


def test_neighbours_that_are_slow_together_widen_the_interval() -> None:
    calm = latencies(20_000, 12)
    # The same values, the slowest thousand in one stall.
    ordered = sorted(calm)
    stall = ordered[:-1000]
    Random(13).shuffle(stall)
    series = [*stall[:9000], *ordered[-1000:], *stall[9000:]]
    width = {
        name: (found := ratios.of_means(one, calm, seed=2)).high - found.low
        for name, one in (("spread", calm), ("stall", series))
    }
    assert width["stall"] > 1.3 * width["spread"]


def test_two_flawless_samples_are_alike_once_both_are_surely_below_the_floor() -> None:
    few = ratios.of_rates((0, 600), (0, 600), floor=0.001)
    many = ratios.of_rates((0, 4500), (0, 4500), floor=0.001)
    assert (few.estimate, few.high > LIMIT, many.high <= LIMIT) == (1.0, True, True)


def test_without_a_floor_nothing_bounds_the_ratio_to_a_flawless_sample() -> None:
    ratio = ratios.of_rates((3, 600), (0, 600), floor=0.0)
    assert (ratio.estimate, ratio.high) == (math.inf, math.inf)


def test_an_error_rate_that_rose_fails() -> None:
    assert ratios.of_rates((30, 1000), (0, 1000), floor=0.001).low > LIMIT


def test_an_interval_of_error_rates_holds_in_19_of_20_samples() -> None:
    chance = Random(21)
    missed = 0
    for _ in range(300):
        now, then = (sum(chance.random() < 0.04 for _ in range(400)) for _ in range(2))
        ratio = ratios.of_rates((now, 400), (then, 400), floor=0.001)
        missed += not ratio.low <= 1 <= ratio.high
    assert missed <= 15


@pytest.mark.parametrize("samples", [([], [1]), ([1], []), ([0], [1]), ([5], [-1])])
def test_an_empty_sample_or_one_with_nothing_in_it_is_refused(
    samples: tuple[list[int], list[int]],
) -> None:
    with pytest.raises(ValueError, match="is empty or holds"):
        ratios.of_quantiles(*samples, P95, seed=1)
    with pytest.raises(ValueError, match="is empty or holds"):
        ratios.of_means(*samples, seed=1)


def test_a_floor_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        ratios.of_rates((0, 1), (0, 1), floor=2)


def test_more_values_are_asked_for_until_the_limit_is_left_out() -> None:
    ratio = ratios.Ratio(estimate=1.0, low=0.8, high=1.25, method="")
    needed = ratios.more(ratio, 300, LIMIT)
    assert needed is not None
    assert 300 + needed == pytest.approx(300 * (math.log(1.25) / math.log(1.05)) ** 2, abs=1)


@pytest.mark.parametrize(
    ("ends", "needed"),
    [((0.9, 1.04), 0), ((1.06, 1.3), 0), ((0.0, math.inf), None)],
)
def test_a_settled_ratio_needs_no_more_and_an_endless_one_gets_no_promise(
    ends: tuple[float, float], needed: int | None
) -> None:
    ratio = ratios.Ratio(estimate=1.0, low=ends[0], high=ends[1], method="")
    assert ratios.more(ratio, 100, LIMIT) == needed


def test_an_estimate_on_the_limit_gets_no_promise() -> None:
    assert ratios.more(ratios.Ratio(estimate=1.05, low=1.0, high=1.1, method=""), 9, 1.05) is None
