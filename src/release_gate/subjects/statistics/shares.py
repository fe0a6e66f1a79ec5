"""Shares: what k of n says of the true share (C. Clopper, E. Pearson, Biometrika 26, 1934).

The bounds are exact: the true share lies above the upper one in at most 5 % of samples, and
below the lower one in at most 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from release_gate.subjects.statistics import beta

LEVEL = 0.95
"""Confidence of each bound."""

_MOST = 10**9


def cumulative(successes: int, trials: int, share: float) -> float:
    """Probability of at most so many successes (binomial distribution).

    Args:
        successes: From -1, for nothing, to ``trials``.
        trials: At least 1.
        share: Probability of one success, 0 to 1.
    """
    if successes < 0:
        return 0.0
    if successes >= trials:
        return 1.0
    return beta.incomplete(trials - successes, successes + 1, 1 - share)


def lower(successes: float, trials: float, level: float = LEVEL) -> float:
    """One-sided lower bound of the share.

    Args:
        successes: 0 to ``trials``; need not be whole.
        trials: More than 0.
        level: Confidence of this bound alone.

    Raises:
        ValueError: For no trials, or more successes than trials.
    """
    _check(successes, trials)
    if successes == 0:
        return 0.0
    if successes == trials:
        return math.exp(math.log1p(-level) / trials)
    return beta.inverse(successes, trials - successes + 1, 1 - level)


def upper(successes: float, trials: float, level: float = LEVEL) -> float:
    """One-sided upper bound of the share; see :func:`lower`."""
    _check(successes, trials)
    if successes == trials:
        return 1.0
    if successes == 0:
        return -math.expm1(math.log1p(-level) / trials)
    return beta.inverse(successes + 1, trials - successes, level)


def flawless(limit: float, level: float = LEVEL) -> int | None:
    """How many trials without one success prove that the share is at most a limit.

    Args:
        limit: The share, 0 to 1.
        level: Confidence.

    Returns:
        ``None`` for a limit of 0: no number proves that.
    """
    if limit <= 0:
        return None
    return _first(lambda n: upper(0, n, level) <= limit, 1)


def more(successes: float, trials: int, limit: float, level: float = LEVEL) -> int | None:
    """How many more trials settle on which side of a limit the share lies, if it stays as it is.

    Args:
        successes: So far.
        trials: So far.
        limit: The share, 0 to 1.
        level: Confidence of the bound that decides.

    Returns:
        0 if it is settled; ``None`` if the observed share is the limit itself, or no number helps.
    """
    _check(successes, trials)
    share = successes / trials
    if share == limit:
        return 0 if upper(successes, trials, level) <= limit else None

    def settled(n: int) -> bool:
        if share < limit:
            return upper(share * n, n, level) <= limit
        return lower(share * n, n, level) > limit

    enough = _first(settled, trials)
    return None if enough is None else enough - trials


def _first(settled: Callable[[int], bool], start: int) -> int | None:
    """The smallest number from ``start`` on for which it is settled; it stays so beyond."""
    if settled(start):
        return start
    low, high = start, 2 * start
    while not settled(high):
        low, high = high, 2 * high
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if settled(middle) else (middle, high)
    return high


def _check(successes: float, trials: float) -> None:
    if not (trials > 0 and 0 <= successes <= trials):
        raise ValueError(f"{successes} of {trials} is no share")
