"""Every kind of probe, and every pack."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from release_gate.subjects.http.probe import HTTP
from release_gate.subjects.packs import registry as packs
from release_gate.subjects.probes.contract import AnyPack, AnyProbe
from release_gate.subjects.services.registry import PROBES as SERVICES

PROBES: Mapping[str, AnyProbe] = MappingProxyType(
    {one.name: one for one in (HTTP, *SERVICES, *packs.PROBES)}
)
"""By the name of their table."""

PACKS: Mapping[str, AnyPack] = MappingProxyType({one.name: one for one in packs.PACKS})
"""By the name of their table."""
