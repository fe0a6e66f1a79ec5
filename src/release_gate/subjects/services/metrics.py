"""Probe ``metrics``: series that a service prints, or that Prometheus has collected."""

from __future__ import annotations

from typing import Any

import msgspec

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeSettings,
    ProbeWorld,
)
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.services.collected import collected
from release_gate.subjects.services.place import place_of
from release_gate.subjects.services.prometheus import Prometheus
from release_gate.subjects.services.scraped import scraped
from release_gate.subjects.services.selectors import is_selector, selector

_SHOWN_SAMPLES = 20


class MetricsSettings(ProbeSettings, frozen=True, kw_only=True):
    """Which series, from where.

    Args:
        scrape: Address of a page of metrics, or a path on the environment's target.
        scrape_env: Name of the variable that holds this address.
        prometheus: Address of Prometheus, without ``/api/v1``.
        prometheus_env: Name of the variable that holds this address.
        bearer_env: Name of the variable with the token to send.
        ca_file: Authorities to trust besides the public ones, relative to the project.
        series: Of a page: ``name{label="value"}``.
        share_of: Of a page: gives ``share``, the sum of ``series`` in the sum of these.
        quantile: Of a page: gives ``quantile`` out of the histogram ``series``, 0 to 1.
        query: For Prometheus: PromQL.
        window: For Prometheus: look at this long before now, instead of at now alone.
        step: For a window: time between two scrapes.
        max_gap: For a window: longest time without a sample; default: twice the step.
        complete: For a window: share of the points that one scrape a step would give, of which
            so many must be there.
        fed_by: For a window and a query that is no plain selector: the selectors of the series
            it is computed from; a gap in them is a gap.
        need: Values of a label that must each have a series, by the label.
        named: Of a page: further series that must each have a sample.
        max_age: Samples older than this count as missing.
    """

    scrape: str = ""
    scrape_env: str = ""
    prometheus: str = ""
    prometheus_env: str = ""
    bearer_env: str = ""
    ca_file: str = ""
    series: str = ""
    share_of: str = ""
    quantile: float | None = None
    query: str = ""
    window: Duration | None = None
    step: Duration = "15s"
    max_gap: Duration | None = None
    complete: float = 0.9
    fed_by: tuple[str, ...] = ()
    need: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    named: tuple[str, ...] = ()
    max_age: Duration = "5m"

    def __post_init__(self) -> None:
        """Refuse keys that do not go together.

        Raises:
            ValueError: With the key.
        """
        places = [self.scrape, self.scrape_env, self.prometheus, self.prometheus_env]
        if sum(map(bool, places)) != 1:
            raise ValueError("write one of scrape, scrape-env, prometheus, prometheus-env")
        seconds(self.max_age, "max-age")
        for text in (*self.named, *self.fed_by, *filter(None, (self.series, self.share_of))):
            selector(text)
        if self.scrape or self.scrape_env:
            self._check_scrape()
        else:
            self._check_query()

    def _check_scrape(self) -> None:
        if not self.series or self.query or self.window is not None or self.fed_by:
            raise ValueError('a page is asked with "series", not with query, window or fed-by')
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise ValueError("quantile must lie between 0 and 1")

    def _check_query(self) -> None:
        if not self.query.strip():
            raise ValueError('Prometheus is asked with "query"')
        if self.series or self.share_of or self.named or self.quantile is not None:
            raise ValueError("series, share-of, named and quantile are for a page")
        if self.window is None:
            return
        length, step = seconds(self.window, "window"), seconds(self.step, "step")
        if length < 2 * step:
            raise ValueError("window must be at least twice the step")
        if self.max_gap is not None:
            seconds(self.max_gap, "max-gap")
        if not 0 < self.complete <= 1:
            raise ValueError("complete must be above 0 and at most 1")
        if not is_selector(self.query) and not self.fed_by:
            raise ValueError(
                'a query over a window hides gaps of its series: name them in "fed-by"'
            )


def _look(settings: MetricsSettings, world: ProbeWorld, budget: Budget) -> Observation:
    started = world.clock.monotonic()
    url = settings.scrape or settings.prometheus
    url_env = settings.scrape_env or settings.prometheus_env
    place = place_of(url, url_env, settings.bearer_env, settings.ca_file, world)
    if settings.series:
        values = scraped(settings, place, world, budget)
    else:
        server = Prometheus(place=place, world=world, budget=budget)
        values = collected(settings, server, world.clock.now().timestamp())
    values["duration"] = world.clock.monotonic() - started
    asked = settings.series or settings.query
    return Observation(
        values=values,
        line=f"metrics {asked}: {values['count']} series, from {values['min']:g} to "
        f"{values['max']:g}",
        excerpt=tuple(_line(sample) for sample in values["samples"][:_SHOWN_SAMPLES]),
    )


def _line(sample: dict[str, Any]) -> str:
    inner = ", ".join(f'{key}="{value}"' for key, value in sorted(sample["labels"].items()))
    return f"{{{inner}}} {sample['value']:g}"


def _shown(settings: MetricsSettings) -> tuple[str, ...]:
    where = settings.scrape or settings.prometheus
    where = where or f"${settings.scrape_env or settings.prometheus_env}"
    over = f" over {settings.window}" if settings.window is not None else ""
    return (f"metrics {settings.series or settings.query}{over} at {where}",)


PROBE: Probe[MetricsSettings] = Probe(
    name="metrics",
    settings=MetricsSettings,
    offered=frozenset(
        {
            "value",
            "samples",
            "count",
            "sum",
            "min",
            "max",
            "mean",
            "last",
            "points",
            "share",
            "quantile",
            "duration",
        }
    ),
    writes=lambda _settings: False,
    fillable=frozenset(),
    shown=_shown,
    look=_look,
)
