"""``--path``: the files that a partial run is narrowed to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from release_gate.errors import UsageError
from release_gate.plan.paths import below, inside
from release_gate.plan.suggest import did_you_mean
from release_gate.ports import FileEntry

_COMPARED = 2000


def narrow(root: Path, wanted: Iterable[str], files: Iterable[FileEntry]) -> tuple[str, ...]:
    """The regular files of the list that lie in the wanted files and folders, sorted.

    Args:
        root: Absolute.
        wanted: Relative to the root, or absolute below it.
        files: The file list.

    Raises:
        UsageError: If a wanted path is not in the list or lies outside of the root.
    """
    names = [one.path for one in files if one.kind == "file"]
    found: set[str] = set()
    for text in wanted:
        folder = _relative(root, text)
        matching = [name for name in names if below(name, folder)]
        if not matching:
            like = _alike(folder, names)
            what = f"--path {text}: not in the file list{did_you_mean(folder, like)}"
            remedy = "The list holds what git tracks and what it does not ignore, below the root."
            raise UsageError(what, remedy=remedy)
        found.update(matching)
    return tuple(sorted(found))


def _alike(wanted: str, names: list[str]) -> list[str]:
    """Comparing with every one of 50,000 names takes seconds: those of the same name first."""
    last = wanted.rpartition("/")[2]
    return [name for name in names if name.rpartition("/")[2] == last] or names[:_COMPARED]


def _relative(root: Path, text: str) -> str:
    if not text:
        raise UsageError("--path is empty", remedy="Name a file or a folder; . is the whole root.")
    path = Path(text)
    try:
        if path.is_absolute():
            return path.relative_to(root).as_posix()
        # On Windows both separators are written; elsewhere a backslash is part of a name.
        return inside(path.as_posix())
    except ValueError as error:
        raise UsageError(f"--path {text}: outside of the root") from error
