"""Which files of the list are Python source.

By name alone: ``.py``, ``.pyi`` and ``.pyw``, as the tools themselves decide. A script
without a suffix is read when the configuration names it (``also``). A symbolic link is not
followed: what it points to is read under its own name, or is not part of the project. Linked
folders and submodules are named, because source may lie in them.
"""

from __future__ import annotations

import fnmatch
import os
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from release_gate.api import Context, FileEntry, Problem, Project, Skipped, ToolProblem

SOURCE = (".py", ".pyi", ".pyw")
NOTEBOOK = (".ipynb",)
_BESIDE = frozenset({"benchmarks", "docs", "examples", "test", "testing", "tests"})
_LINKS = "links are not followed"
_SUBMODULES = "submodules are judged in their own repositories"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Files to read, sorted, and the links among them that are left out."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()


def python_files(
    project: Project,
    *,
    within: Sequence[str] | None = None,
    also: Sequence[str] = (),
    suffixes: Sequence[str] = SOURCE,
) -> Chosen:
    """The Python files of a project.

    Args:
        project: The project with its file list.
        within: Folders or files to stay in, relative to the root; ``None``: everywhere.
        also: Patterns of further files, as for :func:`fnmatch.fnmatchcase`, on the whole path.
        suffixes: Endings of a name that make it one.
    """
    reached = [entry for entry in project.files if within is None or below(entry.path, within)]
    wanted = [entry for entry in reached if _wanted(entry, suffixes, also)]
    return Chosen(
        files=tuple(sorted(entry.path for entry in wanted if entry.kind == "file")),
        skipped=tuple(
            sorted(
                [
                    Skipped(what=entry.path, reason="a symbolic link", allowed_by=_LINKS)
                    for entry in reached
                    if entry.kind == "symlink"
                    and (entry in wanted or project.path(entry.path).is_dir())
                ]
                + [
                    Skipped(what=entry.path, reason="a submodule", allowed_by=_SUBMODULES)
                    for entry in reached
                    if entry.kind == "submodule"
                ]
            )
        ),
    )


def planned(chosen: Chosen, paths: Sequence[str], *, where: str) -> Chosen:
    """What is left of a choice under ``--path``; never nothing.

    Args:
        chosen: All that the gate reads.
        paths: Files and folders of ``--path``; empty: all.
        where: Where the files were looked for, for the message.

    Raises:
        ToolProblem: If no file is left: a check of nothing is not a pass.
    """
    files = tuple(path for path in chosen.files if not paths or below(path, paths))
    if not files:
        where = where or "the source, which names no folder"
        place = f"{where}, narrowed to {', '.join(paths)}" if paths else where
        raise ToolProblem(
            f"there is no Python file to check in {place}",
            remedy="Check `source` in the configuration, the gate's own paths, and --path.",
        )
    skipped = tuple(item for item in chosen.skipped if not paths or below(item.what, paths))
    return Chosen(files=files, skipped=skipped)


def missing_folders(ctx: Context, folders: Iterable[str]) -> tuple[Problem, ...]:
    """A problem for each folder or file to check that holds nothing: moved or misspelt.

    Args:
        ctx: The gate's context; a run narrowed by ``--path`` is not asked.
        folders: As configured, relative to the root.
    """
    if ctx.paths:
        return ()
    entries = [entry.path for entry in ctx.project.files]
    return tuple(
        Problem(
            what=f"{folder} is to be checked and holds no file",
            remedy="Correct `source` in the configuration or the gate's own `paths`.",
            slug="nothing-examined",
        )
        for folder in folders
        if not any(below(path, (folder,)) for path in entries)
    )


def packages_outside(project: Project) -> tuple[str, ...]:
    """Packages that lie outside of the source and are no tests, sorted: forgotten, perhaps.

    Args:
        project: With the folders that ship in ``source``.
    """
    homes = {
        posixpath.dirname(entry.path)
        for entry in project.files
        if posixpath.basename(entry.path) == "__init__.py"
    }
    return tuple(
        sorted(
            home
            for home in homes
            if home
            and posixpath.dirname(home) not in homes
            and not below(home, project.source)
            and not _BESIDE.intersection(home.split("/"))
        )
    )


def below(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders or files, or lies below one."""
    for folder in folders:
        clean = posixpath.normpath(folder.replace(os.sep, "/"))
        if clean in {".", path} or path.startswith(clean + "/"):
            return True
    return False


def _wanted(entry: FileEntry, suffixes: Sequence[str], also: Sequence[str]) -> bool:
    if entry.path.lower().endswith(tuple(suffixes)):
        return True
    return any(fnmatch.fnmatchcase(entry.path, pattern) for pattern in also)
