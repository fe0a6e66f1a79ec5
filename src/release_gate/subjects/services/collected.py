"""Figures that Prometheus has collected, now or over a window, without a gap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from release_gate.subjects.probes.contract import ProbeFailed, Unreadable
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.services.exposition import Sample
from release_gate.subjects.services.gaps import longest_gap
from release_gate.subjects.services.numbers import figures, finite, needed
from release_gate.subjects.services.prometheus import Points, Prometheus
from release_gate.subjects.services.selectors import is_selector

if TYPE_CHECKING:
    from release_gate.subjects.services.metrics import MetricsSettings

_FOR_PAGES = Unreadable(reason="it is computed from a scraped page alone")
_NO_WINDOW = Unreadable(reason='the check has no "window"')


def collected(settings: MetricsSettings, server: Prometheus, now: float) -> dict[str, Any]:
    """The values of a query.

    Args:
        settings: With ``query``.
        server: Where to ask.
        now: Seconds since 1970.

    Raises:
        ProbeFailed: If there is no series, a gap, or something that is no number.
        ProbeProblem: If the window has too many steps.
    """
    if settings.window is None:
        found = server.instant(settings.query, seconds(settings.max_age, "max-age"))
        needed(settings.need, [sample.labels for sample in found], settings.query)
        values = figures(found, settings.query)
        values |= {"last": _NO_WINDOW, "points": _NO_WINDOW}
    else:
        values = _over_window(settings, server, now)
    return values | {"share": _FOR_PAGES, "quantile": _FOR_PAGES}


def _over_window(settings: MetricsSettings, server: Prometheus, now: float) -> dict[str, Any]:
    whole = _whole(settings, now)
    if is_selector(settings.query):
        series = server.raw(settings.query, whole.length, now)
    else:
        series = server.window(settings.query, whole.length, whole.step, now)
    needed(settings.need, [one.labels for one in series], settings.query)
    lasts = figures([_last(one) for one in series], settings.query)
    for one in series:
        whole.refuse_holes(_name(one, settings.query), [at for at, _ in one.points])
    for selector in settings.fed_by:
        fed = server.raw(selector, whole.length, now)
        whole.refuse_holes(selector, [at for one in fed for at, _ in one.points])
    return _figures_of(series, settings.query) | {"last": lasts["value"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Whole:
    """What a series without holes would have.

    Args:
        length: Of the window, seconds.
        step: Seconds between two points.
        most: Longest gap that is allowed, seconds.
        least: Fewest points that are allowed.
        now: End of the window, seconds since 1970.
    """

    length: float
    step: float
    most: float
    least: int
    now: float

    def refuse_holes(self, name: str, times: list[float]) -> None:
        gap = longest_gap(self.now - self.length, self.now, times)
        if gap.length > self.most:
            since = datetime.fromtimestamp(gap.start, UTC).isoformat(timespec="seconds")
            raise ProbeFailed(
                f"{name} has no data for {gap.length:.0f} s from {since}; at most {self.most:g} s "
                f"are allowed ({len(times)} points in {self.length:g} s)"
            )
        if len(set(times)) < self.least:
            raise ProbeFailed(
                f"{name} has {len(set(times))} points in {self.length:g} s, expected at least "
                f"{self.least} at one in {self.step:g} s"
            )


def _whole(settings: MetricsSettings, now: float) -> _Whole:
    length = seconds(settings.window or 0, "window")
    step = seconds(settings.step, "step")
    most = seconds(settings.max_gap, "max-gap") if settings.max_gap is not None else 2 * step
    least = math.floor(length / step * settings.complete)
    return _Whole(length=length, step=step, most=most, least=max(1, least), now=now)


def _figures_of(series: tuple[Points, ...], asked: str) -> dict[str, Any]:
    samples = [
        Sample(name="", labels=one.labels, value=finite(value, _name(one, asked)), at=at)
        for one in series
        for at, value in one.points
    ]
    values = figures(samples, asked)
    lasts = [{"labels": dict(one.labels), "value": one.points[-1][1]} for one in series]
    several = Unreadable(reason='over a window there is "min", "max", "mean" and "last"')
    return values | {
        "value": several,
        "samples": lasts,
        "count": len(series),
        "points": len(samples),
    }


def _last(one: Points) -> Sample:
    at, value = one.points[-1]
    return Sample(name="", labels=one.labels, value=value, at=at)


def _name(one: Points, asked: str) -> str:
    labels = {key: value for key, value in one.labels.items() if key != "__name__"}
    name = one.labels.get("__name__", "")
    return Sample(name=name, labels=labels, value=0.0).shown() if one.labels else asked
