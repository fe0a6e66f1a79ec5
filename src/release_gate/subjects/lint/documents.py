"""Markdown files whose Python examples ``ruff format`` keeps in order; ``ruff check`` reads none.

Measured with ruff 0.17.5: a run over a folder reads every ``*.md``, unless the settings that
rule there name other files with ``include``.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Sequence

from release_gate.api import Project
from release_gate.subjects.lint.settings import RuffSettings, ruling
from release_gate.subjects.source.python_files import below

SUFFIX = ".md"


def documents(
    project: Project, settings: Sequence[RuffSettings], paths: Sequence[str] = ()
) -> tuple[str, ...]:
    """Markdown files that the formatter reads.

    Args:
        project: With the file list.
        settings: The project's settings files.
        paths: Files and folders of ``--path``; empty: all.
    """
    return tuple(
        entry.path
        for entry in project.files
        if entry.kind == "file"
        and entry.path.endswith(SUFFIX)
        and (not paths or below(entry.path, paths))
        and _included(ruling(settings, entry.path), entry.path)
    )


def _included(rules: RuffSettings | None, path: str) -> bool:
    patterns = rules.table.get("include") if rules else None
    if not isinstance(patterns, list):
        return True
    names = (path, posixpath.basename(path))
    return any(fnmatch.fnmatchcase(name, str(pattern)) for name in names for pattern in patterns)
