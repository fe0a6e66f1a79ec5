"""How two variables relate; each function says what is wrong, without either value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from release_gate.subjects.probes.durations import seconds

_PORTS = {
    "amqp": 5672, "amqps": 5671, "http": 80, "https": 443, "mariadb": 3306, "mongodb": 27017,
    "mysql": 3306, "postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379,
}  # fmt: skip

Relation = Callable[[str, str], str | None]


class _Unusable(Exception):
    """A value is not of the kind that the relation is about."""


def _urls(judge: Callable[[SplitResult, SplitResult], str | None]) -> Relation:
    def relation(one: str, other: str) -> str | None:
        try:
            return judge(_url(one), _url(other))
        except _Unusable as error:
            return str(error)

    return relation


def _url(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        if parts.scheme and parts.hostname and _port(parts):
            return parts
    except ValueError:  # a port that is none
        pass
    raise _Unusable("cannot be compared: one is no URL with a host and a known port")


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme.partition("+")[0].lower(), 0)


def _same_host(one: SplitResult, other: SplitResult) -> str | None:
    same = _host(one) == _host(other)
    return None if same else "lead to different hosts, expected the same"


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


def _same_database(one: SplitResult, other: SplitResult) -> str | None:
    wrong = _same_host(one, other)
    if wrong or one.path.strip("/") == other.path.strip("/"):
        return wrong
    return "lead to different databases, expected the same"


def _different_port(one: SplitResult, other: SplitResult) -> str | None:
    return "have the same port, expected different ones" if _port(one) == _port(other) else None


def _same(one: str, other: str) -> str | None:
    return None if one == other else "differ, expected the same value"


def _differs(one: str, other: str) -> str | None:
    return "have the same value, expected different ones" if one.strip() == other.strip() else None


def _less(one: str, other: str) -> str | None:
    try:
        smaller = _number(one) < _number(other)
    except ValueError:
        return "cannot be compared: one is neither a number nor a length of time"
    return None if smaller else "are the wrong way round, expected the first to be less"


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        return seconds(value, "value")
    if not abs(number) < float("inf"):
        raise ValueError("NaN and infinity cannot be compared")
    return number


RELATIONS: Mapping[str, Relation] = {
    "same_host": _urls(_same_host),
    "same_database": _urls(_same_database),
    "different_port": _urls(_different_port),
    "same": _same,
    "differs": _differs,
    "less": _less,
}
"""By the key of the settings."""
