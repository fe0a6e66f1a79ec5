"""Outages out of a row of probes: when each began and ended at the earliest and at the latest.

A good probe proves that the service answered at some moment between its sending and its answer; a
failed one, that it did not between sending and giving up. An outage is a run of failed probes. It
lasted at least from the sending of its first failed probe to the end of its last, and at most
from the sending of the last good probe before it to the answer of the first good one after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from release_gate.subjects.load.sending import Shot


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """One run of failed probes; all times in microseconds after the start.

    Args:
        last_good_us: Sending of the last good probe before it; ``None``: there was none.
        first_bad_us: Sending of its first failed probe.
        last_bad_us: End of its last failed probe.
        first_good_us: Answer of the first good probe after it; ``None``: there was none.
        failed: How many probes failed.
        kinds: How they failed, each once, in order.
    """

    last_good_us: int | None
    first_bad_us: int
    last_bad_us: int
    first_good_us: int | None
    failed: int
    kinds: tuple[str, ...]

    @property
    def least_us(self) -> int:
        """It lasted at least so long."""
        return min(self.last_bad_us - self.first_bad_us, self.most_us or self.last_bad_us)

    @property
    def most_us(self) -> int | None:
        """It lasted at most so long; ``None`` if its begin or its end was not seen."""
        if self.last_good_us is None or self.first_good_us is None:
            return None
        return self.first_good_us - self.last_good_us

    @property
    def about_us(self) -> int:
        """The middle of both; the least where the most is not known."""
        most = self.most_us
        return self.least_us if most is None else (self.least_us + most) // 2


def outages(probes: Sequence[Shot]) -> tuple[Outage, ...]:
    """Every outage, by time.

    Args:
        probes: In the order in which they were sent.
    """
    return tuple(_outages(probes))


def unseen_us(probes: Sequence[Shot]) -> int | None:
    """How long an outage between two good probes could have been at most without being seen.

    Args:
        probes: In the order in which they were sent.

    Returns:
        ``None`` with fewer than two good probes.
    """
    good = [probe for probe in probes if probe.outcome.good]
    return max(
        (after.done_us - before.sent_us for before, after in pairwise(good)),
        default=None,
    )


def _outages(probes: Sequence[Shot]) -> Iterator[Outage]:
    before: Shot | None = None
    runs = [(good, list(run)) for good, run in groupby(probes, key=lambda one: one.outcome.good)]
    for place, (good, run) in enumerate(runs):
        if good:
            before = run[-1]
            continue
        after = runs[place + 1][1] if place + 1 < len(runs) else []
        yield Outage(
            last_good_us=before.sent_us if before else None,
            first_bad_us=run[0].sent_us,
            last_bad_us=max(one.done_us for one in run),
            # Probes that hung together are answered together: the earliest answer counts.
            first_good_us=min((one.done_us for one in after), default=None),
            failed=len(run),
            kinds=tuple(dict.fromkeys(one.outcome.kind for one in run)),
        )
