"""Named numbers of a sample, each with its 95 % bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from release_gate.api import Metric, Table
from release_gate.subjects.load.sample import Sample
from release_gate.subjects.statistics import quantiles, shares

LEVELS = {"p50": Fraction(1, 2), "p95": Fraction(95, 100), "p99": Fraction(99, 100)}
ERROR_RATE, RATE = "error-rate", "rate-reached"

BY_RANKS = "order statistics, one-sided 95 % each"
BY_COUNTS = "Clopper-Pearson, one-sided 95 % each"
BY_SERVED = "served share by Clopper-Pearson, times requests over time"


@dataclass(frozen=True, kw_only=True, slots=True)
class Aims:
    """What the figures are to keep to; only for saying how many more requests would settle it.

    Args:
        latency_us: Microseconds at most, by the name of the percentile.
        error_rate: Share at most, 0 to 1.
        rate: Requests a second at least.
    """

    latency_us: Mapping[str, int]
    error_rate: float | None = None
    rate: float | None = None


def figures(measured: Sample, aims: Aims) -> tuple[Metric, ...]:
    """Percentiles, error rate and rate reached.

    The lower bound of a percentile is taken from the moments when the requests were sent, the
    upper one from those when they were due: whatever a starved generator added lies between.

    Args:
        measured: At least one request.
        aims: Limits.

    Raises:
        ValueError: For a sample of nothing.
    """
    ordered, services = sorted(measured.latencies_us), sorted(measured.services_us)
    found = []
    for name, level in LEVELS.items():
        low, high = quantiles.bounds(services, level)[0], quantiles.bounds(ordered, level)[1]
        aim = aims.latency_us.get(name)
        found.append(
            Metric(
                name=name,
                value=_ms(quantiles.quantile(ordered, level)),
                unit="ms",
                n=measured.count,
                low=None if low is None else _ms(low),
                high=None if high is None else _ms(high),
                more=None if aim is None else quantiles.more(ordered, level, aim),
            )
        )
    counts = (measured.failed, measured.count)
    return (*found, error_rate(*counts, aims), rate(*counts, measured.elapsed_us / 1e6, aims))


def error_rate(failed: int, count: int, aims: Aims) -> Metric:
    """The share of failed requests in percent.

    Args:
        failed: How many failed.
        count: Out of how many.
        aims: Limits.
    """
    return Metric(
        name=ERROR_RATE,
        value=100 * failed / count,
        unit="%",
        ratio=(failed, count),
        n=count,
        low=100 * shares.lower(failed, count),
        high=100 * shares.upper(failed, count),
        more=None if aims.error_rate is None else shares.more(failed, count, aims.error_rate),
    )


def rate(failed: int, count: int, elapsed_s: float, aims: Aims) -> Metric:
    """Requests that were answered as they should be, a second.

    What is uncertain of it is the served share; how many were sent in what time is known.

    Args:
        failed: How many failed.
        count: Out of how many.
        elapsed_s: Seconds.
        aims: Limits.
    """
    sent = count / elapsed_s
    aim = None if aims.rate is None else aims.rate / sent
    return Metric(
        name=RATE,
        value=(count - failed) / elapsed_s,
        unit="/s",
        n=count,
        low=sent * shares.lower(count - failed, count),
        high=sent * shares.upper(count - failed, count),
        more=None if aim is None or aim >= 1 else shares.more(failed, count, 1 - aim),
    )


def _ms(microseconds: int) -> float:
    return microseconds / 1000


_METHODS = {ERROR_RATE: BY_COUNTS, RATE: BY_SERVED}


def table(metrics: tuple[Metric, ...]) -> Table:
    """Every figure with its bounds and the method behind them."""
    return Table(
        title="Figures, 95 % bounds",
        columns=("figure", "estimate", "lower", "upper", "n", "method"),
        rows=tuple(
            (
                metric.name,
                f"{metric.value:g} {metric.unit}",
                _end(metric.low),
                _end(metric.high),
                f"{metric.n or 0:,}",
                _METHODS.get(metric.name, BY_RANKS),
            )
            for metric in metrics
        ),
    )


def outcomes(measured: Sample) -> Table:
    """How often each outcome occurred, the most frequent first."""
    counts = sorted(measured.outcomes.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = tuple((kind, f"{count:,}") for kind, count in counts)
    return Table(title="Outcomes", columns=("outcome", "requests"), rows=rows)


def _end(end: float | None) -> str:
    return "too few requests" if end is None else f"{end:g}"
