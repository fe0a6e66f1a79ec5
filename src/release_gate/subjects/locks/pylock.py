"""``pylock.toml`` and ``pylock.NAME.toml``, lock version 1.

Format: https://packaging.python.org/en/latest/specifications/pylock-toml/ (PEP 751).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from release_gate.subjects.locks import toml
from release_gate.subjects.locks.types import (
    Lock,
    LockProblem,
    Origin,
    Pin,
    Unpinned,
    checked_version,
    normalised,
)

_VERSION = re.compile(r"1\.\d+")


def parse(content: bytes, path: str) -> Lock:
    """Read a ``pylock.toml``.

    Raises:
        LockProblem: If it is empty, cut off, of another version, or of the wrong shape.
    """
    document = toml.parse(content, path)
    version = document.get("lock-version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise LockProblem(f"lock-version {version!r} is not known, only 1.x", path=path)
    rows = toml.packages(document, "packages", path)
    places = toml.lines(content, "packages", len(rows))
    required_by: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name in toml.names(row.get("dependencies"), path):
            required_by[normalised(name, path)].add(normalised(row.get("name"), path))
    pins: list[Pin] = []
    unpinned: list[Unpinned] = []
    for row, line in zip(rows, places, strict=True):
        name = normalised(row.get("name"), path, line)
        if "version" in row:
            pins.append(
                Pin(
                    name=name,
                    version=checked_version(row["version"], name, path, line),
                    origin=_origin(row),
                    line=line,
                    required_by=tuple(sorted(required_by[name])),
                )
            )
        else:
            unpinned.append(_unpinned(row, name, path))
    return Lock(
        path=path,
        kind="pylock",
        pins=tuple(pins),
        unpinned=tuple(unpinned),
        requires_python=document.get("requires-python"),
    )


def _origin(row: dict[str, Any]) -> Origin:
    if "vcs" in row:
        return "git"
    if "directory" in row:
        return "path"
    return "url" if "archive" in row else "index"


def _unpinned(row: dict[str, Any], name: str, path: str) -> Unpinned:
    directory = toml.table(row.get("directory"), "directory", path)
    if directory.get("editable") is True:
        return Unpinned(name=name, reason="part of the project itself", own=True)
    return Unpinned(name=name, reason=f"no version in {path} ({_origin(row)})")
