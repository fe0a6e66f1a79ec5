"""A service under load: each request through the same client and the same rules as a probe."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from release_gate.errors import ToolProblem
from release_gate.ports import Clock, Context
from release_gate.redact import secrets_of
from release_gate.subjects.http.origins import Origins
from release_gate.subjects.http.probe import HTTP
from release_gate.subjects.http.settings import ORIGINS, HttpSettings, writes
from release_gate.subjects.load.sending import Outcome, RealWatch, Send
from release_gate.subjects.probes import budget
from release_gate.subjects.probes.contract import ProbeFailed, ProbeWorld
from release_gate.subjects.probes.hiding import Hidden
from release_gate.subjects.probes.reach import reach_of

_UNPACED = 1_000_000.0
_GOOD = range(200, 300)
_LONGEST_KIND = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class RealClock:
    """The wall clock of the run, with the process's own stopwatch."""

    wall: Clock

    def now(self) -> datetime:
        """The present."""
        return self.wall.now()

    def monotonic(self) -> float:
        """Seconds by the monotonic clock."""
        return RealWatch().now()


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What requests are sent with.

    Args:
        world: As a probe sees it.
        origins: The clients.
        hidden: Secrets as they become known.
    """

    world: ProbeWorld
    origins: Origins
    hidden: Hidden

    def sender(self, requests: Sequence[HttpSettings], statuses: Collection[int]) -> Send:
        """Sends the requests in turn.

        Args:
            requests: At least one.
            statuses: Status codes that are good; none: 200 to 299.
        """
        turns = itertools.count()

        def send(budget_s: float) -> Outcome:
            request = requests[next(turns) % len(requests)]
            try:
                seen = HTTP.look(request, self.world, budget.start(self.world.clock, budget_s))
            except ProbeFailed as error:
                kind = self.hidden.redact(error.what)[:_LONGEST_KIND]
                return Outcome(good=False, kind=kind)
            status = seen.values["status"]
            good = status in statuses if statuses else status in _GOOD
            return Outcome(good=good, kind=str(status))

        return send


def opened(ctx: Context) -> Opened:
    """Everything that requests need, before one is sent.

    Raises:
        ToolProblem: If the private certificates cannot be read.
    """
    deployment = ctx.deployment
    hidden = Hidden(secrets_of(ctx.environment), tell=ctx.hide)
    if deployment and deployment.proxy:
        for secret in secrets_of({"proxy": deployment.proxy}):
            hidden.hide(secret)
    clock = RealClock(wall=ctx.clock)
    origins = Origins(clock=clock, deployment=deployment, ca=_certificates(ctx), rate=_UNPACED)
    world = ProbeWorld(
        clock=clock,
        runner=ctx.runner,
        environment=ctx.environment,
        root=ctx.project.root,
        work=ctx.work,
        hide=hidden.hide,
        allowed=reach_of(deployment).check,
        deployment=deployment,
        stopping=ctx.stopping,
        extra={ORIGINS: origins},
    )
    return Opened(world=world, origins=origins, hidden=hidden)


def forbidden(ctx: Context, requests: Sequence[HttpSettings]) -> str | None:
    """Why these requests may not be sent there; ``None`` if they may."""
    deployment = ctx.deployment
    writing = [one for one in requests if writes(one)]
    if writing and deployment and deployment.production and not deployment.allow_writes:
        named = writing[0].path or writing[0].url
        return f"{writing[0].method} {named} writes, and {deployment.name} is production"
    return None


def _certificates(ctx: Context) -> bytes | None:
    name = ctx.deployment.ca_file if ctx.deployment else None
    if name is None:
        return None
    try:
        return (ctx.project.root / name).read_bytes()
    except OSError as error:
        what = f"ca-file: {name} cannot be read: {error.strerror}"
        raise ToolProblem(what, remedy="It is relative to the root of the project.") from error
