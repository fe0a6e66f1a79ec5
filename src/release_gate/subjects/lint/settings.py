"""Where a project's ruff settings lie, and which files they rule over.

Ruff takes, for each file, the nearest ``.ruff.toml``, ``ruff.toml`` or ``pyproject.toml``
with a ``[tool.ruff]`` table, looking up from the file's folder. Files that none of them
rules over get the default that release-gate states, because ruff's own default is another
one in almost every release.
"""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release_gate.api import Origin, Project
from release_gate.files import read_file

NAMES = (".ruff.toml", "ruff.toml", "pyproject.toml")
ABOVE = ".."
_CHOICES = (
    "extend",
    "select",
    "extend-select",
    "ignore",
    "extend-ignore",
    "per-file-ignores",
    "extend-per-file-ignores",
    "exclude",
    "extend-exclude",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuffSettings:
    """One settings file.

    Args:
        folder: Folder that it rules over, relative to the root: empty for the root itself,
            ``..`` for a file above it.
        file: Its path relative to the root.
        table: Its content; empty if it cannot be read (ruff then says so itself).
    """

    folder: str
    file: str
    table: Mapping[str, Any]

    def leaves_out(self, part: str) -> str | None:
        """The setting by which files may be kept from one part of ruff, if there is one.

        Args:
            part: ``lint`` or ``format``.
        """
        inner = self.table.get(part)
        if isinstance(inner, Mapping) and inner.get("exclude"):
            return f"{part}.exclude in {self.file}"
        if self.table.get("extend"):
            return f"the settings that {self.file} extends"
        return None

    def choices(self) -> tuple[Origin, ...]:
        """What the file says on which rules hold for which files, for the plan."""
        inner = self.table.get("lint")
        tables = [("", self.table), ("lint.", inner if isinstance(inner, Mapping) else {})]
        return tuple(
            Origin(name=prefix + key, value=_shown(table[key]), origin=self.file)
            for prefix, table in tables
            for key in _CHOICES
            if key in table
        )


def find_settings(project: Project) -> tuple[RuffSettings, ...]:
    """All settings files of the project, and the nearest above its root in the repository."""
    # Ruff follows a link to its settings.
    files = {entry.path for entry in project.files if entry.kind in {"file", "symlink"}}
    found: dict[str, RuffSettings] = {}
    for name in reversed(NAMES):
        for path in sorted(files):
            if posixpath.basename(path) == name:
                table = _table(name, _read(project.path(path)))
                if table is not None:
                    folder = posixpath.dirname(path)
                    found[folder] = RuffSettings(folder=folder, file=path, table=table)
    if "" not in found and (above := _above(project.root)):
        found[ABOVE] = above
    return tuple(found[folder] for folder in sorted(found))


def ruling(settings: Sequence[RuffSettings], path: str) -> RuffSettings | None:
    """The settings that ruff takes for a file; ``None``: none, the default holds."""
    by_folder = {item.folder: item for item in settings}
    folder = posixpath.dirname(path)
    while folder:
        if folder in by_folder:
            return by_folder[folder]
        folder = posixpath.dirname(folder)
    return by_folder.get("") or by_folder.get(ABOVE)


def partition(
    settings: Sequence[RuffSettings], paths: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files with settings of their own, and files for which the stated default holds."""
    ruled: list[str] = []
    bare: list[str] = []
    for path in paths:
        (ruled if ruling(settings, path) else bare).append(path)
    return tuple(ruled), tuple(bare)


def target_version(requires_python: str | None) -> str | None:
    """Ruff's name for the oldest Python of a ``requires-python``; ``None`` if it names none."""
    found = re.search(r"(?:>=|~=|==|>)\s*3\.(\d+)", requires_python or "")
    return f"py3{found[1]}" if found else None


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def _above(root: Path) -> RuffSettings | None:
    folder = root
    while not (folder / ".git").exists() and folder.parent != folder:
        folder = folder.parent
        for name in NAMES:
            table = _table(name, _read(folder / name))
            if table is not None:
                steps = len(root.parts) - len(folder.parts)
                return RuffSettings(folder=ABOVE, file="../" * steps + name, table=table)
    return None


def _read(path: Path) -> bytes | None:
    try:
        return read_file(path)
    except OSError:
        return None


def _table(name: str, content: bytes | None) -> Mapping[str, Any] | None:
    """The ruff table of a settings file; ``None`` where ruff passes it over."""
    if content is None:
        return None
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        # Ruff stops at such a file with its own message, so it must count as settings.
        return {} if name != "pyproject.toml" or b"tool.ruff" in content else None
    if name != "pyproject.toml":
        return table
    tool = table.get("tool")
    inner = tool.get("ruff") if isinstance(tool, Mapping) else None
    return inner if isinstance(inner, Mapping) else None
