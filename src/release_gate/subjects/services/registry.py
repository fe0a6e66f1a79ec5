"""The probes of this room; drivers are imported where they are used."""

from __future__ import annotations

from release_gate.subjects.probes.contract import AnyProbe
from release_gate.subjects.services import (
    alerts,
    command,
    dns,
    env,
    logs,
    metrics,
    redis,
    sql,
    tcp,
    tls,
)

PROBES: tuple[AnyProbe, ...] = (
    alerts.PROBE,
    command.PROBE,
    dns.PROBE,
    env.PROBE,
    logs.PROBE,
    metrics.PROBE,
    redis.PROBE,
    sql.PROBE,
    tcp.PROBE,
    tls.PROBE,
)
"""Sorted by name."""
