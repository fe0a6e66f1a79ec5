"""``uv.lock``, version 1.

Format: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile and uv's
own output; it is universal, so that one package may stand in several versions.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from release_gate.subjects.locks import toml
from release_gate.subjects.locks.types import (
    Asked,
    Lock,
    LockProblem,
    Origin,
    Pin,
    Unpinned,
    checked_version,
    normalised,
)

_VERSION = 1
_OWN = frozenset({"editable", "virtual"})
_ORIGINS: dict[str, Origin] = {
    "registry": "index",
    "git": "git",
    "url": "url",
    "path": "path",
    "directory": "path",
}


def parse(content: bytes, path: str) -> Lock:
    """Read a ``uv.lock``.

    Raises:
        LockProblem: If it is empty, cut off, of another version, or pins nothing.
    """
    document = toml.parse(content, path)
    if document.get("version") != _VERSION:
        raise LockProblem(f"version {document.get('version')!r} is not known, only 1", path=path)
    rows = toml.packages(document, "package", path)
    places = toml.lines(content, "package", len(rows))
    own = {normalised(row.get("name"), path) for row in rows if _source(row, path) in _OWN}
    required_by = _required_by(rows, path)
    _refuse_dangling(required_by, rows, path)
    pins: list[Pin] = []
    unpinned: list[Unpinned] = []
    for row, line in zip(rows, places, strict=True):
        name, source = normalised(row.get("name"), path, line), _source(row, path)
        if source in _OWN:
            unpinned.append(Unpinned(name=name, reason="part of the project itself", own=True))
        elif "version" not in row:
            unpinned.append(Unpinned(name=name, reason=f"no version in {path} ({source})"))
        else:
            pins.append(
                Pin(
                    name=name,
                    version=checked_version(row["version"], name, path, line),
                    origin=_ORIGINS[source],
                    line=line,
                    required_by=tuple(sorted(required_by[name] - own)),
                    direct=bool(required_by[name] & own),
                )
            )
    return Lock(
        path=path,
        kind="uv",
        pins=tuple(pins),
        unpinned=tuple(unpinned),
        asked=tuple(_asked(row, path) for row in rows if _source(row, path) in _OWN),
        requires_python=_text(document, "requires-python", path),
    )


def _source(row: dict[str, Any], path: str) -> str:
    source = row.get("source")
    known = {*_ORIGINS, *_OWN}
    kinds = known.intersection(source) if isinstance(source, dict) else set()
    if len(kinds) != 1:
        raise LockProblem(f"{row.get('name')} has an unknown source: {source!r}", path=path)
    return kinds.pop()


def _required_by(rows: list[dict[str, Any]], path: str) -> dict[str, set[str]]:
    result: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        wanted = list(toml.names(row.get("dependencies"), path))
        for key in ("optional-dependencies", "dev-dependencies"):
            for group in toml.table(row.get(key), key, path).values():
                wanted += toml.names(group, path)
        for name in wanted:
            result[normalised(name, path)].add(normalised(row.get("name"), path))
    return result


def _refuse_dangling(
    required_by: dict[str, set[str]], rows: list[dict[str, Any]], path: str
) -> None:
    """A package that is required and not there: the lock is cut off between two packages."""
    missing = sorted(set(required_by) - {normalised(row.get("name"), path) for row in rows})
    if missing:
        by = min(required_by[missing[0]])
        raise LockProblem(
            f"{by} requires {missing[0]}, which is not in the lock: it is cut off", path=path
        )


def _asked(row: dict[str, Any], path: str) -> Asked:
    metadata = toml.table(row.get("metadata"), "metadata", path)
    groups = toml.table(metadata.get("requires-dev"), "requires-dev", path)
    return Asked(
        package=normalised(row.get("name"), path),
        requires=_requirements(metadata.get("requires-dist"), path),
        groups={name: _requirements(group, path) for name, group in groups.items()},
    )


def _requirements(rows: Any, path: str) -> tuple[str, ...]:
    toml.names(rows, path)  # refuses every other shape
    return tuple(_requirement(row) for row in rows or ())


def _requirement(row: dict[str, Any]) -> str:
    extras = f"[{','.join(row['extras'])}]" if row.get("extras") else ""
    marker = f" ; {row['marker']}" if row.get("marker") else ""
    return f"{row['name']}{extras}{row.get('specifier', '')}{marker}"


def _text(document: dict[str, Any], key: str, path: str) -> str | None:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise LockProblem(f"{key} is no text", path=path)
    return value
