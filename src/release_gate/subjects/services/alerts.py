"""Probe ``alerts``: none of a severity is firing, as far as someone is watching.

An empty list is the answer of a healthy system and of one that nobody watches. So Prometheus
must have rules of the severity that were evaluated lately, and Alertmanager must hold an alert
that always fires (the "dead man's switch").
"""

from __future__ import annotations

from typing import Any

import msgspec

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeSettings,
    ProbeWorld,
)
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.services.alert_sources import Alert, from_alertmanager, from_prometheus
from release_gate.subjects.services.place import place_of
from release_gate.subjects.services.prometheus import Prometheus


class AlertsSettings(ProbeSettings, frozen=True, kw_only=True):
    """Which alerts must not fire, and who knows.

    Args:
        alertmanager: Address of Alertmanager, without ``/api/v2``.
        alertmanager_env: Name of the variable that holds this address.
        prometheus: Address of Prometheus, without ``/api/v1``.
        prometheus_env: Name of the variable that holds this address.
        bearer_env: Name of the variable with the token to send.
        ca_file: Authorities to trust besides the public ones, relative to the project.
        severity: Values of the label ``severity`` that count.
        labels: Further labels that an alert must have to count.
        ignore: Names of alerts that do not count.
        max_firing: So many may fire.
        silenced: Whether alerts that someone silenced count too.
        watchdog: For Alertmanager: name of the alert that always fires.
        max_age: Rules, and the watchdog, must be no older than this.
    """

    alertmanager: str = ""
    alertmanager_env: str = ""
    prometheus: str = ""
    prometheus_env: str = ""
    bearer_env: str = ""
    ca_file: str = ""
    severity: tuple[str, ...] = ("critical",)
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    max_firing: int = 0
    silenced: bool = True
    watchdog: str = "Watchdog"
    max_age: Duration = "5m"

    def __post_init__(self) -> None:
        """Refuse a check of nothing.

        Raises:
            ValueError: With the key.
        """
        places = [
            self.alertmanager, self.alertmanager_env, self.prometheus, self.prometheus_env
        ]  # fmt: skip
        if sum(map(bool, places)) != 1:
            raise ValueError(
                "write one of alertmanager, alertmanager-env, prometheus, prometheus-env"
            )
        if not self.severity or not self.watchdog or self.max_firing < 0:
            raise ValueError("severity and watchdog cannot be empty, max-firing not below 0")
        seconds(self.max_age, "max-age")


def _look(settings: AlertsSettings, world: ProbeWorld, budget: Budget) -> Observation:
    started = world.clock.monotonic()
    url = settings.alertmanager or settings.prometheus
    url_env = settings.alertmanager_env or settings.prometheus_env
    place = place_of(url, url_env, settings.bearer_env, settings.ca_file, world)
    now, max_age = world.clock.now(), seconds(settings.max_age, "max-age")
    if settings.alertmanager or settings.alertmanager_env:
        found = from_alertmanager(place, settings.watchdog, now, max_age, world, budget)
    else:
        server = Prometheus(place=place, world=world, budget=budget)
        found = from_prometheus(server, settings.severity, now, max_age)
    firing = sorted(
        (alert for alert in found if _counts(alert, settings)),
        key=lambda alert: (alert.name, alert.since, sorted(alert.labels.items())),
    )
    lines = tuple(alert.shown() for alert in firing)
    wanted = " or ".join(settings.severity)
    if len(firing) > settings.max_firing:
        raise ProbeFailed(
            f"{len(firing)} alerts of severity {wanted} are firing "
            f"({', '.join(dict.fromkeys(alert.name for alert in firing))}), expected at most "
            f"{settings.max_firing}",
            detail=lines,
        )
    values: dict[str, Any] = {
        "count": len(firing),
        "names": [alert.name for alert in firing],
        "firing": [alert.values() for alert in firing],
        "duration": world.clock.monotonic() - started,
    }
    return Observation(
        values=values, line=f"alerts: {len(firing)} of severity {wanted} firing", excerpt=lines
    )


def _counts(alert: Alert, settings: AlertsSettings) -> bool:
    if alert.labels.get("severity") not in settings.severity or alert.name in settings.ignore:
        return False
    if alert.silenced and not settings.silenced:
        return False
    return all(alert.labels.get(key) == value for key, value in settings.labels.items())


def _shown(settings: AlertsSettings) -> tuple[str, ...]:
    where = settings.alertmanager or settings.prometheus
    where = where or f"${settings.alertmanager_env or settings.prometheus_env}"
    return (f"alerts of severity {' or '.join(settings.severity)} at {where}",)


PROBE: Probe[AlertsSettings] = Probe(
    name="alerts",
    settings=AlertsSettings,
    offered=frozenset({"count", "names", "firing", "duration"}),
    writes=lambda _settings: False,
    fillable=frozenset(),
    shown=_shown,
    look=_look,
    usual=({"on": "count", "greater-equal": 0},),
)
