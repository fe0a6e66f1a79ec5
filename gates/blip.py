"""Blip: how long the service was away during a fail-over drill or a rolling update.

Asks at a steady pace, whatever became of the requests before, each with a short deadline. The
longest outage is an interval: it is judged by its ends, and one without an end never passes.
"""

from __future__ import annotations

from release_gate.api import Context, Evidence, Gate, Inputs, Limit, Origin, Project
from release_gate.subjects.blip import settings as keys
from release_gate.subjects.blip.settings import BlipSettings
from release_gate.subjects.http.settings import shown

__all__ = ["GATE", "BlipSettings"]


def applies(project: Project, settings: BlipSettings) -> str | None:
    """Where there is something to ask."""
    del settings
    if project.deployment and project.deployment.target:
        return None
    return "no environment with a target was chosen"


def inputs(project: Project, settings: BlipSettings) -> Inputs:
    """What would be asked, and the drill."""
    target = project.deployment.target if project.deployment else None
    drill = " ".join(settings.drill) or "none: someone else causes it"
    return Inputs(
        files=(),
        origins=(
            Origin(name="target", value=target or "none", origin="environment"),
            Origin(name="drill", value=drill, origin="drill"),
        ),
        requests=(
            f"blip: every {settings.interval} for {settings.duration}",
            *shown(settings.asked),
        ),
    )


def limits(settings: BlipSettings, project: Project) -> tuple[Limit, ...]:
    """The longest outage, and failed probes where they are limited."""
    del project
    return keys.limits(settings)


def collect(ctx: Context, settings: BlipSettings) -> Evidence:
    """Ask through the drill."""
    from release_gate.subjects.blip import meter  # noqa: PLC0415 - httpx is slow to import

    return meter.run(ctx, settings)


GATE = Gate(
    kind="blip",
    title="No outage is longer than allowed during a fail-over",
    settings=BlipSettings,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    phase="post-deploy",
)
