"""Lint: ``ruff check`` finds nothing new, and every file is formatted.

Both parts of ruff run over the same explicit list of files, the formatter over the Python in
Markdown besides: with the project's own settings where it has some, with a stated default where
it has none. Where a project formats with black, black of
the project environment takes the formatter's place. Ruff says "All checks passed!" of an
empty list; so each file it read is counted in its own log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from release_gate.api import (
    Context,
    Evidence,
    Examined,
    Finding,
    Gate,
    Inputs,
    Limit,
    Origin,
    Problem,
    Project,
    Settings,
    Skipped,
    ToolRun,
)
from release_gate.subjects.lint import black, findings, ruff
from release_gate.subjects.lint.documents import documents
from release_gate.subjects.lint.settings import (
    RuffSettings,
    find_settings,
    partition,
    target_version,
)
from release_gate.subjects.source import commands, suppressions
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.source.limits import suppression_limits
from release_gate.subjects.source.python_files import (
    NOTEBOOK,
    SOURCE,
    Chosen,
    planned,
    python_files,
)
from release_gate.subjects.source.text import counted

DEFAULT_RULES = ("E4", "E7", "E9", "F")


class Lint(Settings, frozen=True, kw_only=True):
    """Keys of the gate's table.

    Args:
        select: Rules for files that no ruff settings of the project rule over.
        formatter: Who decides on format; ``auto`` is black where the project configures
            black and not ``tool.ruff.format``, else ruff.
        also: Patterns of further files to read: scripts without a suffix.
        max_suppressions: Most ``noqa`` and like comments in all; default: any number.
        max_new_suppressions: Most of them that are new since the base; default: any number.
    """

    select: tuple[str, ...] = DEFAULT_RULES
    formatter: Literal["auto", "ruff", "black", "none"] = "auto"
    also: tuple[str, ...] = ()
    max_suppressions: int | None = None
    max_new_suppressions: int | None = None


def _chosen(project: Project, settings: Lint) -> Chosen:
    return python_files(project, also=settings.also, suffixes=SOURCE + NOTEBOOK)


def applies(project: Project, settings: Lint) -> str | None:
    """Wherever there is Python source."""
    return None if _chosen(project, settings).files else "the project has no Python file"


def limits(settings: Lint, project: Project) -> tuple[Limit, ...]:  # noqa: ARG001 - the contract
    """Limits on suppressing comments, where they are set."""
    return suppression_limits(settings.max_suppressions, settings.max_new_suppressions)


def inputs(project: Project, settings: Lint) -> Inputs:
    """Every Python file and notebook, and the settings that rule over them."""
    chosen = _chosen(project, settings).files
    found = find_settings(project)
    ruled, bare = partition(found, chosen)
    formatter = _formatter(project, settings)
    return Inputs(
        # Settings files of the project are in every gate's cache key; those above the root, what
        # a file extends, and black are not.
        files=(*chosen, *(documents(project, found) if formatter == "ruff" else ())),
        reusable=formatter != "black"
        and not any(item.folder == ".." or "extend" in item.table for item in found),
        origins=tuple(_origins(project, settings, found, ruled, bare)),
    )


def _origins(
    project: Project,
    settings: Lint,
    found: Sequence[RuffSettings],
    ruled: Sequence[str],
    bare: Sequence[str],
) -> list[Origin]:
    told = []
    if ruled:
        files = ", ".join(item.file for item in found)
        told.append(Origin(name="rules", value=f"of {counted(len(ruled), 'files')}", origin=files))
    if bare:
        bare_files = counted(len(bare), "files")
        why = f"{bare_files} without ruff settings" if found else "no ruff settings"
        own = "default" if settings.select == DEFAULT_RULES else "select"
        told.append(Origin(name="rules", value=", ".join(settings.select), origin=f"{own} ({why})"))
    told += [choice for item in found for choice in item.choices()]
    where = "formatter" if settings.formatter != "auto" else "detected"
    told.append(Origin(name="formatter", value=_formatter(project, settings), origin=where))
    return told


def collect(ctx: Context, settings: Lint) -> Evidence:
    """Lint and check the format of every Python file.

    Raises:
        ToolProblem: If there is nothing to read, or ruff gives nothing that can be judged.
    """
    chosen = planned(_chosen(ctx.project, settings), ctx.paths, where="the project")
    formatter = _formatter(ctx.project, settings)
    source = SourceFiles(ctx.project)
    texts: tuple[str, ...] = ()
    if formatter == "ruff":
        texts = documents(ctx.project, find_settings(ctx.project), ctx.paths)
    linted, formatted = _ruff(ctx, settings, chosen.files, texts, formats=formatter == "ruff")
    bad = findings.problems(
        linted.diagnostics,
        formatted.diagnostics,
        parsed=formatted.read - _broken(formatted),
        version=linted.tools[0].version,
    )
    found: tuple[Finding, ...] = findings.lint_findings(
        ctx, source, linted.diagnostics, [item.path for item in bad]
    )
    tools: tuple[ToolRun, ...] = linted.tools + formatted.tools
    skipped = chosen.skipped + linted.skipped + formatted.skipped
    read = linted.read
    if formatter == "ruff":
        read = (linted.read & formatted.read) | (formatted.read & frozenset(texts))
    if formatter == "ruff":
        lines = findings.first_lines(formatted.diagnostics)
        found += findings.format_findings(ctx, source, lines, tool="ruff")
    elif formatter == "black":
        blacked = black.check(ctx, [path for path in chosen.files if path.endswith(SOURCE)])
        bad += blacked.problems
        tools += blacked.tools
        skipped += blacked.skipped
        read = frozenset(path for path in read if path in blacked.read or not path.endswith(SOURCE))
        lines = dict.fromkeys(blacked.unformatted)
        found += findings.format_findings(ctx, source, lines, tool="black")
    comments = suppressions.suppressions(ctx.project, chosen.files, suppressions.RUFF, ctx.base)
    return Evidence(
        examined=Examined(
            unit="files",
            count=len(read - {item.path for item in bad if item.path}),
            planned=len(chosen.files) + len(texts) + len(chosen.skipped) - len(bad),
            skipped=_one_each(skipped, bad),
        ),
        findings=found,
        metrics=suppressions.metrics(comments, ctx.base),
        tools=tools,
        problems=bad,
        suppressions=comments,
        notes=() if formatter != "none" else ("format not checked: formatter = none",),
    )


def _formatter(project: Project, settings: Lint) -> str:
    if settings.formatter != "auto":
        return settings.formatter
    return "black" if black.uses_black(project) else "ruff"


def _ruff(
    ctx: Context, settings: Lint, files: Sequence[str], texts: Sequence[str], *, formats: bool
) -> tuple[ruff.Seen, ruff.Seen]:
    """Both parts of ruff over the files with settings of their own and over the others.

    Only the formatter reads the texts.
    """
    version = commands.version(ctx, "ruff")
    found = find_settings(ctx.project)
    target = target_version(ctx.project.requires_python)
    fixed = ["--isolated", *(["--target-version", target] if target else [])]
    rules = ["--select", ",".join(settings.select)]
    plain = ["--force-exclude"]

    def part(name: ruff.Part, files: Sequence[str], bare_options: Sequence[str]) -> ruff.Seen:
        ruled, bare = partition(found, files)
        return ruff.together(
            ruff.run(ctx, name, ruled, options=plain, settings=found, version=version),
            ruff.run(ctx, name, bare, options=bare_options, settings=(), version=version),
        )

    linted = part("lint", files, [*fixed, *rules])
    return linted, part("format", [*files, *texts], fixed) if formats else ruff.NOTHING


def _broken(formatted: ruff.Seen) -> frozenset[str]:
    return frozenset(
        path
        for path, item in formatted.diagnostics
        if path is not None and item.rule != findings.FORMAT_RULE
    )


def _one_each(skipped: Sequence[Skipped], bad: Sequence[Problem]) -> tuple[Skipped, ...]:
    """One entry a file; the worse one where both parts left it out, none for a problem."""
    known = {item.path for item in bad}
    kept: dict[str, Skipped] = {}
    for item in skipped:
        if item.what not in known and (item.what not in kept or item.allowed_by is None):
            kept[item.what] = item
    return tuple(sorted(kept.values()))


GATE = Gate(
    kind="lint",
    title="Lint clean and formatted",
    settings=Lint,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    default=True,
    tools=("ruff",),
)
