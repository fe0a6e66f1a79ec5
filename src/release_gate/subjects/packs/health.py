"""Pack ``health``: the health addresses answer, and say what they must."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from release_gate.subjects.packs.making import (
    InstancesSettings,
    Path,
    Status,
    Table,
    check_json_path,
    check_pattern,
    check_wait,
    http_check,
    named,
    refuse_twice,
    waiting,
)
from release_gate.subjects.probes.contract import Pack
from release_gate.subjects.probes.durations import Duration

WELL = ("ok", "OK", "up", "UP", "alive", "healthy", "Healthy", "pass", "live", "ready", "running")


class HealthSettings(InstancesSettings, frozen=True, kw_only=True):
    """Keys of ``packs.health``.

    Args:
        paths: Each is asked for itself.
        status: The status that means healthy.
        state_path: JSONPath of the state.
        states: What the state may be.
        version_path: JSONPath of the version; with ``version``.
        version: What the version must be (``"${env:RELEASE}"``); not set: it is not looked at.
        body: For answers that are no JSON: a regular expression found in the body, in place of
            the state.
        wait: Asked again until it is so, at most so long: a service that is still starting.
    """

    paths: Annotated[tuple[Path, ...], msgspec.Meta(min_length=1)] = ("/health",)
    status: Status = 200
    state_path: str = "$.status"
    states: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = WELL
    version_path: str = "$.version"
    version: str | None = None
    body: str | None = None
    wait: Duration | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        super().__post_init__()
        check_wait(self.wait)
        refuse_twice("paths", self.paths)
        check_json_path("state-path", self.state_path)
        check_json_path("version-path", self.version_path)
        if self.body is not None:
            check_pattern("body", self.body)


def _checks(settings: HealthSettings) -> tuple[Table, ...]:
    names = named(settings.paths)
    single = len(settings.paths) == 1
    return tuple(
        http_check(
            settings,
            "" if single else names[path],
            {"path": path},
            _expected(settings),
            **waiting(settings.wait),
        )
        for path in settings.paths
    )


def _expected(settings: HealthSettings) -> list[dict[str, Any]]:
    expected: list[dict[str, Any]] = [{"on": "status", "equals": settings.status}]
    if settings.body is not None:
        expected.append({"on": "body", "matches": settings.body})
    else:
        expected.append({"on": "json", "path": settings.state_path, "in": settings.states})
    if settings.version is not None:
        version = {"on": "json", "path": settings.version_path, "equals": settings.version}
        expected.append(version)
    return expected


PACK: Pack[HealthSettings] = Pack(name="health", settings=HealthSettings, checks=_checks)
