"""Pack ``readiness``: every service that the application depends on is there and up."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from release_gate.subjects.packs.making import (
    InstancesSettings,
    Path,
    Status,
    Table,
    check_json_path,
    check_wait,
    http_check,
    refuse_twice,
    waiting,
)
from release_gate.subjects.probes.contract import Pack
from release_gate.subjects.probes.durations import Duration

_SERVICE = "{service}"


class ReadinessSettings(InstancesSettings, frozen=True, kw_only=True):
    """Keys of ``packs.readiness``.

    Args:
        services: Names that must be in the answer, each up.
        path: Where the answer is.
        status: The status that means ready.
        state_path: JSONPath of one service's state, ``{service}`` stands for its name; for a
            list of objects ``"$.services[?@.name == '{service}'].state"``.
        every_path: JSONPath of every state, so that a service that is not named counts too.
        up: What a state may be.
        wait: Asked again until it is so, at most so long.
    """

    services: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    path: Path = "/ready"
    status: Status = 200
    state_path: str = "$.services['{service}']"
    every_path: str = "$.services.*"
    up: Annotated[tuple[str | bool, ...], msgspec.Meta(min_length=1)] = ("up", "UP", "ok", "OK")
    wait: Duration | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        super().__post_init__()
        check_wait(self.wait)
        refuse_twice("services", self.services)
        if _SERVICE not in self.state_path:
            raise ValueError(f"state-path must hold {_SERVICE}")
        if any(sign in name for name in self.services for sign in "'\"\\"):
            raise ValueError("services: a name cannot hold quotes or backslashes")
        for name in self.services:
            check_json_path("state-path", self.state_path.replace(_SERVICE, name))
        check_json_path("every-path", self.every_path)


def _checks(settings: ReadinessSettings) -> tuple[Table, ...]:
    expected: list[dict[str, Any]] = [{"on": "status", "equals": settings.status}]
    for name in settings.services:
        path = settings.state_path.replace(_SERVICE, name)
        # A service that is not in the answer is a fact of it, not a wrong path.
        expected.append({"on": "json", "path": path, "exists": True, "in": settings.up})
    expected.append({"on": "json", "path": settings.every_path, "in": settings.up})
    again = waiting(settings.wait)
    return (http_check(settings, "", {"path": settings.path}, expected, **again),)


PACK: Pack[ReadinessSettings] = Pack(name="readiness", settings=ReadinessSettings, checks=_checks)
