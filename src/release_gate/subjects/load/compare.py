"""Two samples against one another: is the release slower, or does it fail more often?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from release_gate.api import Metric, Table
from release_gate.subjects.load.sample import Sample
from release_gate.subjects.statistics import ranks, ratios

P95, MEAN, ERROR_RATE = "p95-ratio", "mean-ratio", "error-rate-ratio"
_P95 = Fraction(95, 100)
_MOST_RANKED = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Ratios with their intervals, and how they came about.

    Args:
        metrics: ``p95-ratio``, ``mean-ratio`` and ``error-rate-ratio``.
        table: Estimate, interval, sample sizes and method of each.
    """

    metrics: tuple[Metric, ...]
    table: Table


def compare(
    now: Sample, then: Sample, *, seed: int, floor: float, limits: Mapping[str, float]
) -> Comparison:
    """How many times slower, and how many times as often failing.

    Args:
        now: The release.
        then: What it is compared with.
        seed: Of the resampling.
        floor: Share of errors below which a rate counts as it, 0 to 1.
        limits: Highest ratio by the name of the metric; for saying how many more would settle it.

    Raises:
        ValueError: If a sample is empty.
    """
    slower = (sorted(now.latencies_us), sorted(then.latencies_us))
    found = {
        P95: ratios.of_quantiles(*slower, _P95, seed),
        MEAN: ratios.of_means(now.latencies_us, then.latencies_us, seed),
        ERROR_RATE: ratios.of_rates((now.failed, now.count), (then.failed, then.count), floor),
    }
    least = min(now.count, then.count)
    metrics = tuple(
        Metric(
            name=name,
            value=ratio.estimate,
            unit="",
            n=least,
            low=ratio.low,
            high=ratio.high if math.isfinite(ratio.high) else None,
            more=ratios.more(ratio, least, limits[name]) if name in limits else None,
        )
        for name, ratio in found.items()
    )
    counts = (f"{now.count:,}", f"{then.count:,}")
    rows: list[tuple[str, ...]] = [
        (name, f"{r.estimate:.4g}", f"{r.low:.4g}", f"{r.high:.4g}", *counts, r.method)
        for name, r in found.items()
    ]
    columns = ("ratio", "estimate", "lower", "upper", "n", "n compared with", "method")
    rows += [_shift(*slower)] if max(now.count, then.count) <= _MOST_RANKED else []
    table = Table(title="Compared, 95 % intervals", columns=columns, rows=tuple(rows))
    return Comparison(metrics=metrics, table=table)


def _shift(now: list[int], then: list[int]) -> tuple[str, ...]:
    """The shift in milliseconds, for people: nothing is judged by it."""
    test = ranks.mann_whitney(now, then)
    shift = ranks.shift(now, then) / 1000
    method = f"Hodges-Lehmann; Mann-Whitney p = {test.p:.3g}, two-sided; not judged"
    return ("shift in ms", f"{shift:.4g}", "", "", f"{len(now):,}", f"{len(then):,}", method)
