"""Which of the planned files mypy is given, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from release_gate.api import Project, Skipped
from release_gate.subjects.mypy.settings import MypySettings
from release_gate.subjects.source.text import encoding_of

_UTF8 = ("utf-8", "utf-8-sig", "ascii")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Files for mypy, and files left out."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def choose(project: Project, paths: Sequence[str], settings: MypySettings | None) -> Sources:
    """Sort the planned files into what mypy is given and what it is not.

    Args:
        project: The project.
        paths: The planned files.
        settings: The project's mypy settings; their ``exclude`` is applied here, because
            mypy passes it over for files that are named to it.

    Raises:
        ToolProblem: If a pattern of the settings is no regular expression.
    """
    planned = frozenset(paths)
    files, skipped = [], []
    for path in paths:
        left_out = _by_choice(path, planned, settings) or _by_need(project, path)
        if left_out is None:
            files.append(path)
        else:
            skipped.append(left_out)
    return Sources(files=tuple(files), skipped=tuple(skipped))


def _by_choice(path: str, planned: frozenset[str], settings: MypySettings | None) -> Skipped | None:
    """Left out as the project wants it."""
    if settings and (pattern := settings.excludes(path)):
        return Skipped(
            what=path,
            reason=f"excluded by {pattern}",
            allowed_by=f"exclude in {settings.file}",
        )
    if path.endswith(".py") and f"{path}i" in planned:
        return Skipped(
            what=path,
            reason="its stub is checked in its place",
            allowed_by=f"{path}i beside it: mypy reads one of the two",
        )
    return None


def _by_need(project: Project, path: str) -> Skipped | None:
    """Left out because mypy would crash on it (measured with 2.4.1): never allowed."""
    reason = None
    if any("\udc80" <= letter <= "\udcff" for letter in path):
        reason = "mypy cannot read a file whose name is not UTF-8"
    elif "@" in path.rsplit("/", maxsplit=1)[-1]:
        reason = "mypy fails on a module with @ in its name"
    else:
        try:
            if encoding_of(project.read_bytes(path)) not in _UTF8:
                reason = "mypy cannot report on a file that is not UTF-8"
        except OSError as error:
            reason = f"it cannot be read: {error.strerror}"
    return None if reason is None else Skipped(what=path, reason=reason)
