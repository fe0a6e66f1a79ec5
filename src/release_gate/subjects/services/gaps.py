"""Where data are missing in a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A stretch without data.

    Args:
        start: Its beginning, in the unit of the points.
        length: Until the next point or the window's end.
    """

    start: float
    length: float


def longest_gap(start: float, end: float, points: Iterable[float]) -> Gap:
    """The longest stretch without a point, from end to end of a window.

    Args:
        start: Of the window.
        end: Of the window.
        points: In any order; those outside do not count.
    """
    marks = [start, *sorted(point for point in points if start <= point <= end), end]
    gaps = [Gap(start=one, length=other - one) for one, other in pairwise(marks)]
    return max(gaps, key=lambda gap: gap.length)
