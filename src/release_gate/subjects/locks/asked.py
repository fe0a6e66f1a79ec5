"""What a project file asks for, in a form that can be compared with a lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from release_gate.errors import ConfigError

FILE = "pyproject.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The requirements of one project file.

    Args:
        name: Normalised name of the project; empty where it has none.
        requires: ``[project] dependencies``.
        extras: ``[project.optional-dependencies]``, by normalised extra.
        groups: ``[dependency-groups]``, included groups resolved.
        is_dynamic: Whether the build computes dependencies, so that the file does not say.
    """

    name: str
    requires: tuple[Requirement, ...] = ()
    extras: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    is_dynamic: bool = False


def of(pyproject: Mapping[str, Any], file: str = FILE) -> Wanted:
    """The requirements in a parsed project file.

    Args:
        pyproject: Its document.
        file: Its name, for messages.

    Raises:
        ConfigError: If a requirement or a group is none.
    """
    project = _table(pyproject.get("project"), "project", file)
    extras = _table(project.get("optional-dependencies"), "optional-dependencies", file)
    raw_groups = _table(pyproject.get("dependency-groups"), "dependency-groups", file)
    groups: dict[str, Any] = {canonicalize_name(name): rows for name, rows in raw_groups.items()}
    dynamic = project.get("dynamic", ())
    return Wanted(
        name=canonicalize_name(str(project.get("name", ""))),
        requires=_requirements(project.get("dependencies", ()), file),
        extras={canonicalize_name(k): _requirements(rows, file) for k, rows in extras.items()},
        groups={name: _group(name, groups, (), file) for name in groups},
        is_dynamic="dependencies" in dynamic or "optional-dependencies" in dynamic,
    )


def _table(value: Any, what: str, file: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"[{what}] is no table", file=file)
    return value


def _requirements(rows: Any, file: str) -> tuple[Requirement, ...]:
    if isinstance(rows, str) or not isinstance(rows, Iterable):
        raise ConfigError("dependencies are no list", file=file)
    return tuple(_requirement(row, file) for row in rows)


def _requirement(row: Any, file: str) -> Requirement:
    try:
        return Requirement(row)
    except (InvalidRequirement, TypeError) as error:
        raise ConfigError(f"{row!r} is no requirement", file=file) from error


def _group(
    name: str, groups: Mapping[str, Any], above: tuple[str, ...], file: str
) -> tuple[Requirement, ...]:
    if name in above or name not in groups:
        what = "includes itself" if name in above else "does not exist"
        raise ConfigError(f"dependency group {name} {what}", file=file)
    result: list[Requirement] = []
    for row in groups[name]:
        if isinstance(row, Mapping):
            included = canonicalize_name(str(row.get("include-group", "")))
            result += _group(included, groups, (*above, name), file)
        else:
            result.append(_requirement(row, file))
    return tuple(result)
