"""Requests of real users, out of counters that only grow, until a process starts anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from release_gate.subjects.canary.record import Reading


def counted(
    requests: Sequence[Reading | None], errors: Sequence[Reading | None]
) -> tuple[int, int, str]:
    """Requests and errors between the first and the last reading.

    A counter that falls began anew at 0, as Prometheus' ``increase`` takes it.

    Args:
        requests: Readings of the counter of all requests, in their order.
        errors: Of those that failed.

    Returns:
        Requests, errors, and why nothing is known; then both are 0.
    """
    totals = []
    for name, readings in (("requests", requests), ("errors", errors)):
        grown, why = _grown(readings)
        if why:
            return 0, 0, f"the counter of {name} {why}"
        totals.append(grown)
    asked, failed = totals
    if failed > asked:
        return 0, 0, f"the counters contradict each other: {failed} errors in {asked} requests"
    return asked, failed, ""


def _grown(readings: Sequence[Reading | None]) -> tuple[int, str]:
    if not readings or readings[-1] is None:
        return 0, "was never read"
    last = readings[-1]
    if not _is_count(last):
        return 0, f"could not be read: {last.why or 'it is no count'}"
    values = [one.value for one in readings if one is not None and _is_count(one)]
    known = [value for value in values if value is not None]
    grown = sum(after - before if after >= before else after for before, after in pairwise(known))
    return round(grown), ""


def _is_count(reading: Reading) -> bool:
    value = reading.value
    return value is not None and math.isfinite(value) and value >= 0
