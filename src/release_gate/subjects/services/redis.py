"""Probe ``redis``: whether it answers, a key, and figures about the server.

Spoken over a socket of our own: a client library counts its time-out anew for each read and
looks the host up by itself, after it was allowed.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeProblem,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.services.about import about
from release_gate.subjects.services.resp import ServerError, command
from release_gate.subjects.services.trust import trusting
from release_gate.subjects.services.variables import hide_password, variable
from release_gate.subjects.services.wire import Wire, connected, connected_unix

_PORT = 6379
_SIZES = {
    "string": "STRLEN",
    "list": "LLEN",
    "set": "SCARD",
    "zset": "ZCARD",
    "hash": "HLEN",
    "stream": "XLEN",
}
_OF_KEY = ("exists", "type", "ttl", "size", "value", "number")
_OF_INFO = ("info", "hit-rate")
_NO_KEY = Unreadable(reason='the check names no "key"')
_NO_INFO = Unreadable(reason='the check has no "info = true"')


class RedisSettings(ProbeSettings, frozen=True, kw_only=True):
    """What to ask which server.

    Args:
        dsn_env: Name of the environment variable that holds the URL: ``redis://``,
            ``rediss://`` or ``unix://``, with user, password and database number.
        key: A key to look at; must be there for ``value`` and ``size``.
        info: Whether to read the server's figures (``INFO``).
        ca_file: Authorities to trust besides the public ones, relative to the project.
    """

    dsn_env: str
    key: str = ""
    info: bool = False
    ca_file: str = ""


def _look(settings: RedisSettings, world: ProbeWorld, budget: Budget) -> Observation:
    dsn = variable(settings.dsn_env, world)
    hide_password(dsn, world)
    started = world.clock.monotonic()
    with about(settings.dsn_env):
        try:
            with _session(dsn, settings, world, budget) as wire:
                values = _values(wire, settings)
        except ServerError as error:
            raise ProbeFailed(f"Redis says {error}", transient=_passing(str(error))) from None
    duration = world.clock.monotonic() - started
    asked = f"key {settings.key}" if settings.key else "PING"
    return Observation(
        values={**values, "duration": duration}, line=f"redis {settings.dsn_env}: {asked} answered"
    )


def _passing(said: str) -> bool:
    return said.startswith(("LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "CLUSTERDOWN"))


def _values(wire: Wire, settings: RedisSettings) -> dict[str, Any]:
    if command(wire, "PING") != "PONG":
        raise ProbeFailed("PING was not answered with PONG")
    values: dict[str, Any] = {"ping": "PONG"}
    values |= _key(wire, settings.key) if settings.key else dict.fromkeys(_OF_KEY, _NO_KEY)
    figures = _figures(command(wire, "INFO")) if settings.info else None
    return values | (figures or dict.fromkeys(_OF_INFO, _NO_INFO))


def _key(wire: Wire, key: str) -> dict[str, Any]:
    kind = command(wire, "TYPE", key)
    if kind == "none":
        return {"exists": False, "type": "none"}
    values: dict[str, Any] = {"exists": True, "type": kind}
    ttl = command(wire, "PTTL", key)
    if ttl >= 0:
        values["ttl"] = ttl / 1000
    if kind in _SIZES:
        values["size"] = command(wire, _SIZES[kind], key)
    if kind == "string":
        values |= _value(command(wire, "GET", key))
    return values


def _value(text: str | None) -> dict[str, Any]:
    if text is None:
        raise ProbeFailed("the key went away while it was read", transient=True)
    number = _number(text)
    return {"value": text, "number": Unreadable(reason="no number") if number is None else number}


def _figures(text: Any) -> dict[str, Any]:
    lines = str(text or "").splitlines()
    pairs = (line.partition(":")[::2] for line in lines if ":" in line and line[:1] != "#")
    info = {key: value if (n := _number(value)) is None else n for key, value in pairs}
    if "redis_version" not in info and "valkey_version" not in info:
        raise ProbeFailed("INFO was answered without a version: it cannot be trusted")
    hits, misses = info.get("keyspace_hits"), info.get("keyspace_misses")
    # Of no look-up at all there is no rate, neither a good nor a bad one.
    rate: float | Unreadable = Unreadable(reason="no look-up was counted yet")
    if isinstance(hits, int) and isinstance(misses, int) and hits + misses > 0:
        rate = hits / (hits + misses)
    return {"info": info, "hit-rate": rate}


def _number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    # NaN and infinity are no numbers to judge by; they stay text.
    return number if abs(number) < float("inf") else None


@contextmanager
def _session(
    dsn: str, settings: RedisSettings, world: ProbeWorld, budget: Budget
) -> Iterator[Wire]:
    parts = _split(dsn)
    with _wire(parts, settings, world, budget) as wire:
        if parts.password or parts.username:
            user = [unquote(parts.username)] if parts.username else []
            command(wire, "AUTH", *user, unquote(parts.password or ""))
        database = _database(parts)
        if database != "0":
            command(wire, "SELECT", database)
        yield wire


@contextmanager
def _wire(
    parts: SplitResult, settings: RedisSettings, world: ProbeWorld, budget: Budget
) -> Iterator[Wire]:
    if parts.scheme == "unix":
        with connected_unix(unquote(parts.path), budget) as wire:
            yield wire
        return
    host = parts.hostname or ""
    with connected(host, parts.port or _PORT, world, budget) as wire:
        if parts.scheme == "rediss":
            try:
                wire.encrypt(trusting(world, settings.ca_file), host)
            except ssl.SSLError as error:
                raise ProbeFailed(f"no TLS: {error}") from None
        yield wire


def _split(dsn: str) -> SplitResult:
    try:
        parts = urlsplit(dsn)
        usable = parts.scheme == "unix" or bool(parts.hostname and (parts.port or _PORT))
    except ValueError:
        usable, parts = False, SplitResult("", "", "", "", "")
    if not usable or parts.scheme not in {"redis", "rediss", "unix"}:
        raise ProbeProblem(
            "the DSN is no URL of Redis", remedy="Write redis://:password@host:port/0."
        )
    return parts


def _database(parts: SplitResult) -> str:
    named = parse_qs(parts.query).get("db", [])
    path = parts.path.strip("/") if parts.scheme != "unix" else ""
    return (named[0] if named else path) or "0"


def _shown(settings: RedisSettings) -> tuple[str, ...]:
    asked = ["PING", *([f"TYPE, PTTL, GET {settings.key}"] if settings.key else [])]
    asked += ["INFO"] if settings.info else []
    return (f"redis on {settings.dsn_env}: {', '.join(asked)}",)


PROBE: Probe[RedisSettings] = Probe(
    name="redis",
    settings=RedisSettings,
    offered=frozenset(
        {"ping", "exists", "type", "ttl", "size", "value", "number", "info", "hit-rate", "duration"}
    ),
    writes=lambda _settings: False,
    fillable=frozenset({"key"}),
    shown=_shown,
    look=_look,
    usual=({"on": "ping", "equals": "PONG"},),
)
