"""One request as the generator sees it: how it is sent, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one request.

    Args:
        good: Whether it was answered as it should be.
        kind: In a word or two, for counting: ``200``, ``connection refused``.
    """

    good: bool
    kind: str


Send = Callable[[float], Outcome]
"""Sends one request and reads the whole answer within so many seconds; called from any thread."""


class Watch(Protocol):
    """A stopwatch that can wait."""

    def now(self) -> float:
        """Seconds since some fixed point."""

    def wait(self, seconds: float) -> None:
        """Sleep."""


class RealWatch:
    """The process's own stopwatch: a load happens in real time even where a clock is fixed."""

    def now(self) -> float:
        """Seconds by the monotonic clock."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """A request that was sent; all times in microseconds after the start.

    Args:
        arm: To whom.
        planned_us: When it was due.
        sent_us: When its thread began to send it.
        done_us: When the answer was read, or it was given up.
        waited_us: How long it was held back by the cap on requests in flight.
        outcome: What came of it.
    """

    arm: int
    planned_us: int
    sent_us: int
    done_us: int
    waited_us: int
    outcome: Outcome

    @property
    def lag_us(self) -> int:
        """How late the generator was by its own fault."""
        return max(self.sent_us - self.planned_us - self.waited_us, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Volley:
    """Everything that was sent.

    Args:
        shots: In the order in which they were due.
        unsent: Requests that were due and never sent.
        held_back: Requests that the cap on requests in flight held back.
        stopped: Whether it was broken off from outside.
    """

    shots: tuple[Shot, ...]
    unsent: int = 0
    held_back: int = 0
    stopped: bool = False
