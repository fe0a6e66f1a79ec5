"""Runs a suite in this process, once or again and again: for the gate, a canary, a watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from release_gate.errors import Interrupted, ToolProblem
from release_gate.ports import Context
from release_gate.redact import secrets_of
from release_gate.subjects.http.origins import Origins
from release_gate.subjects.http.settings import ORIGINS
from release_gate.subjects.probes.contract import ProbeWorld
from release_gate.subjects.probes.hiding import Hidden
from release_gate.subjects.probes.outcome import SuiteResult
from release_gate.subjects.probes.planned import Suite
from release_gate.subjects.probes.reach import Reach, reach_of
from release_gate.subjects.probes.running import run_suite
from release_gate.subjects.smoke.reading import schema_reader


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """What several runs of one suite share.

    Args:
        suite: As planned.
        context: Of the gate or the command that runs it.
        hidden: Secrets as they become known.
        origins: The HTTP clients.
        reach: What may be asked.
    """

    suite: Suite
    context: Context
    hidden: Hidden
    origins: Origins
    reach: Reach

    def run(self, progress: Callable[[str], None] | None = None) -> SuiteResult:
        """Run the suite once, with fresh captures and generated values.

        Args:
            progress: Told how far it is.

        Raises:
            Interrupted: If the run was ended meanwhile; the clean-ups have run by then.
        """
        result = run_suite(
            self.suite,
            self.world(),
            schemas=schema_reader(self.context.project),
            progress=progress or self.context.progress,
        )
        if result.stopped:
            raise Interrupted("the run was ended while checks were running")
        return result

    def close(self) -> None:
        """Close what is open."""
        self.origins.close()

    def world(self) -> ProbeWorld:
        """What probes may use of the outside."""
        return ProbeWorld(
            clock=self.context.clock,
            runner=self.context.runner,
            environment=self.context.environment,
            root=self.context.project.root,
            work=self.context.work,
            hide=self.hidden.hide,
            allowed=self.reach.check,
            deployment=self.context.deployment,
            stopping=self.context.stopping,
            extra={ORIGINS: self.origins},
        )


def open_session(context: Context, suite: Suite, *, rate: float) -> Session:
    """Everything a suite needs, before anything is sent.

    Args:
        context: Of the gate or the command.
        suite: As planned.
        rate: Most requests a second to one origin.

    Raises:
        ToolProblem: If the private certificates cannot be read, or there is no target and a
            check needs one.
    """
    deployment = context.deployment
    instances = {address for one in suite.checks for address in one.keys.instances}
    hidden = Hidden(secrets_of(context.environment), tell=context.hide)
    if deployment and deployment.proxy:
        for secret in secrets_of({"proxy": deployment.proxy}):
            hidden.hide(secret)
    origins = Origins(
        clock=context.clock,
        deployment=deployment,
        ca=_certificates(context.project.root, deployment.ca_file if deployment else None),
        rate=rate,
    )
    return Session(
        suite=suite,
        context=context,
        hidden=hidden,
        origins=origins,
        reach=reach_of(deployment, instances),
    )


def _certificates(root: Path, name: str | None) -> bytes | None:
    if name is None:
        return None
    try:
        return (root / name).read_bytes()
    except OSError as error:
        what = f"ca-file: {name} cannot be read: {error.strerror}"
        raise ToolProblem(what, remedy="It is relative to the root of the project.") from error
