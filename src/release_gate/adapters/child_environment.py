"""The environment that child processes get: the user's, without what changes tools in silence."""

from __future__ import annotations

import os
from collections.abc import Mapping

# A git hook (pre-push is where the gate often runs) sets these for the repository it belongs
# to; a tool or a test that calls git elsewhere would work on the wrong one. The list is that
# of `git rev-parse --local-env-vars`, without GIT_CONFIG_COUNT: CI sets safe.directory by it.
_GIT = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
# They make one interpreter run as another, or run code before the tool. PYTHONPATH stays:
# tests rely on it. PYTHONIOENCODING goes because it makes names with odd bytes unprintable,
# where UTF-8 mode passes them through.
_PYTHON = (
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONIOENCODING",
    "PYTHONOPTIMIZE",
    "PYTHONPLATLIBDIR",
    "PYTHONSTARTUP",
    "__PYVENV_LAUNCHER__",
)
_COLOUR = ("CLICOLOR_FORCE", "COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "MYPY_FORCE_COLOR")
REMOVED = (*_GIT, *_PYTHON, *_COLOUR, "MYPY_FORCE_TERMINAL_WIDTH", "PY_COLORS")

ADDED = {
    "GIT_TERMINAL_PROMPT": "0",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "PYTHONUTF8": "1",
    "TERM": "dumb",
}


def child_environment(
    environment: Mapping[str, str], changes: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """What a child process finds in its environment.

    Args:
        environment: The process environment as injected.
        changes: Applied last; ``None`` takes a variable away.
    """
    child = {name: value for name, value in environment.items() if name not in REMOVED}
    if "PATH" in child:
        child["PATH"] = _absolute_only(child["PATH"])
    child.update(ADDED)
    for name, value in (changes or {}).items():
        if value is None:
            child.pop(name, None)
        else:
            child[name] = value
    return child


def _absolute_only(path: str) -> str:
    # A relative entry would run a "git" that lies in the project.
    entries = [entry for entry in path.split(os.pathsep) if os.path.isabs(entry)]  # noqa: PTH117 - no Path: entries stay as written
    return os.pathsep.join(entries)
