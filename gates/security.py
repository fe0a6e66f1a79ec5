"""Security: bandit finds nothing new in the source that ships.

Bandit gets explicit file names and no level flag, baseline or progress bar. It exits 0 for a
missing file and for one it cannot parse, so each file is looked up in its report; limits on
severity and confidence are applied here, to a report that holds everything.
"""

from __future__ import annotations

from typing import Literal

from release_gate.api import (
    Context,
    Evidence,
    Examined,
    Gate,
    Inputs,
    Limit,
    Metric,
    Origin,
    Problem,
    Project,
    Settings,
    ToolProblem,
)
from release_gate.subjects.bandit import findings, run
from release_gate.subjects.bandit.settings import find_settings, passed_over
from release_gate.subjects.source import suppressions
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.source.limits import suppression_limits
from release_gate.subjects.source.python_files import (
    Chosen,
    missing_folders,
    packages_outside,
    planned,
    python_files,
)

SUFFIXES = (".py", ".pyw")
Level = Literal["low", "medium", "high"]


class Security(Settings, frozen=True, kw_only=True):
    """Keys of the gate's table.

    Args:
        paths: Folders and files to scan; default: the project's ``source``.
        also: Patterns of further files to scan: scripts without a suffix, below ``paths``.
        config: A settings file of bandit, relative to the root; default: ``pyproject.toml``
            where it has ``[tool.bandit]``.
        min_severity: Results below it are counted and not shown.
        min_confidence: Results of less confidence are counted and not shown.
        max_suppressions: Most ``nosec`` comments in all; default: any number.
        max_new_suppressions: Most of them that are new since the base; default: any number.
    """

    paths: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    config: str = ""
    min_severity: Level = "low"
    min_confidence: Level = "low"
    max_suppressions: int | None = None
    max_new_suppressions: int | None = None


def _where(project: Project, settings: Security) -> tuple[str, ...]:
    return settings.paths or project.source


def _chosen(project: Project, settings: Security) -> Chosen:
    return python_files(
        project, within=_where(project, settings), also=settings.also, suffixes=SUFFIXES
    )


def applies(project: Project, settings: Security) -> str | None:  # noqa: ARG001 - the contract
    """Wherever there is Python source; that none of it lies in ``source`` is an error later."""
    found = python_files(project, suffixes=SUFFIXES).files
    return None if found else "the project has no Python file"


def limits(settings: Security, project: Project) -> tuple[Limit, ...]:  # noqa: ARG001 - the contract
    """Limits on suppressing comments, where they are set."""
    return suppression_limits(settings.max_suppressions, settings.max_new_suppressions)


def inputs(project: Project, settings: Security) -> Inputs:
    """The Python source that ships and bandit's settings."""
    origin = "paths" if settings.paths else "source"
    origins = [Origin(name="paths", value=", ".join(_where(project, settings)), origin=origin)]
    files, warnings = list(_chosen(project, settings).files), []
    try:
        found = find_settings(project, settings.config)
    except ToolProblem as problem:
        warnings.append(problem.what)
    else:
        origins += found.origins()
        # A file of the user's choice may have any name; the others are in every cache key.
        files += [settings.config] if settings.config else []
    warnings += [_not_read(name) for name in passed_over(project)]
    warnings += _outside(project, settings)
    return Inputs(
        files=tuple(sorted(set(files))),
        reusable=True,
        origins=tuple(origins),
        warnings=tuple(warnings),
    )


def collect(ctx: Context, settings: Security) -> Evidence:
    """Scan the source that ships.

    Raises:
        ToolProblem: If there is nothing to read, or bandit gives nothing that can be judged.
    """
    where = _where(ctx.project, settings)
    chosen = planned(_chosen(ctx.project, settings), ctx.paths, where=", ".join(where))
    own = find_settings(ctx.project, settings.config)
    seen = run.scan(ctx, chosen.files, own)
    kept = [
        (path, item)
        for path, item in seen.results
        if findings.within(item, severity=settings.min_severity, confidence=settings.min_confidence)
    ]
    comments = suppressions.suppressions(ctx.project, chosen.files, suppressions.BANDIT, ctx.base)
    return Evidence(
        examined=Examined(
            unit="files",
            count=len(seen.read),
            planned=len(chosen.files) + len(chosen.skipped) - len(seen.unread),
            skipped=tuple(sorted(chosen.skipped + seen.skipped)),
        ),
        findings=findings.findings(ctx, SourceFiles(ctx.project), kept),
        metrics=(
            *suppressions.metrics(comments, ctx.base),
            Metric(name="nosec-hidden", value=seen.hidden, unit="results"),
            Metric(name="below-limits", value=len(seen.results) - len(kept), unit="results"),
        ),
        tools=seen.tools,
        problems=(
            *run.unread_problems(ctx, seen),
            *_complaints(seen.complaints),
            *missing_folders(ctx, where),
        ),
        suppressions=comments,
        notes=(
            *(f"{item.name}: {item.value} ({item.origin})" for item in own.origins() if own.file),
            *(_not_read(name) for name in passed_over(ctx.project)),
            *_outside(ctx.project, settings),
        ),
    )


def _complaints(lines: tuple[str, ...]) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            what=f"bandit does not take its settings as they stand: {line}",
            remedy="Mend the settings; bandit passes over what it does not know.",
        )
        for line in lines
    )


def _outside(project: Project, settings: Security) -> list[str]:
    """Packages that nobody said anything about; with paths of its own the gate was told."""
    found = [] if settings.paths else packages_outside(project)
    return [f"{', '.join(found)} not scanned: outside of the source"] if found else []


def _not_read(name: str) -> str:
    return f"{name} is not read: bandit's settings belong in [tool.bandit] of pyproject.toml"


GATE = Gate(
    kind="security",
    title="No new security finding",
    settings=Security,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    default=True,
    tools=("bandit",),
)
