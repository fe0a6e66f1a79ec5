"""Secrets: detect-secrets over every file of the list, tracked or not.

What it finds is compared with the baseline by a keyed hash of the secret, so
that an accepted false positive stays accepted when it moves, and a real key
put in its place does not. The value itself appears in no output.
"""

# ruff: noqa: A005 - loaded by its path, never imported by its name

from __future__ import annotations

import re

from release_gate.api import (
    ConfigError,
    Context,
    Evidence,
    Examined,
    Finding,
    Gate,
    Inputs,
    Limit,
    Origin,
    Project,
    Settings,
    Suppression,
    ToolProblem,
)
from release_gate.subjects.secrets import canary, native_baseline, patterns, reading, scan
from release_gate.subjects.secrets.results import confirmed_unseen, found, suppressions
from release_gate.subjects.source.changed import marked
from release_gate.subjects.source.suppressions import metrics
from release_gate.subjects.source.text import counted


class SecretsSettings(Settings, frozen=True):
    """Keys of ``[tool.release-gate.gates.secrets]``.

    Args:
        native_baseline: A baseline of detect-secrets: its plugin and filter settings are used.
        exclude_files: Regular expressions of paths that are not read.
        must_exclude: Folders and files that the patterns must keep out.
        allow_skipped: Reasons for which a file may stay unread; each is named in the report.
        verify: Whether providers may be asked over the network if a secret is live.
    """

    native_baseline: str = native_baseline.FILE
    exclude_files: tuple[str, ...] = ()
    must_exclude: tuple[str, ...] = ()
    allow_skipped: tuple[reading.Reason, ...] = (
        "baseline",
        "binary",
        "excluded",
        "file-type",
        "lock-file",
    )
    verify: bool = False

    def __post_init__(self) -> None:
        """Refuse patterns that are none."""
        for pattern in self.exclude_files:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"exclude-files: {pattern!r} is no pattern: {error}") from error


def applies(project: Project, settings: SecretsSettings) -> str | None:
    """Every project with a file."""
    del settings
    return None if project.files else "there are no files"


def inputs(project: Project, settings: SecretsSettings) -> Inputs:
    """The whole list, read file by file; equal files give equal evidence unless asked live."""
    native = _native(project, settings)
    origin = settings.native_baseline if native else "default of detect-secrets"
    listed = patterns.of(native, settings.native_baseline, settings.exclude_files)
    return Inputs(
        files=tuple(entry.path for entry in project.files if entry.kind == "file"),
        # What a filter or plug-in of the project reads is not known.
        reusable=not settings.verify and not native_baseline.runs_code(native),
        origins=(
            Origin(name="plugins", value=_plugins(native), origin=origin),
            *(Origin(name="exclude-files", value=p.text, origin=p.origin) for p in listed),
            *(Origin(name=n, value=v, origin=origin) for n, v in patterns.others(native)),
        ),
        warnings=("providers are asked over the network",) if settings.verify else (),
    )


def limits(settings: SecretsSettings, project: Project) -> tuple[Limit, ...]:
    """None: it has findings only."""
    del settings, project
    return ()


def collect(ctx: Context, settings: SecretsSettings) -> Evidence:
    """Read every file with detect-secrets and tell of each."""
    project = ctx.project
    native = _native(project, settings)
    listed = [entry.path for entry in project.files if entry.kind == "file"]
    wanted = [name for name in listed if not ctx.paths or name in ctx.paths]
    own = {reading.OWN_BASELINE, settings.native_baseline if native else reading.OWN_BASELINE}
    planted = str(canary.plant(ctx.work))
    result = scan.scan(
        ctx.runner,
        ctx.toolkit.python,
        scan.Request(
            files=(planted, *(name for name in wanted if name not in own)),
            plugins_used=native.plugins_used if native else None,
            filters_used=native.filters_used if native else None,
            exclude_files=settings.exclude_files,
            verify=settings.verify,
        ),
        progress=ctx.progress,
    )
    example, *reports = result.files
    canary.check(example, result.plugins)
    read = [report for report in reports if report.state == "read"]
    if not read:
        raise ToolProblem(
            f"detect-secrets read none of {counted(len(wanted), 'files')}",
            remedy="Check the root, exclude-files and the filters of the native baseline.",
        )
    hidden = _suppressions(ctx, reports)
    return Evidence(
        examined=Examined(
            unit="files",
            count=len(read),
            planned=len(wanted),
            skipped=reading.skipped(
                reports, [name for name in wanted if name in own], settings.allow_skipped
            ),
        ),
        findings=(
            *marked(ctx.base, found(reports, native, key=ctx.secret_key, gate_id=ctx.gate_id)),
            *confirmed_unseen(reports, native, listed, key=ctx.secret_key, gate_id=ctx.gate_id),
            *_pattern_findings(ctx, settings, native, listed),
        ),
        tools=(result.tool,),
        suppressions=hidden,
        metrics=metrics(hidden, ctx.base),
        notes=_notes(native, settings),
    )


def _native(project: Project, settings: SecretsSettings) -> native_baseline.NativeBaseline | None:
    name = settings.native_baseline
    if name in {entry.path for entry in project.files}:
        return native_baseline.parse(project.read_bytes(name), name)
    if name != native_baseline.FILE:
        raise ConfigError(
            f"native-baseline: there is no file {name}",
            remedy="Paths are relative to the root; git must not ignore the file.",
        )
    return None


def _plugins(native: native_baseline.NativeBaseline | None) -> str:
    return f"{len(native.plugins_used)} named" if native else "all"


def _pattern_findings(
    ctx: Context,
    settings: SecretsSettings,
    native: native_baseline.NativeBaseline | None,
    listed: list[str],
) -> tuple[Finding, ...]:
    in_force = patterns.of(native, settings.native_baseline, settings.exclude_files)
    return patterns.audit(in_force, listed, ctx.project.source, settings.must_exclude)


def _suppressions(ctx: Context, reports: list[scan.FileReport]) -> tuple[Suppression, ...]:
    changed = ctx.base.changed_lines() if ctx.base else None
    return suppressions(reports, changed)


def _notes(
    native: native_baseline.NativeBaseline | None, settings: SecretsSettings
) -> tuple[str, ...]:
    file = settings.native_baseline
    notes = [f"settings of {file}: {_plugins(native)} plugins"] if native else []
    notes += [f"{name}: {value} ({file})" for name, value in patterns.others(native)]
    return (*notes, "providers asked") if settings.verify else tuple(notes)


GATE = Gate(
    kind="secrets",
    title="No secret in any file",
    settings=SecretsSettings,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    default=True,
    tools=("detect-secrets",),
)
