"""Whether and how far one sample lies above another, by ranks alone.

Sources: H. Mann, D. Whitney, Annals of Mathematical Statistics 18 (1947), with the correction
for ties of E. Lehmann, "Nonparametrics" (1975), section 1.4; J. Hodges, E. Lehmann, Annals of
Mathematical Statistics 34 (1963).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Number = int | float
Side = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RankTest:
    """Outcome of the test of Mann and Whitney.

    Args:
        statistic: U: in how many pairs the first sample's value is larger, a tie is a half.
        p: Probability of a U at least as extreme if both came from one distribution.
    """

    statistic: float
    p: float


def mann_whitney(
    first: Sequence[Number], second: Sequence[Number], side: Side = "two-sided"
) -> RankTest:
    """The rank test by the normal approximation, corrected for ties and continuity.

    Args:
        first: A sample; the approximation is good from about 20 values on.
        second: The other one.
        side: ``greater`` asks whether the first one tends to be larger.

    Raises:
        ValueError: If a sample is empty or holds something that is not a number.
    """
    ordered = _ordered(second)
    _ordered(first)
    twice = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in first)
    statistic = twice / 2
    pairs, total = len(first) * len(second), len(first) + len(second)
    ties = sum(n**3 - n for n in Counter([*first, *second]).values())
    variance = pairs / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return RankTest(statistic=statistic, p=1.0)  # all values are the same
    away = {"greater": statistic, "less": pairs - statistic}
    extreme = away.get(side, max(statistic, pairs - statistic))
    z = (extreme - pairs / 2 - 0.5) / math.sqrt(variance)
    tail = math.erfc(z / math.sqrt(2)) / 2
    return RankTest(statistic=statistic, p=min(2 * tail, 1.0) if side == "two-sided" else tail)


def shift(first: Sequence[Number], second: Sequence[Number]) -> float:
    """How far the first sample lies above the second: the median of all differences.

    Args:
        first: A sample.
        second: The other one.

    Raises:
        ValueError: If a sample is empty or holds something that is not a number.
    """
    upper, lower = _ordered(first), _ordered(second)
    pairs = len(upper) * len(lower)
    middle = _difference(upper, lower, (pairs + 1) // 2)
    if pairs % 2:
        return middle
    return (middle + _difference(upper, lower, pairs // 2 + 1)) / 2


def _difference(upper: Sequence[Number], lower: Sequence[Number], place: int) -> Number:
    """The difference at a one-based place of all in order, found without listing them."""
    low, high = upper[0] - lower[-1], upper[-1] - lower[0]
    if _count(upper, lower, low) >= place:
        return low
    while True:
        middle = _between(low, high)
        if middle in {low, high}:
            return high
        low, high = (low, middle) if _count(upper, lower, middle) >= place else (middle, high)


def _between(low: Number, high: Number) -> Number:
    if isinstance(low, int) and isinstance(high, int):
        return (low + high) // 2
    return low + (high - low) / 2


def _count(upper: Sequence[Number], lower: Sequence[Number], most: Number) -> int:
    """How many differences are at most so much: one pass over both."""
    count, start = 0, 0
    for value in upper:
        while start < len(lower) and value - lower[start] > most:
            start += 1
        count += len(lower) - start
    return count


def _ordered(sample: Sequence[Number]) -> list[Number]:
    if not sample or not all(math.isfinite(value) for value in sample):
        raise ValueError("a sample is empty or holds something that is not a number")
    return sorted(sample)
