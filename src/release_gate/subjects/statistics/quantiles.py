"""Quantiles of a sample and their bounds by order statistics, free of any distribution.

Source: W. J. Conover, "Practical Nonparametric Statistics", 3rd edition, section 3.2. A rank
bounds a quantile as surely as a binomial variable says; nothing is interpolated.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction

from release_gate.subjects.statistics import shares


def rank(level: Fraction, count: int) -> int:
    """One-based rank of a quantile: the smallest with at least that share at or below it.

    Args:
        level: Of the quantile, more than 0 and at most 1.
        count: Size of the sample.

    Raises:
        ValueError: For a sample of nothing, or a level outside of its range.
    """
    if count < 1:
        raise ValueError("a sample of nothing has no quantile")
    if not 0 < level <= 1:
        raise ValueError(f"{level} is no level of a quantile")
    return max(-(-level.numerator * count // level.denominator), 1)


def quantile(ordered: Sequence[int], level: Fraction) -> int:
    """The exact quantile of a sample by its nearest rank.

    Args:
        ordered: Whole numbers (microseconds), ascending.
        level: As for :func:`rank`.
    """
    return ordered[rank(level, len(ordered)) - 1]


def bound_ranks(
    level: Fraction, count: int, confidence: float = shares.LEVEL
) -> tuple[int | None, int | None]:
    """One-based ranks whose values bound the true quantile from below and from above.

    Args:
        level: Of the quantile, between 0 and 1.
        count: Size of the sample.
        confidence: Of each bound alone.

    Returns:
        ``None`` on a side where the sample is too small for any bound.
    """
    rank(level, count)
    share = float(level)
    # X_(r) is at most the quantile where at least r values are: P(B >= r) >= confidence.
    below = _last(lambda r: shares.cumulative(count - r, count, 1 - share) >= confidence, count)
    # X_(r) is at least the quantile where fewer than r values are below it.
    above = _last(lambda r: shares.cumulative(r - 1, count, share) < confidence, count) + 1
    return below or None, above if above <= count else None


def bounds(
    ordered: Sequence[int], level: Fraction, confidence: float = shares.LEVEL
) -> tuple[int | None, int | None]:
    """Lower and upper bound of a quantile, each one-sided; see :func:`bound_ranks`."""
    below, above = bound_ranks(level, len(ordered), confidence)
    return (
        None if below is None else ordered[below - 1],
        None if above is None else ordered[above - 1],
    )


def more(ordered: Sequence[int], level: Fraction, limit: int) -> int | None:
    """How many more values settle on which side of a limit the quantile lies.

    A quantile is at most a limit where the share of values above the limit is at most
    ``1 - level``; see :func:`release_gate.subjects.statistics.shares.more`.

    Args:
        ordered: The sample, ascending.
        level: Of the quantile.
        limit: In the unit of the sample, included.
    """
    over = len(ordered) - bisect_right(ordered, limit)
    return shares.more(over, len(ordered), float(1 - level))


def _last(holds: Callable[[int], bool], count: int) -> int:
    """The largest rank for which it holds, 0 if for none; it holds for all ranks before."""
    low, high = 0, count + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
