"""Probe ``dns``: what a name stands for."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.services.about import need
from release_gate.subjects.services.in_time import in_time
from release_gate.subjects.services.wire import resolved

_FAMILIES = {"A": socket.AF_INET, "AAAA": socket.AF_INET6}
_TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
_PORT = 53
_NO_TTL = Unreadable(reason='the system\'s resolver tells no TTL: name a "server"')


class DnsSettings(ProbeSettings, frozen=True, kw_only=True):
    """Which records of which name.

    Args:
        host: The name.
        type: ``A``, ``AAAA``, ``CNAME``, ``MX``, ``TXT``, ``NS``, ``SRV``, ``CAA``, ``SOA`` or
            ``PTR``; the first two need nothing installed.
        server: Address or name of the name server to ask; default: the system's resolver.
        port: Of the name server.
    """

    host: str
    type: str = "A"
    server: str = ""
    port: int = _PORT

    def __post_init__(self) -> None:
        """Refuse types that are not known.

        Raises:
            ValueError: With the known ones.
        """
        if self.type not in _TYPES:
            raise ValueError(f"type must be one of {', '.join(_TYPES)}, not {self.type}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answer:
    records: tuple[str, ...]
    ttl: int | Unreadable = _NO_TTL


def _look(settings: DnsSettings, world: ProbeWorld, budget: Budget) -> Observation:
    started = world.clock.monotonic()
    if settings.type in _FAMILIES and not settings.server:
        answer = _by_system(settings, budget)
    else:
        need("dns", "dns")
        answer = _by_query(settings, world, budget)
    values: dict[str, Any] = {
        "records": list(answer.records),
        "count": len(answer.records),
        "ttl": answer.ttl,
        "duration": world.clock.monotonic() - started,
    }
    shown = ", ".join(answer.records)
    return Observation(values=values, line=f"dns {settings.host} {settings.type}: {shown}")


def _by_system(settings: DnsSettings, budget: Budget) -> _Answer:
    family = _FAMILIES[settings.type]

    def look_up() -> set[str]:
        found = socket.getaddrinfo(settings.host, None, family, socket.SOCK_STREAM)
        return {str(sockaddr[0]) for _, _, _, _, sockaddr in found}

    try:
        found = in_time(look_up, budget, f"looking up {settings.host}")
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ProbeFailed(
            f"{settings.host} has no {settings.type} record: {said}", transient=True
        ) from None
    return _Answer(records=tuple(sorted(found)))


def _by_query(settings: DnsSettings, world: ProbeWorld, budget: Budget) -> _Answer:
    import dns.exception  # noqa: PLC0415 - an extra
    import dns.resolver  # noqa: PLC0415 - an extra

    try:
        resolver = dns.resolver.Resolver(configure=not settings.server)
        if settings.server:
            targets = resolved(settings.server, settings.port, budget)
            addresses = [str(sockaddr[0]) for _, sockaddr in targets]
            world.allowed(settings.server, tuple(addresses))
            resolver.nameservers = addresses
            resolver.port = settings.port
        found = resolver.resolve(settings.host, settings.type, lifetime=budget.left(), search=False)
    except dns.resolver.NXDOMAIN:
        raise ProbeFailed(f"there is no name {settings.host}", transient=True) from None
    except dns.resolver.NoAnswer:
        raise ProbeFailed(
            f"{settings.host} has no {settings.type} record", transient=True
        ) from None
    except dns.exception.DNSException as error:
        raise ProbeFailed(f"{settings.host}: no answer: {error}", transient=True) from None
    return _Answer(
        records=tuple(sorted(_text(settings.type, record) for record in found)),
        ttl=found.rrset.ttl if found.rrset is not None else _NO_TTL,
    )


def _text(kind: str, record: Any) -> str:
    if kind == "TXT":  # a long text comes in several quoted strings
        return b"".join(record.strings).decode("utf-8", "backslashreplace")
    return str(record.to_text()).rstrip(".")


def _shown(settings: DnsSettings) -> tuple[str, ...]:
    where = f" at {settings.server} port {settings.port}" if settings.server else ""
    return (f"dns {settings.host} {settings.type}{where}",)


PROBE: Probe[DnsSettings] = Probe(
    name="dns",
    settings=DnsSettings,
    offered=frozenset({"records", "count", "ttl", "duration"}),
    writes=lambda _settings: False,
    fillable=frozenset(),
    shown=_shown,
    look=_look,
    usual=({"on": "count", "greater": 0},),
)
