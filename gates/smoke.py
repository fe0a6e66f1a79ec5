"""Smoke: checks against what was deployed, each with its request, its expectations and its proof.

Checks stand in the gate's table and in ``release-checks/*.toml``. They run side by side, in the
order that their needs and captures ask for; clean-ups run last, whatever happened before.
"""

from __future__ import annotations

from collections.abc import Iterator

from release_gate.api import (
    Context,
    Evidence,
    Gate,
    Inputs,
    Interrupted,
    Limit,
    Origin,
    Project,
    ToolProblem,
)
from release_gate.subjects.probes.planned import Suite
from release_gate.subjects.smoke import reading
from release_gate.subjects.smoke.evidence import Teller
from release_gate.subjects.smoke.settings import SmokeSettings

__all__ = ["GATE", "SmokeSettings"]


def applies(project: Project, settings: SmokeSettings) -> str | None:
    """Every project with a check."""
    suite = reading.suite_of(project, settings)
    return None if suite.checks else "no check is configured"


def inputs(project: Project, settings: SmokeSettings) -> Inputs:
    """The files with checks; what answers them changes without any file."""
    suite = reading.suite_of(project, settings)
    files = {*reading.check_files(project, settings), *reading.schema_files(suite)}
    deployment = project.deployment
    return Inputs(
        files=tuple(sorted(files)),
        unit="files",
        origins=(*_names(suite), *_origins(project)),
        warnings=() if deployment else ("no environment was chosen: there is no target to ask",),
        requests=tuple(suite.shown),
    )


def limits(settings: SmokeSettings, project: Project) -> tuple[Limit, ...]:
    """None: it has findings only."""
    del settings, project
    return ()


def collect(ctx: Context, settings: SmokeSettings) -> Evidence:
    """Run every check once."""
    from release_gate.subjects.smoke.session import (  # noqa: PLC0415 - httpx is slow to import
        open_session,
    )

    suite = reading.suite_of(ctx.project, settings)
    _refuse_no_target(ctx, suite)
    session = open_session(ctx, suite, rate=settings.rate)
    deployment = ctx.deployment
    teller = Teller(
        hidden=session.hidden,
        gate_id=ctx.gate_id,
        environment=deployment.name if deployment else None,
    )
    notes = tuple(f"{one.name} {one.value}" for one in _origins(ctx.project))
    try:
        return teller.evidence(session.run(), ctx.artifacts, notes)
    except Exception as error:
        if isinstance(error, Interrupted):
            raise
        # No traceback of it reaches the log: it would hold what was being sent.
        what = f"the checks could not be run: {type(error).__name__}: {error}"
        raise ToolProblem(session.hidden.redact(what)) from None
    finally:
        session.close()


def _refuse_no_target(ctx: Context, suite: Suite) -> None:
    """Before anything is sent: half a suite proves nothing."""
    needing = [one.name for one in suite.checks if getattr(one.settings, "path", None)]
    of_http = [one.name for one in suite.checks if one.name in needing and one.probe.name == "http"]
    if of_http and (ctx.deployment is None or ctx.deployment.target is None):
        raise ToolProblem(
            f"there is no target to ask, and {of_http[0]} needs one",
            remedy="Name an environment with --environment, and set target in its table.",
        )


def _names(suite: Suite) -> Iterator[Origin]:
    """In place of the tables themselves, which may hold credentials."""
    written = dict.fromkeys(one.keys.name for one in suite.checks if not one.pack)
    packs = dict.fromkeys(one.pack for one in suite.checks if one.pack)
    yield Origin(name="checks", value=", ".join(written) or "none", origin="checks")
    yield Origin(name="packs", value=", ".join(packs) or "none", origin="packs")


def _origins(project: Project) -> Iterator[Origin]:
    deployment = project.deployment
    if deployment is None:
        return
    table = f"environments.{deployment.name}"
    if deployment.target:
        yield Origin(name="target", value=deployment.target, origin=table)
    if deployment.hosts:
        yield Origin(name="hosts", value=", ".join(deployment.hosts), origin=table)
    if deployment.ca_file:
        yield Origin(name="ca-file", value=deployment.ca_file, origin=table)
    if deployment.proxy:
        shown = deployment.proxy.rpartition("@")[2].removeprefix("http://")
        yield Origin(name="proxy", value=shown, origin=table)


GATE = Gate(
    kind="smoke",
    title="What was deployed answers as it must",
    settings=SmokeSettings,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    phase="post-deploy",
    default=True,
    farewell_s=12.0,
)
