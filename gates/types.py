"""Types: mypy finds nothing new in the source that ships.

The project's own settings where it has some, else strict. Imports are resolved with the
project environment; where the settings name plug-ins, mypy of that environment runs. A clean
run of mypy prints nothing at all, so each file it checked is counted in a report it writes.
"""

# ruff: noqa: A005 - loaded by its path, never imported by its name

from __future__ import annotations

from typing import Literal

from release_gate.api import (
    Context,
    Evidence,
    Examined,
    Gate,
    Inputs,
    Limit,
    Origin,
    Problem,
    Project,
    Settings,
    ToolProblem,
)
from release_gate.subjects.mypy import findings, run, sources
from release_gate.subjects.mypy.output import Output
from release_gate.subjects.mypy.settings import MypySettings, find_settings
from release_gate.subjects.source import commands, suppressions
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.source.limits import suppression_limits
from release_gate.subjects.source.names import Names
from release_gate.subjects.source.python_files import (
    Chosen,
    missing_folders,
    planned,
    python_files,
)

SUFFIXES = (".py", ".pyi")


class Types(Settings, frozen=True, kw_only=True):
    """Keys of the gate's table.

    Args:
        paths: Folders and files to check; default: the project's ``source``.
        mypy: Which mypy runs: ``auto`` takes the project's where the settings name plug-ins
            and it has one, else the toolkit's.
        max_suppressions: Most ``type: ignore`` comments in all; default: any number.
        max_new_suppressions: Most of them that are new since the base; default: any number.
    """

    paths: tuple[str, ...] = ()
    mypy: Literal["auto", "toolkit", "project"] = "auto"
    max_suppressions: int | None = None
    max_new_suppressions: int | None = None


def _where(project: Project, settings: Types) -> tuple[str, ...]:
    return settings.paths or project.source


def _chosen(project: Project, settings: Types) -> Chosen:
    return python_files(project, within=_where(project, settings), suffixes=SUFFIXES)


def applies(project: Project, settings: Types) -> str | None:  # noqa: ARG001 - the contract
    """Wherever there is Python source; that none of it lies in ``source`` is an error later."""
    found = python_files(project, suffixes=SUFFIXES).files
    return None if found else "the project has no Python file"


def limits(settings: Types, project: Project) -> tuple[Limit, ...]:  # noqa: ARG001 - the contract
    """Limits on suppressing comments, where they are set."""
    return suppression_limits(settings.max_suppressions, settings.max_new_suppressions)


def inputs(project: Project, settings: Types) -> Inputs:
    """The Python source that ships; not reusable, as the project environment tells too."""
    where = ", ".join(_where(project, settings))
    origins = [Origin(name="paths", value=where, origin="paths" if settings.paths else "source")]
    try:
        found = find_settings(project)
    except ToolProblem as problem:
        return Inputs(files=_chosen(project, settings).files, warnings=(problem.what,))
    if found is None:
        origins.append(Origin(name="rules", value="strict", origin="default (no mypy settings)"))
    else:
        origins.append(Origin(name="rules", value="the project's own", origin=found.file))
        origins += [
            Origin(name=name, value=value, origin=found.file) for name, value in _silencing(found)
        ]
        if found.plugins:
            value = ", ".join(found.plugins)
            origins.append(Origin(name="plug-ins", value=value, origin=found.file))
    return Inputs(
        files=_chosen(project, settings).files,
        variables=("MYPYPATH",),
        origins=tuple(origins),
    )


def collect(ctx: Context, settings: Types) -> Evidence:
    """Type-check the source that ships.

    Raises:
        ToolProblem: If there is nothing to read, or mypy gives nothing that can be judged.
    """
    where = _where(ctx.project, settings)
    chosen = planned(_chosen(ctx.project, settings), ctx.paths, where=", ".join(where))
    found = find_settings(ctx.project)
    given = sources.choose(ctx.project, chosen.files, found)
    if not given.files:
        raise ToolProblem(
            f"nothing is left for mypy: {given.skipped[0].what} and "
            f"{len(given.skipped) - 1} more are left out ({given.skipped[0].reason})",
            remedy="Check exclude in mypy's settings and the gate's paths.",
        )
    if found and found.ignores_all and not found.heeded_modules:
        raise ToolProblem(
            f"ignore_errors in {found.file} switches every error off: nothing is checked",
            remedy="Take it out, or set ignore_errors = false for the modules to check.",
        )
    home = run.choose_home(ctx, found, settings.mypy)
    checked = run.check(ctx, given.files, found, home)
    names = Names(ctx.project.root, given.files)
    comments = suppressions.suppressions(ctx.project, given.files, suppressions.MYPY, ctx.base)
    bad = findings.unparsed(names, checked.output.messages)
    read = {names.relative(name) for name in checked.output.read} & set(given.files)
    return Evidence(
        examined=Examined(
            unit="files",
            count=len(read - {item.path for item in bad}),
            planned=len(chosen.files) + len(chosen.skipped) - len(bad),
            skipped=tuple(sorted(chosen.skipped + given.skipped)),
        ),
        findings=findings.findings(ctx, SourceFiles(ctx.project), names, checked.output.messages),
        metrics=suppressions.metrics(comments, ctx.base),
        tools=(
            commands.tool_run(
                ctx,
                "mypy",
                checked.done,
                version=home.version,
                files=checked.arguments,
                home="project" if home.python else "toolkit",
            ),
        ),
        problems=(*bad, *_complaints(checked.output), *missing_folders(ctx, where)),
        suppressions=comments,
        notes=_notes(found, home),
    )


def _complaints(output: Output) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            what=f"mypy does not take its settings as they stand: {line}",
            remedy="Mend the settings; mypy passes over what it does not know, with exit code 0.",
        )
        for line in output.complaints
    )


def _notes(found: MypySettings | None, home: run.Home) -> tuple[str, ...]:
    notes = []
    if home.python is not None:
        notes.append(f"mypy {home.version} of the project environment")
    if found is not None:
        notes += [f"{name} = {value} ({found.file})" for name, value in _silencing(found)]
    return tuple(notes)


def _silencing(found: MypySettings) -> list[tuple[str, str]]:
    """Settings that take errors away before anyone sees them."""
    told = list(found.weakened)
    if found.ignored_modules:
        told.insert(0, ("ignore_errors", ", ".join(found.ignored_modules)))
    if found.ignores_all:
        told.insert(0, ("ignore_errors", f"all but {', '.join(found.heeded_modules)}"))
    return told


GATE = Gate(
    kind="types",
    title="Types check",
    settings=Types,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    default=True,
    tools=("mypy",),
)
