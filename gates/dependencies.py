"""Dependencies: pip-audit over the lock that ships, else over the project environment.

Every pin is looked up, for whatever platform it is. pip-audit asks a server of
ours on loopback, which answers from an archive of advisories or passes the
question on to the live service; what was not asked, not answered or not
reported is an error, never a pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from packaging.utils import canonicalize_name

from release_gate.api import (
    Context,
    Evidence,
    Examined,
    Fact,
    Finding,
    Gate,
    Inputs,
    Limit,
    Origin,
    Project,
    Settings,
    Skipped,
    ToolProblem,
)
from release_gate.subjects.advisories import sources
from release_gate.subjects.advisories.audit import Audit, audit
from release_gate.subjects.advisories.service import DEFAULT_URL
from release_gate.subjects.locks import detect, environment, step
from release_gate.subjects.locks.types import Lock
from release_gate.subjects.source.changed import marked


class DependenciesSettings(Settings, frozen=True):
    """Keys of ``[tool.release-gate.gates.dependencies]``.

    Args:
        locks: Lock files to audit; empty: all in the root, else the project environment.
        advisories: An archive of OSV records, a zip or a folder; empty: the live service.
        advisories_max_age: How old its newest record may be: ``7d``, ``12h`` or ``any``.
        osv_url: Address of the live service's query call.
        allow_unaudited: Packages that may stay unaudited, by name.
        lock_check: Whether the locks must be in step with ``pyproject.toml``.
    """

    locks: tuple[str, ...] = ()
    advisories: str = ""
    advisories_max_age: str = "7d"
    osv_url: str = DEFAULT_URL
    allow_unaudited: tuple[str, ...] = ()
    lock_check: bool = True

    def __post_init__(self) -> None:
        """Refuse an age that is none."""
        sources.parse_age(self.advisories_max_age)


def applies(project: Project, settings: DependenciesSettings) -> str | None:
    """Every project that locks or declares dependencies."""
    if _locks(project, settings) or _declares(project):
        return None
    return "there is no lock file and no file declares dependencies"


def inputs(project: Project, settings: DependenciesSettings) -> Inputs:
    """The locks; advisories change without them, so that nothing is reused."""
    locks = _locks(project, settings)
    return Inputs(
        files=locks,
        unit="lock files",
        variables=(sources.VARIABLE, sources.AGE_VARIABLE),
        origins=(
            Origin(
                name="locks",
                value=", ".join(locks) or environment.CALLED,
                origin="locks" if settings.locks else "detected",
            ),
            Origin(
                name="advisories",
                value=settings.advisories or settings.osv_url,
                origin=f"unless {sources.VARIABLE} is set",
            ),
        ),
    )


def limits(settings: DependenciesSettings, project: Project) -> tuple[Limit, ...]:
    """None: it has findings only."""
    del settings, project
    return ()


def collect(ctx: Context, settings: DependenciesSettings) -> Evidence:
    """Look up every package that the locks pin."""
    locks = _loaded(ctx, settings)
    opened = _source(ctx, settings)
    result = audit(ctx, locks, opened)
    checked = step.check(ctx.project, locks) if settings.lock_check else step.NOT_ASKED
    return Evidence(
        examined=_examined(result, settings.allow_unaudited),
        findings=_sorted((*result.findings, *marked(ctx.base, checked.findings))),
        tools=result.tools,
        problems=result.problems,
        limitations=result.limitations,
        notes=(*result.notes, *checked.notes),
        data=(Fact(name="advisories", value=opened.version),),
    )


def _locks(project: Project, settings: DependenciesSettings) -> tuple[str, ...]:
    if settings.locks:
        return settings.locks
    return detect.find((entry.path for entry in project.files), project.read_bytes)


def _declares(project: Project) -> bool:
    table = project.pyproject.get("project", {})
    poetry = project.pyproject.get("tool", {}).get("poetry", {})
    return bool(
        table.get("dependencies")
        or table.get("optional-dependencies")
        or project.pyproject.get("dependency-groups")
        or "dependencies" in table.get("dynamic", ())
        or poetry.get("dependencies")
        or detect.declares((entry.path for entry in project.files), project.read_bytes)
    )


def _loaded(ctx: Context, settings: DependenciesSettings) -> tuple[Lock, ...]:
    names = _locks(ctx.project, settings)
    if names:
        return tuple(detect.load(name, ctx.project.read_bytes) for name in names)
    declared = ctx.project.pyproject.get("project", {}).get("name", ctx.project.name)
    own = canonicalize_name(str(declared))
    ctx.progress(ctx.project_environment.origin())
    return (environment.load(ctx.runner, ctx.project_environment.python(), own),)


def _source(ctx: Context, settings: DependenciesSettings) -> sources.Opened:
    where, origin = sources.location(settings.advisories, ctx.environment)
    if not where:
        return sources.open_service(settings.osv_url)
    age = sources.max_age(settings.advisories_max_age, ctx.environment)
    try:
        return sources.open_archive(ctx.project.root / where, limit=age, now=ctx.clock.now())
    except ToolProblem as error:
        raise ToolProblem(f"{error.what} (set by {origin})", remedy=error.remedy) from error


def _examined(result: Audit, allowed: Sequence[str]) -> Examined:
    names = {canonicalize_name(name) for name in allowed}
    skipped = [
        *(
            Skipped(what=one.name, reason=one.reason, allowed_by="it is no dependency")
            for one in result.own
        ),
        *(
            Skipped(
                what=name,
                reason=reason,
                allowed_by="allow-unaudited" if canonicalize_name(name) in names else None,
            )
            for name, reason in result.unaudited
        ),
    ]
    return Examined(
        unit="packages",
        count=result.audited,
        planned=result.planned + len(result.own),
        skipped=tuple(sorted(skipped)),
    )


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (f.path or "", f.line or 0, f.rule_id, f.message)))


GATE = Gate(
    kind="dependencies",
    title="No known vulnerability in any dependency",
    settings=DependenciesSettings,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    default=True,
    tools=("pip-audit",),
)
