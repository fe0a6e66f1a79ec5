"""Figures out of series; whatever is no number is never summed up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from release_gate.subjects.probes.contract import ProbeFailed, Unreadable
from release_gate.subjects.services.exposition import Sample


def figures(samples: Sequence[Sample], asked: str) -> dict[str, Any]:
    """``samples``, ``count``, ``sum``, ``min``, ``max``, ``mean``, and ``value`` of a single one.

    Args:
        samples: One of each series.
        asked: What was asked for, for messages.

    Raises:
        ProbeFailed: If there is none, or one is NaN or infinite.
    """
    if not samples:
        raise ProbeFailed(
            f"{asked} has no series: nothing is there to be judged",
            transient=True,
            remedy='Where no series means none of them, ask for "count(...) or vector(0)".',
        )
    for sample in samples:
        finite(sample.value, sample.shown() or asked)
    numbers = [sample.value for sample in samples]
    several = Unreadable(reason=f"there are {len(numbers)} series, not one")
    ordered = sorted(samples, key=lambda sample: (sample.name, sorted(sample.labels.items())))
    return {
        "value": numbers[0] if len(numbers) == 1 else several,
        "samples": [{"labels": dict(s.labels), "value": s.value} for s in ordered],
        "count": len(numbers),
        "sum": math.fsum(numbers),
        "min": min(numbers),
        "max": max(numbers),
        "mean": math.fsum(numbers) / len(numbers),
    }


def finite(value: float, series: str) -> float:
    """The value itself.

    Raises:
        ProbeFailed: If it is NaN or infinite.
    """
    if not math.isfinite(value):
        shown = "NaN" if math.isnan(value) else f"{value:+}".replace("inf", "Inf")
        raise ProbeFailed(f"{series} is {shown}, which is no number to judge by")
    return value


def needed(
    need: Mapping[str, tuple[str, ...]], labels: Sequence[Mapping[str, str]], asked: str
) -> None:
    """Make sure that each wanted value of a label has a series.

    Raises:
        ProbeFailed: With the first that has none.
    """
    for key, values in need.items():
        seen = {found[key] for found in labels if key in found}
        missing = [value for value in values if value not in seen]
        if missing:
            raise ProbeFailed(
                f'{asked} has no series with {key}="{missing[0]}"; there are '
                f"{', '.join(sorted(seen)) or 'none'}",
                transient=True,
            )
