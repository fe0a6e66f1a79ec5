"""The probe ``http``; what it needs to send anything is imported when it does."""

from __future__ import annotations

from release_gate.subjects.http.settings import (
    FILLABLE,
    OFFERED,
    QUOTED,
    HttpSettings,
    repeatable,
    shown,
    writes,
)
from release_gate.subjects.probes.contract import Budget, Observation, Probe, ProbeWorld


def _look(settings: HttpSettings, world: ProbeWorld, budget: Budget) -> Observation:
    from release_gate.subjects.http.look import look  # noqa: PLC0415 - httpx is slow to import

    return look(settings, world, budget)


HTTP = Probe(
    name="http",
    settings=HttpSettings,
    offered=OFFERED,
    writes=writes,
    fillable=FILLABLE,
    shown=shown,
    look=_look,
    repeatable=repeatable,
    quoted=QUOTED,
    instance_key="instance",
)
