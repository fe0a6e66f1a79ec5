"""What was measured of one service: latencies in whole microseconds, and failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from release_gate.subjects.load.sending import Shot, Volley

_LAG_LEVEL = Fraction(99, 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One service under load.

    Args:
        latencies_us: Of each request in the order in which they were due, from the moment when it
            was due; of a failed one at least the whole budget of a request: whoever waited for
            it was not served any sooner.
        services_us: The same from the moment when it was sent: what the service alone must
            answer for, however late the generator was.
        failed: How many requests failed.
        elapsed_us: From the first planned moment to the last answer or the planned end,
            whichever was later.
        outcomes: How often each kind of outcome occurred.
    """

    latencies_us: tuple[int, ...]
    services_us: tuple[int, ...]
    failed: int
    elapsed_us: int
    outcomes: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many requests were sent."""
        return len(self.latencies_us)


def sample(volley: Volley, *, arm: int, budget_us: int, planned_us: int) -> Sample:
    """What one service was measured at.

    Args:
        volley: All that was sent.
        arm: Which service.
        budget_us: Microseconds that each request had.
        planned_us: Microseconds that the load was to take.
    """
    shots = [shot for shot in volley.shots if shot.arm == arm]
    return Sample(
        latencies_us=tuple(_since(shot, shot.planned_us, budget_us) for shot in shots),
        services_us=tuple(_since(shot, shot.sent_us, budget_us) for shot in shots),
        failed=sum(not shot.outcome.good for shot in shots),
        elapsed_us=max([planned_us, *(shot.done_us for shot in shots)]),
        outcomes=dict(sorted(Counter(shot.outcome.kind for shot in shots).items())),
    )


def lag_us(shots: Sequence[Shot]) -> int:
    """The generator's own lag: 99 of 100 requests were sent this late at most.

    Raises:
        ValueError: If nothing was sent.
    """
    late = sorted(shot.lag_us for shot in shots)
    if not late:
        raise ValueError("nothing was sent")
    return late[-(-_LAG_LEVEL.numerator * len(late) // _LAG_LEVEL.denominator) - 1]


def _since(shot: Shot, moment_us: int, budget_us: int) -> int:
    took = shot.done_us - moment_us
    if not shot.outcome.good:
        took = max(took, shot.sent_us - moment_us + budget_us)
    return max(took, 1)
