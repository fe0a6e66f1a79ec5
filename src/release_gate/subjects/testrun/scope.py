"""Which files a measurement was meant to cover, and under which of its sources each one falls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from coverage.exceptions import CoverageException
from coverage.files import GlobMatcher

from release_gate.errors import ConfigError
from release_gate.ports import Project
from release_gate.subjects.source.python_files import python_files
from release_gate.subjects.testrun.config import CoverageConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is measured.

    Args:
        source: What ``--source`` is given; empty where the project's own settings name it.
        shipped: Python files of the project that ship, relative to the root.
        omitted: Those of them that the settings leave out by name or pattern.
    """

    source: tuple[str, ...]
    shipped: tuple[str, ...]
    omitted: tuple[str, ...]


def shipped_files(project: Project) -> tuple[str, ...]:
    """Python files below the project's source, sorted."""
    return python_files(project, within=project.source, suffixes=(".py",)).files


def matching(root: Path, paths: Iterable[str], patterns: tuple[str, ...]) -> frozenset[str]:
    """The paths that coverage's own file patterns match.

    Args:
        root: Folder that patterns are relative to.
        paths: Relative to it.
        patterns: As in ``omit`` and ``include``.

    Raises:
        ConfigError: For a pattern that coverage refuses.
    """
    if not patterns:
        return frozenset()
    prefix = f"{root.as_posix()}/"
    relative = [pattern.removeprefix(prefix).removeprefix("./") for pattern in patterns]
    try:
        matcher = GlobMatcher(relative)
    except CoverageException as error:
        raise ConfigError(f"coverage cannot use a pattern of omit or include: {error}") from error
    return frozenset(path for path in paths if matcher.match(path))


def source_argument(project: Project) -> tuple[str, ...]:
    """What coverage is told to measure where the project's settings do not say.

    A single file is named by its module, which is how coverage takes it.
    """
    return tuple(
        PurePosixPath(entry).stem if entry.endswith(".py") else entry for entry in project.source
    )


def of(project: Project, config: CoverageConfig) -> Scope:
    """The scope of a project's measurement."""
    shipped = shipped_files(project)
    left_out = matching(project.root, shipped, config.omit)
    for patterns in (config.report_include, () if config.names_source else config.include):
        if patterns:
            left_out |= frozenset(shipped) - matching(project.root, shipped, patterns)
    return Scope(
        source=() if config.names_source else source_argument(project),
        shipped=shipped,
        omitted=tuple(sorted(left_out)),
    )
