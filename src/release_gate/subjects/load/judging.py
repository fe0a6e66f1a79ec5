"""Figures out of another tool's report, with the bounds that its percentiles allow."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from release_gate.api import Metric
from release_gate.subjects.load.figures import LEVELS, Aims, error_rate, rate
from release_gate.subjects.load.reports.types import LoadReport
from release_gate.subjects.statistics import quantiles


def figures(report: LoadReport, aims: Aims) -> tuple[Metric, ...]:
    """What the report says of each of our figures; a percentile that it lacks is left out.

    A rank that bounds a percentile lies at some share of the sample: the next reported
    percentile beyond that share bounds it too, less tightly.

    Args:
        report: At least one request.
        aims: Limits.
    """
    counts = (report.failed, report.requests)
    return (
        *_percentiles(report),
        error_rate(*counts, aims),
        rate(*counts, report.duration_s, aims),
    )


def _percentiles(report: LoadReport) -> Iterator[Metric]:
    for name, level in LEVELS.items():
        if level not in report.percentiles_us:
            continue
        ranks = quantiles.bound_ranks(level, report.requests)
        low, high = _below(report, ranks[0]), _above(report, ranks[1])
        yield Metric(
            name=name,
            value=report.percentiles_us[level] / 1000,
            unit="ms",
            n=report.requests,
            low=None if low is None else low / 1000,
            high=None if high is None else high / 1000,
        )


def _below(report: LoadReport, rank: int | None) -> float | None:
    if rank is None:
        return None
    share = Fraction(rank, report.requests)
    level = max((one for one in report.percentiles_us if one <= share), default=None)
    if level is None:
        return None
    return max(report.percentiles_us[level] - report.rounding_us[level], 0.0)


def _above(report: LoadReport, rank: int | None) -> float | None:
    if rank is None:
        return None
    share = Fraction(rank, report.requests)
    level = min((one for one in report.percentiles_us if one >= share), default=None)
    return None if level is None else report.percentiles_us[level] + report.rounding_us[level]
