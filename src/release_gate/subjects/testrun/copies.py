"""Whether the tests ran the checkout or an installed copy of something older.

Coverage can map installed files onto the checkout (``[paths]``). What ran must then be what
lies there: lines of another version, shown against this one, mean nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from release_gate.errors import ToolProblem
from release_gate.ports import Project
from release_gate.subjects.source.python_files import below

_INSTALLED = ("site-packages", "dist-packages")


def measured_paths(folder: Path) -> frozenset[str]:
    """Every file that a process measured, as coverage's data names it.

    Args:
        folder: Holds data files; their table ``file`` is described at
            https://coverage.readthedocs.io/en/latest/dbschema.html.

    Raises:
        ToolProblem: If one of them is not a data file.
    """
    found: set[str] = set()
    for file in sorted(folder.glob("coverage*")):
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as data:
                found.update(str(row[0]) for row in data.execute("select path from file"))
        except sqlite3.Error as error:
            raise ToolProblem(
                f"the data that coverage wrote cannot be read: {error}",
                remedy="A measured process may have been killed while it wrote.",
            ) from error
    return frozenset(found)


def differing(project: Project, shipped: Iterable[str], measured: Iterable[str]) -> list[str]:
    """Shipped files of which an installed copy ran that is not the same, sorted.

    Args:
        project: The checkout.
        shipped: Its Python files below the source.
        measured: Paths as coverage's data names them.
    """
    own = {module: path for path in shipped for module in _modules(project, path)}
    found = set()
    for name in measured:
        path = own.get(_within_installation(name))
        if path is not None and _text(project.root / name) != _text(project.path(path)):
            found.add(path)
    return sorted(found)


def _within_installation(name: str) -> str:
    """The part below ``site-packages``; empty for a file of another place."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    places = [index for index, part in enumerate(parts) if part in _INSTALLED]
    return "/".join(parts[places[-1] + 1 :]) if places else ""


def _modules(project: Project, path: str) -> Iterator[str]:
    """Where a file of the checkout would lie in an installation."""
    for entry in project.source:
        if below(path, (entry,)):
            yield PurePosixPath(path).relative_to(PurePosixPath(entry)).as_posix()
    yield path


def _text(path: Path) -> bytes | None:
    """Content with the line ends of any platform; ``None`` if the file is gone."""
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError:
        return None
