"""Bandit's settings of a project, passed on purpose.

Bandit reads ``[tool.bandit]`` only with ``-c pyproject.toml``, and a ``.bandit`` file only
where it is given a folder: each without a word. Here the first is always passed and shown,
and the second is named and never read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release_gate.api import Origin, Project, ToolProblem

PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class BanditSettings:
    """What bandit is told.

    Args:
        file: Passed with ``-c``; empty: bandit's defaults.
        table: Content of ``[tool.bandit]``; empty for a file of the user's choice.
    """

    file: str = ""
    table: Mapping[str, Any]

    def origins(self) -> tuple[Origin, ...]:
        """Its settings in force, for the plan."""
        if not self.file:
            return (Origin(name="tests", value="all", origin="default (no bandit settings)"),)
        if not self.table:
            return (Origin(name="settings", value=self.file, origin="config"),)
        return tuple(
            Origin(name=key, value=_shown(value), origin=f"[tool.bandit] in {self.file}")
            for key, value in sorted(self.table.items())
        )


def find_settings(project: Project, config: str) -> BanditSettings:
    """The settings to pass.

    Args:
        project: The project.
        config: A file of the user's choice, relative to the root; empty: detected.

    Raises:
        ToolProblem: If the settings cannot mean what they say.
    """
    tool = project.pyproject.get("tool", {})
    table = tool.get("bandit") if isinstance(tool, Mapping) else None
    if config and config != PYPROJECT:
        if not project.path(config).is_file():
            raise ToolProblem(
                f"config names {config}, and there is no such file",
                remedy="Correct `config` in the gate's table.",
            )
        return BanditSettings(file=config, table={})
    if table is None:
        return BanditSettings(table={})
    for key in ("exclude_dirs", "tests", "skips"):
        if key in table and not isinstance(table[key], list):
            raise ToolProblem(
                f"[tool.bandit] {key} in {PYPROJECT} is not a list",
                remedy=f'Write {key} = ["…"]; bandit fails on it or takes it letter by letter.',
            )
    return BanditSettings(file=PYPROJECT, table=table)


def passed_over(project: Project) -> tuple[str, ...]:
    """The ``.bandit`` files of the tree: not read, and named so that nobody relies on them."""
    return tuple(
        entry.path for entry in project.files if posixpath.basename(entry.path) == ".bandit"
    )


def _shown(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value)
    return str(value)
