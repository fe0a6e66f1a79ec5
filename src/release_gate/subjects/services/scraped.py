"""Figures from one page of metrics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeWorld, Unreadable
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.services.exposition import Sample, number_of, samples
from release_gate.subjects.services.numbers import figures, finite, needed
from release_gate.subjects.services.place import Place
from release_gate.subjects.services.selectors import selector

if TYPE_CHECKING:
    from release_gate.subjects.services.metrics import MetricsSettings

# OpenMetrics is read as well but not asked for: libraries rename series there.
_ACCEPT = "text/plain;version=0.0.4,*/*;q=0.1"
_OK = 200
_OF_WINDOWS = Unreadable(reason="a page shows one moment: ask Prometheus over a window")
_NO_SHARE = Unreadable(reason='the check names no "share-of"')
_NO_QUANTILE = Unreadable(reason='the check names no "quantile"')


def scraped(
    settings: MetricsSettings, place: Place, world: ProbeWorld, budget: Budget
) -> dict[str, Any]:
    """The values of the series on a page.

    Args:
        settings: With ``series``.
        place: Of the page.
        world: The outside.
        budget: The time that is left.

    Raises:
        ProbeFailed: If the page cannot be had or read, or has no such series.
    """
    page = _fresh(_page(place, world, budget), settings, world.clock.now().timestamp())
    for name in settings.named:
        figures(selector(name).chosen(page), name)
    wanted = selector(settings.series)
    values: dict[str, Any] = {"quantile": _NO_QUANTILE, "share": _NO_SHARE}
    if settings.quantile is None:
        found = wanted.chosen(page)
    else:
        buckets = selector(settings.series.replace(wanted.name, f"{wanted.name}_bucket", 1))
        found = buckets.chosen(page)
        values["quantile"] = quantile(found, settings.quantile, settings.series)
    needed(settings.need, [sample.labels for sample in found], settings.series)
    values |= figures(found, settings.series)
    if settings.share_of:
        values["share"] = _share(values["sum"], settings, page)
    return values | {"last": _OF_WINDOWS, "points": _OF_WINDOWS}


def _page(place: Place, world: ProbeWorld, budget: Budget) -> tuple[Sample, ...]:
    reply = place.get("", {}, _ACCEPT, world, budget)
    if reply.status != _OK:
        raise ProbeFailed(
            f"the page of metrics answered {reply.status}, expected {_OK}",
            transient=reply.status >= 500,  # noqa: PLR2004 - the class of server errors
        )
    try:
        return samples(reply.body.decode("utf-8"), reply.headers.get("content-type", ""))
    except ValueError as error:  # UnicodeDecodeError is one
        raise ProbeFailed(f"the page of metrics cannot be read: {error}") from None


def _fresh(page: tuple[Sample, ...], settings: MetricsSettings, now: float) -> tuple[Sample, ...]:
    oldest = now - seconds(settings.max_age, "max-age")
    return tuple(sample for sample in page if sample.at is None or sample.at >= oldest)


def _share(part: float, settings: MetricsSettings, page: tuple[Sample, ...]) -> float:
    whole = figures(selector(settings.share_of).chosen(page), settings.share_of)["sum"]
    if whole <= 0:
        raise ProbeFailed(f"{settings.share_of} is {whole:g}: there is no share of nothing")
    return part / float(whole)


def quantile(buckets: tuple[Sample, ...], wanted: float, asked: str) -> float:
    """A quantile of all that a histogram has counted, straight between the bounds of a bucket.

    As PromQL's ``histogram_quantile`` does, except that one beyond the last finite bound is
    refused: the bound would be too low an answer.

    Args:
        buckets: The series ``NAME_bucket``, several histograms being added up.
        wanted: Between 0 and 1.
        asked: For messages.

    Raises:
        ProbeFailed: If nothing was counted, the buckets are none, or the quantile lies beyond.
    """
    counts: dict[float, float] = {}
    for sample in buckets:
        bound = number_of(sample.labels.get("le", "nan"))
        counts[bound] = counts.get(bound, 0.0) + finite(sample.value, sample.shown())
    bounds = sorted(bound for bound in counts if not math.isnan(bound))
    if not bounds or not math.isinf(bounds[-1]) or len(bounds) != len(counts):
        raise ProbeFailed(f"{asked} is no whole histogram: it has no bucket up to +Inf")
    rank = wanted * counts[bounds[-1]]
    if not rank:
        raise ProbeFailed(f"{asked} has counted nothing: there is no quantile of nothing")
    below, lower = 0.0, 0.0
    for bound in bounds:
        if counts[bound] >= rank:
            if math.isinf(bound):
                break
            inside = counts[bound] - below
            return lower + (bound - lower) * (rank - below) / inside
        below, lower = counts[bound], bound
    raise ProbeFailed(f"{asked}: the quantile {wanted:g} lies beyond the last bound {lower:g}")
