"""The rank test and the shift, against scipy and against their definitions."""

from __future__ import annotations

import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from release_gate.subjects.statistics import ranks

pytestmark = pytest.mark.unit

whole = st.lists(st.integers(0, 30), min_size=2, max_size=60)
real = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)
sides = st.sampled_from(["two-sided", "greater", "less"])


@given(first=whole, second=whole, side=sides)
def test_law_the_test_with_ties_is_scipys(
    first: list[int], second: list[int], side: ranks.Side
) -> None:
    found = ranks.mann_whitney(first, second, side)
    if len({*first, *second}) == 1:
        assert found.p == 1
        return
    expected = stats.mannwhitneyu(first, second, alternative=side, method="asymptotic")
    assert found.statistic == expected.statistic
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)


@given(first=real, second=real)
def test_law_the_shift_is_the_median_of_all_differences(
    first: list[float], second: list[float]
) -> None:
    expected = median(one - other for one in first for other in second)
    assert ranks.shift(first, second) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(first=whole, second=whole)
def test_law_the_shift_of_whole_numbers_is_exact(first: list[int], second: list[int]) -> None:
    assert ranks.shift(first, second) == median(x - y for x in first for y in second)


def test_a_service_that_is_three_milliseconds_slower_is_shifted_by_so_much() -> None:
    before = [10_000 + 7 * n for n in range(500)]
    assert ranks.shift([value + 3000 for value in before], before) == 3000


@pytest.mark.parametrize("sample", [[], [math.nan], [1, math.inf]])
def test_an_empty_sample_or_one_without_numbers_is_refused(sample: list[float]) -> None:
    for pair in ((sample, [1, 2]), ([1, 2], sample)):
        with pytest.raises(ValueError, match="not a number"):
            ranks.mann_whitney(*pair)
        with pytest.raises(ValueError, match="not a number"):
            ranks.shift(*pair)
