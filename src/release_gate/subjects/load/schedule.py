"""When each request is due, settled before the first one is sent: an open loop.

A closed loop sends the next request when the last one was answered, so that a service that
stands still gets fewer requests and its stall shows in few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

MICROSECONDS = 1_000_000
MOST_PER_SECOND = 200
MOST_IN_FLIGHT = 50
MOST_REQUESTS = 200_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A constant rate for some time.

    Args:
        rate: Requests a second.
        duration_s: Seconds.
    """

    rate: Fraction
    duration_s: Fraction


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Planned:
    """A request that is due.

    Args:
        offset_us: Microseconds after the start.
        arm: To whom it goes: 0 is the release, 1 the control.
    """

    offset_us: int
    arm: int = 0


def schedule(steps: Sequence[Step], arms: int = 1) -> tuple[Planned, ...]:
    """Every request of every step, evenly spaced; the arms take turns at the same time.

    Args:
        steps: One after the other.
        arms: How many services get the same load.

    Raises:
        ValueError: If it is no load, or more than a light one.
    """
    for step in steps:
        if step.rate <= 0 or step.duration_s <= 0:
            raise ValueError("a step needs a rate and a duration of more than 0")
        if step.rate * arms > MOST_PER_SECOND:
            asked = f"{float(step.rate * arms):g} requests/s"
            raise ValueError(f"{asked} are more than {MOST_PER_SECOND}: use a load tool and report")
    count = sum(step.rate * step.duration_s for step in steps) * arms
    if count > MOST_REQUESTS:
        raise ValueError(f"{int(count):,} requests are more than {MOST_REQUESTS:,}")
    planned = tuple(sorted(_planned(steps, arms)))
    if not planned:
        raise ValueError("the load holds no request: rate times duration is less than 1")
    return planned


def length_us(steps: Sequence[Step]) -> int:
    """Microseconds from the first planned moment to the end of the last step."""
    return int(sum(step.duration_s for step in steps) * MICROSECONDS)


def _planned(steps: Sequence[Step], arms: int) -> Iterator[Planned]:
    start = Fraction(0)
    for step in steps:
        for place in range(int(step.rate * step.duration_s)):
            for arm in range(arms):
                due = start + (place + Fraction(arm, arms)) / step.rate
                yield Planned(offset_us=int(due * MICROSECONDS), arm=arm)
        start += step.duration_s
