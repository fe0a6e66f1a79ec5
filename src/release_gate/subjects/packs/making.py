"""What all packs are made with: their common keys, and the checks as a file would hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from release_gate.subjects.http.settings import Auth
from release_gate.subjects.probes import jsons
from release_gate.subjects.probes.contract import ProbeSettings
from release_gate.subjects.probes.durations import Duration, seconds

Path = Annotated[str, msgspec.Meta(pattern=r"^/([^/]|$)")]
"""Path below the target of the environment."""

Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Statuses = Annotated[tuple[Status, ...], msgspec.Meta(min_length=1)]
Table = Mapping[str, Any]

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
UUID = f"^{_UUID}$"
"""A UUID (RFC 9562) and nothing else."""


class PackSettings(ProbeSettings, frozen=True, kw_only=True):
    """Keys that every pack has.

    Args:
        headers: Sent with every request.
        auth: Credentials out of an environment variable, with every request.
        timeout: Total time of one request.
        severity: Of the findings.
        enforce: Whether the checks decide; if not, they are shown only.
    """

    headers: dict[str, str] = msgspec.field(default_factory=dict)
    auth: Auth | None = None
    timeout: Duration = "10s"
    severity: Literal["critical", "high", "medium", "low"] = "high"
    enforce: bool = True

    def __post_init__(self) -> None:
        """Refuse a length of time that is none."""
        seconds(self.timeout, "timeout")


def waiting(wait: Duration | None) -> Table:
    """The keys of a check that is asked again until it holds, or none.

    Args:
        wait: At most so long.
    """
    return {} if wait is None else {"poll": {"interval": "1s", "deadline": wait}}


def check_wait(wait: Duration | None) -> None:
    """Refuse a length of time that is none.

    Raises:
        ValueError: With the key.
    """
    if wait is not None:
        seconds(wait, "wait")


class InstancesSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of packs that can ask each instance for itself.

    Args:
        instances: Addresses that are each asked for themselves, with the target's host name.
    """

    instances: tuple[str, ...] = ()


def http_check(
    settings: PackSettings, name: str, http: Table, expect: Iterable[Table], **more: Any
) -> Table:
    """One check by HTTP, with the common keys.

    Args:
        settings: Of the pack.
        name: Within the pack; empty: the pack's own name.
        http: The request; its headers win over the common ones.
        expect: What must hold.
        more: Further keys of the check (``capture``, ``needs``).
    """
    request: dict[str, Any] = {**http, "headers": {**settings.headers, **http.get("headers", {})}}
    if settings.auth and "auth" not in http:
        request["auth"] = msgspec.to_builtins(settings.auth)
    if not request["headers"]:
        del request["headers"]
    instances = getattr(settings, "instances", ())
    if instances:
        more["instances"] = instances
    return plain_check(settings, name, {"http": request}, expect, **more)


def plain_check(
    settings: PackSettings, name: str, probe: Table, expect: Iterable[Table], **more: Any
) -> Table:
    """One check by any probe, with the common keys.

    Args:
        settings: Of the pack.
        name: Within the pack; empty: the pack's own name.
        probe: The probe's table under its name.
        expect: What must hold.
        more: Further keys of the check.
    """
    common = {
        "timeout": settings.timeout,
        "severity": settings.severity,
        "enforce": settings.enforce,
    }
    return {"name": name, **probe, "expect": list(expect), **common, **more}


def slug(text: str) -> str:
    """A part of a check's name made of any text."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "root"


def named(texts: Iterable[str]) -> dict[str, str]:
    """A different part of a name for each text.

    Args:
        texts: Paths, as a rule; each once.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, taken = slug(text), set(found.values())
        free = (f"{name}-{number}" for number in range(2, len(taken) + 3))
        found[text] = name if name not in taken else next(one for one in free if one not in taken)
    return found


def refuse_twice(key: str, values: Iterable[object]) -> None:
    """Refuse a list that names something twice.

    Raises:
        ValueError: With the key.
    """
    listed = list(values)
    if len(set(listed)) < len(listed):
        raise ValueError(f"{key}: one is named twice")


def check_json_path(key: str, path: str) -> None:
    """Refuse what is no JSONPath.

    Raises:
        ValueError: With the key.
    """
    try:
        jsons.check_path(path)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def check_pattern(key: str, text: str) -> None:
    """Refuse what is no regular expression.

    Raises:
        ValueError: With the key.
    """
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{key}: {text!r} is no regular expression: {error}") from error
