"""The alerts that fire, from Alertmanager or from Prometheus' rules.

Formats: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml and
https://prometheus.io/docs/prometheus/latest/querying/api/#rules
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.services.place import Place
from release_gate.subjects.services.prometheus import Prometheus

_HEALTH = "ok"


class _Status(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    state: str
    silenced_by: list[str]
    inhibited_by: list[str]


class _Active(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    labels: dict[str, str]
    status: _Status
    starts_at: datetime
    updated_at: datetime
    ends_at: datetime


class _RuleAlert(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    labels: dict[str, str]
    state: str
    active_at: datetime


class _Rule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    health: str
    last_evaluation: datetime
    labels: dict[str, str] = {}
    alerts: list[_RuleAlert] = []
    last_error: str = ""
    type: str = "alerting"


class _Group(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    rules: list[_Rule]


class _Groups(msgspec.Struct, frozen=True, kw_only=True):
    groups: list[_Group]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert that fires.

    Args:
        labels: All of them.
        since: When it began.
        silenced: Whether someone silenced it, or another alert inhibits it.
    """

    labels: Mapping[str, str]
    since: datetime
    silenced: bool = False

    @property
    def name(self) -> str:
        """Its label ``alertname``."""
        return self.labels.get("alertname", "")

    def shown(self) -> str:
        """One line."""
        others = {k: v for k, v in sorted(self.labels.items()) if k != "alertname"}
        inner = ", ".join(f'{key}="{value}"' for key, value in others.items())
        quiet = ", silenced" if self.silenced else ""
        return f"{self.name}{{{inner}}} since {self.since.isoformat(timespec='seconds')}{quiet}"

    def values(self) -> dict[str, Any]:
        """As an expectation sees it."""
        since = self.since.isoformat()
        return {"name": self.name, "labels": dict(self.labels), "since": since}


def from_alertmanager(
    place: Place, watchdog: str, now: datetime, max_age_s: float, world: ProbeWorld, budget: Budget
) -> tuple[Alert, ...]:
    """All alerts that Alertmanager holds, silenced and inhibited ones too.

    Raises:
        ProbeFailed: If the answer is an error, or not as Alertmanager answers.
        ProbeProblem: If the watchdog is not among them, or old.
    """
    wide = dict.fromkeys(("active", "silenced", "inhibited", "unprocessed"), "true")
    found = _decoded(place.json("/api/v2/alerts", wide, world, budget), list[_Active])
    watching = [a.updated_at for a in found if a.labels.get("alertname") == watchdog]
    if not watching:
        raise ProbeProblem(
            f"Alertmanager holds no alert {watchdog}: nothing shows that alerts reach it",
            remedy=f"Add a rule {watchdog} with the expression vector(1), or name the one there "
            'is with "watchdog".',
        )
    age = (now - max(watching)).total_seconds()
    if age > max_age_s:
        raise ProbeProblem(
            f"the alert {watchdog} was last heard of {age:.0f} s ago: alerts no longer arrive"
        )
    return tuple(
        Alert(
            labels=alert.labels,
            since=alert.starts_at,
            silenced=bool(alert.status.silenced_by or alert.status.inhibited_by),
        )
        for alert in found
        if alert.ends_at > now
    )


def from_prometheus(
    server: Prometheus, severity: tuple[str, ...], now: datetime, max_age_s: float
) -> tuple[Alert, ...]:
    """The alerts that fire by Prometheus' own rules.

    Raises:
        ProbeFailed: If the answer is an error, or a rule of the severity is broken.
        ProbeProblem: If there is no rule of one of the severities, or it was not evaluated
            lately.
    """
    groups = _decoded(server.rules(), _Groups).groups
    rules = [rule for group in groups for rule in group.rules]
    for wanted in severity:
        mine = [rule for rule in rules if wanted in _severities(rule)]
        if not mine:
            raise ProbeProblem(
                f"Prometheus has no alerting rule of severity {wanted}: none could ever fire"
            )
        for rule in mine:
            _check(rule, now, max_age_s)
    return tuple(
        Alert(labels=alert.labels, since=alert.active_at)
        for rule in rules
        for alert in rule.alerts
        if alert.state == "firing"
    )


def _severities(rule: _Rule) -> Iterator[str]:
    yield rule.labels.get("severity", "")
    yield from (alert.labels.get("severity", "") for alert in rule.alerts)


def _check(rule: _Rule, now: datetime, max_age_s: float) -> None:
    if rule.health != _HEALTH:
        said = f": {rule.last_error}" if rule.last_error else ""
        raise ProbeFailed(f"the alerting rule {rule.name} is {rule.health}{said}", transient=True)
    age = (now - rule.last_evaluation).total_seconds()
    if age > max_age_s:
        raise ProbeProblem(f"the alerting rule {rule.name} was last evaluated {age:.0f} s ago")


def _decoded(found: object, kind: Any) -> Any:
    try:
        return msgspec.convert(found, type=kind)
    except msgspec.ValidationError as error:
        raise ProbeFailed(f"the answer is not a list of alerts or rules: {error}") from None
