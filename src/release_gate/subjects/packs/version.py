"""Pack ``version``: what runs says the version that is being released."""

from __future__ import annotations

from typing import Any

from release_gate.subjects.packs.making import (
    InstancesSettings,
    Path,
    Table,
    check_json_path,
    check_pattern,
    http_check,
    plain_check,
)
from release_gate.subjects.probes.contract import Pack

_KINDS = (".toml", ".json")


class VersionSettings(InstancesSettings, frozen=True, kw_only=True):
    """Keys of ``packs.version``.

    Args:
        path: Where the service says its version.
        json_path: JSONPath of it.
        expected: What it must be (``"${env:RELEASE}"``); not set: what stands in ``file``.
        file: File of the project that says the version: TOML, JSON, or text with ``pattern``.
        key: JSONPath of the version in that file.
        pattern: For a file that is neither: a regular expression with one group.
    """

    path: Path = "/version"
    json_path: str = "$.version"
    expected: str | None = None
    file: str = "pyproject.toml"
    key: str = "$.project.version"
    pattern: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        super().__post_init__()
        check_json_path("json-path", self.json_path)
        check_json_path("key", self.key)
        if self.expected == "":
            raise ValueError("expected is empty: leave it out, and the file says the version")
        if self.pattern is not None:
            check_pattern("pattern", self.pattern)
        elif self.expected is None and not self.file.endswith(_KINDS):
            raise ValueError(f"file: {self.file} is no TOML or JSON by its name: give a pattern")


def _checks(settings: VersionSettings) -> tuple[Table, ...]:
    wanted = settings.expected or "${stated}"
    expected: list[dict[str, Any]] = [
        {"on": "status", "equals": 200},
        {"on": "json", "path": settings.json_path, "equals": wanted},
    ]
    running = http_check(settings, "running", {"path": settings.path}, expected)
    return (running,) if settings.expected else (_stated(settings), running)


def _stated(settings: VersionSettings) -> Table:
    place: dict[str, Any] = {"on": "content", "path": settings.key}
    capture = {**place}
    if settings.pattern is not None:
        place = {"on": "text"}
        capture = {"on": "text", "pattern": settings.pattern}
    expected = [{**place, "exists": True, "type": "string"}]
    probe = {"project-file": {"path": settings.file}}
    return plain_check(settings, "stated", probe, expected, capture={"stated": capture})


PACK: Pack[VersionSettings] = Pack(name="version", settings=VersionSettings, checks=_checks)
