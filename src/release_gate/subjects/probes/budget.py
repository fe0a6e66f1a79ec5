"""The time that is left, on one stopwatch for a whole attempt."""

from __future__ import annotations

from dataclasses import dataclass

from release_gate.ports import Clock
from release_gate.subjects.probes.contract import ProbeFailed


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopwatch:
    """Implements :class:`release_gate.subjects.probes.contract.Budget`.

    Args:
        clock: Whose stopwatch.
        until: Its reading at which the time is over.
        total_s: Seconds that there were, for the message.
    """

    clock: Clock
    until: float
    total_s: float

    def left(self) -> float:
        """Seconds left.

        Raises:
            ProbeFailed: Transient, if there are none.
        """
        left = self.until - self.clock.monotonic()
        if left <= 0:
            raise ProbeFailed(
                f"there was no whole answer within {self.total_s:g} s", transient=True
            )
        return left


def start(clock: Clock, total_s: float) -> Stopwatch:
    """A stopwatch that begins now.

    Args:
        clock: Whose.
        total_s: Seconds.
    """
    return Stopwatch(clock=clock, until=clock.monotonic() + total_s, total_s=total_s)
