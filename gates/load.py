"""Load: a light open-loop load on what was deployed, or the report of a load tool.

Latency counts from the moment when a request was due, so that a stall shows in all requests that
it kept waiting. Limits are compared with 95 % bounds: too few requests are inconclusive.
"""

from __future__ import annotations

from release_gate.api import Context, Evidence, Gate, Inputs, Limit, Origin, Project
from release_gate.subjects.http.settings import shown
from release_gate.subjects.load import settings as keys
from release_gate.subjects.load.settings import LoadSettings

__all__ = ["GATE", "LoadSettings"]


def applies(project: Project, settings: LoadSettings) -> str | None:
    """Where there is something to ask, or a report to read."""
    if settings.report or (project.deployment and project.deployment.target):
        return None
    return "no environment with a target was chosen, and no report is named"


def inputs(project: Project, settings: LoadSettings) -> Inputs:
    """The report, or what would be sent; what answers changes without any file."""
    if settings.report:
        return Inputs(files=(settings.report,), unit="load reports")
    target = project.deployment.target if project.deployment else None
    return Inputs(
        files=(settings.versus.baseline,) if settings.versus and settings.versus.baseline else (),
        origins=(
            Origin(name="target", value=target or "none", origin="environment"),
            Origin(name="seed", value=str(settings.seed), origin="seed"),
        ),
        requests=(
            f"load: {settings.offered:g} requests/s, at most {settings.in_flight} in flight",
            *(line for request in settings.sent for line in shown(request)),
        ),
    )


def limits(settings: LoadSettings, project: Project) -> tuple[Limit, ...]:
    """Percentiles, error rate, rate reached, and ratios where something is compared."""
    del project
    return keys.limits(settings)


def collect(ctx: Context, settings: LoadSettings) -> Evidence:
    """Send the load, or read the report."""
    if settings.report:
        from release_gate.subjects.load import reported  # noqa: PLC0415 - only where one is named

        return reported.run(ctx, settings)
    from release_gate.subjects.load import own  # noqa: PLC0415 - httpx is slow to import

    return own.run(ctx, settings)


GATE = Gate(
    kind="load",
    title="The deployed release keeps its limits under a light load",
    settings=LoadSettings,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    phase="post-deploy",
)
