"""How many times larger one sample's quantile, mean or rate is than another's.

Sources: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13
(percentile interval); H. Künsch, Annals of Statistics 17 (1989), blocks of a series. A
quantile of a resample is drawn directly: it is the value at a rank that a beta variable gives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from release_gate.subjects.statistics import shares
from release_gate.subjects.statistics.quantiles import quantile, rank

LEVEL = 0.95
"""Confidence of an interval, both ends together."""

RESAMPLES = 1999
_BLOCKS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """An estimate and its 95 % interval.

    Args:
        estimate: Of the ratio.
        low: Lower end.
        high: Upper end; infinity where nothing bounds it.
        method: In words.
    """

    estimate: float
    low: float
    high: float
    method: str


def of_quantiles(
    sample: Sequence[int], reference: Sequence[int], level: Fraction, seed: int
) -> Ratio:
    """Ratio of the same quantile of two samples.

    Args:
        sample: Whole numbers, ascending, more than 0.
        reference: What the sample is divided by, likewise.
        level: Of the quantile.
        seed: Of the resampling; the same seed gives the same interval.

    Raises:
        ValueError: If a sample is empty or holds a number below 1.
    """
    _check(sample, reference)
    chance = Random(seed)  # noqa: S311 - resampling, not a secret
    above, below = _resampled(sample, level, chance), _resampled(reference, level, chance)
    drawn = sorted(one / other for one, other in zip(above, below, strict=True))
    return _interval(
        quantile(sample, level) / quantile(reference, level),
        drawn,
        f"percentile bootstrap, {RESAMPLES:,} resamples, seed {seed}",
    )


def of_means(sample: Sequence[int], reference: Sequence[int], seed: int) -> Ratio:
    """Ratio of the means of two samples.

    Args:
        sample: Whole numbers above 0, in the order of their time: neighbours in a long sample
            are resampled together.
        reference: What the sample is divided by, likewise.
        seed: Of the resampling.

    Raises:
        ValueError: If a sample is empty or holds a number below 1.
    """
    _check(sample, reference)
    chance = Random(seed)  # noqa: S311 - resampling, not a secret
    above, below = _blocks(sample), _blocks(reference)
    times = len(below) / len(above)
    drawn = sorted(
        times * sum(chance.choices(above, k=len(above))) / sum(chance.choices(below, k=len(below)))
        for _ in range(RESAMPLES)
    )
    return _interval(
        math.fsum(sample) / len(sample) / (math.fsum(reference) / len(reference)),
        drawn,
        f"percentile bootstrap over {len(above):,} and {len(below):,} blocks,"
        f" {RESAMPLES:,} resamples, seed {seed}",
    )


def of_rates(sample: tuple[int, int], reference: tuple[int, int], floor: float) -> Ratio:
    """Ratio of two shares; each end divides two Clopper-Pearson bounds of 98.75 %.

    By Bonferroni's inequality all four bounds hold together in at least 95 % of samples.

    Args:
        sample: Failures and trials.
        reference: Failures and trials of what the sample is divided by.
        floor: Shares below it count as it, 0 to 1: without one, two flawless samples could
            never be compared.

    Raises:
        ValueError: For no trials, or a floor outside of its range.
    """
    if not 0 <= floor <= 1:
        raise ValueError(f"{floor} is no share")
    level = 1 - (1 - LEVEL) / 4
    above = [max(bound(*sample, level), floor) for bound in (shares.lower, shares.upper)]
    below = [max(bound(*reference, level), floor) for bound in (shares.lower, shares.upper)]
    estimate = _over(max(sample[0] / sample[1], floor), max(reference[0] / reference[1], floor))
    return Ratio(
        estimate=estimate,
        low=_over(above[0], below[1]),
        high=_over(above[1], below[0]),
        method=f"Clopper-Pearson bounds, Bonferroni; below {100 * floor:g} % counts as that",
    )


def more(ratio: Ratio, count: int, limit: float) -> int | None:
    """About how many more values narrow an interval until it leaves a limit out.

    The width shrinks with the root of the number of values, on a logarithmic scale.

    Args:
        ratio: As it is.
        count: Values in the smaller sample.
        limit: That is to be left out.

    Returns:
        0 if it is settled; ``None`` if the estimate is the limit, or nothing can be said.
    """
    if ratio.high <= limit or ratio.low > limit:
        return 0
    end = ratio.high if ratio.estimate < limit else ratio.low
    if ratio.estimate == limit or not 0 < end < math.inf or not 0 < ratio.estimate < math.inf:
        return None
    times = math.log(end / ratio.estimate) / math.log(limit / ratio.estimate)
    return math.ceil(count * (times * times - 1))


def _check(*samples: Sequence[int]) -> None:
    if any(not sample or min(sample) < 1 for sample in samples):
        raise ValueError("a sample is empty or holds a number below 1")


def _resampled(ordered: Sequence[int], level: Fraction, chance: Random) -> list[int]:
    """The quantile of each resample: rank k of n uniform places is beta(k, n - k + 1)."""
    count = len(ordered)
    place = rank(level, count)
    rest, last = count - place + 1, count - 1
    return [
        ordered[min(int(count * chance.betavariate(place, rest)), last)] for _ in range(RESAMPLES)
    ]


def _blocks(series: Sequence[int]) -> list[float]:
    """Mean of each run of neighbours, at most a thousand; a rest shorter than a run is left out."""
    size = -(-len(series) // _BLOCKS)
    starts = range(0, len(series) - size + 1, size)
    return [sum(series[start : start + size]) / size for start in starts]


def _interval(estimate: float, drawn: Sequence[float], method: str) -> Ratio:
    cut = round((1 - LEVEL) / 2 * (len(drawn) + 1))
    # A rest that is left out of the blocks can put the estimate outside: never of the interval.
    low, high = min(drawn[cut - 1], estimate), max(drawn[-cut], estimate)
    return Ratio(estimate=estimate, low=low, high=high, method=method)


def _over(above: float, below: float) -> float:
    if below == 0:
        return math.inf if above else 1.0
    return above / below
