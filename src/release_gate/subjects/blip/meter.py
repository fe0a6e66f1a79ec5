"""The meter: probes at a steady pace, a drill in their midst, and what they say."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from release_gate.errors import Interrupted, ReleaseGateError, ToolProblem
from release_gate.model import Evidence, Examined, Limitation, Metric, Problem, Table
from release_gate.ports import Context
from release_gate.subjects.blip.outages import Outage, outages, unseen_us
from release_gate.subjects.blip.settings import FAILED, LONGEST, BlipSettings
from release_gate.subjects.load.generator import Load, fire
from release_gate.subjects.load.schedule import MOST_IN_FLIGHT, Step, schedule
from release_gate.subjects.load.sending import Outcome, Send, Shot, Volley
from release_gate.subjects.load.target import forbidden, opened
from release_gate.subjects.probes.durations import seconds

_SECOND = 1_000_000
_MOST_ROWS = 50


def run(ctx: Context, settings: BlipSettings) -> Evidence:
    """Ask through the drill, and tell when the service was away.

    Raises:
        ToolProblem: If there is no target, the requests may not be sent there, or the service
            did not answer before the drill.
        Interrupted: If the run was ended meanwhile.
    """
    if ctx.deployment is None or ctx.deployment.target is None:
        raise ToolProblem("no environment with a target was chosen", remedy="Use --environment.")
    if (why := forbidden(ctx, (settings.asked,))) is not None:
        raise ToolProblem(why, remedy="Set allow-writes = true in its table, or ask with GET.")
    service = opened(ctx)
    drill = Drill(ctx=ctx, settings=settings)
    began = ctx.clock.now()
    try:
        send = drill.watching(service.sender((settings.asked,), settings.statuses))
        volley = fire(_load(settings, send), stopping=ctx.stopping, progress=drill.told)
    finally:
        service.origins.close()
    if volley.stopped:
        raise Interrupted("the run was ended while the meter was running")
    return service.hidden.cleaned(evidence(settings, volley, began, drill.problems()))


def _load(settings: BlipSettings, send: Send) -> Load:
    step = Step(
        rate=1 / Fraction(str(seconds(settings.interval, "interval"))),
        duration_s=Fraction(str(seconds(settings.duration, "duration"))),
    )
    return Load(
        planned=schedule((step,)),
        send=(send,),
        budget_s=seconds(settings.timeout, "timeout"),
        cap=MOST_IN_FLIGHT,
    )


@dataclass(kw_only=True)
class Drill:
    """Starts the drill once the service has answered for some time, and reports how it ended.

    Args:
        ctx: Whose runner runs it.
        settings: What it is.
    """

    ctx: Context
    settings: BlipSettings
    _failed: list[Problem] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)
    _good: int = 0
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watching(self, send: Send) -> Send:
        """The same, and the drill begins after enough good answers in a row."""
        interval = seconds(self.settings.interval, "interval")
        enough = max(round(seconds(self.settings.settle, "settle") / interval), 1)

        def watched(budget_s: float) -> Outcome:
            outcome = send(budget_s)
            with self._lock:
                self._good = self._good + 1 if outcome.good else 0
                if self.settings.drill and self._thread is None and self._good >= enough:
                    self._thread = threading.Thread(target=self._run, name="drill", daemon=True)
                    self._thread.start()
            return outcome

        return watched

    def told(self, sent: int) -> None:
        """Show how far it is."""
        state = "drill running" if self._thread and not self._done.is_set() else "watching"
        self.ctx.progress(f"{sent:,} probes, {state}")

    def problems(self) -> tuple[Problem, ...]:
        """Why the drill is none: not started, not ended, or failed."""
        if not self.settings.drill:
            return ()
        if self._thread is None:
            what = "the drill was not started: the service never answered for the settle time"
            return (Problem(what=what, remedy="Mend the service, or shorten settle."),)
        if not self._done.is_set():
            what = "the drill was still running when the meter stopped"
            return (Problem(what=what, remedy="Make duration longer than the drill."),)
        return tuple(self._failed)

    def _run(self) -> None:
        try:
            done = self.ctx.runner.run(self.settings.drill)
            if done.exit_code != 0:
                what = f"the drill ended with exit code {done.exit_code}"
                self._failed.append(Problem(what=what, remedy="Read the gate's log."))
        except ReleaseGateError as error:
            self._failed.append(Problem(what=error.what, remedy=error.remedy, slug=error.slug))
        except Exception as error:  # noqa: BLE001 - told, not swallowed: the gate becomes an error
            self._failed.append(Problem(what=f"the drill could not be run: {error}"))
        finally:
            self._done.set()


def evidence(
    settings: BlipSettings, volley: Volley, began: datetime, problems: tuple[Problem, ...]
) -> Evidence:
    """What the probes say.

    Args:
        settings: Of the meter.
        volley: Every probe.
        began: Wall clock at the start, aware.
        problems: Of the drill.
    """
    probes = sorted(volley.shots, key=lambda shot: shot.sent_us)
    good = [probe for probe in probes if probe.outcome.good]
    found = outages(probes)
    limitations = [*_limitations(settings, volley, found)]
    if not good:
        problems = (*problems, Problem(what="the service never answered: no outage has an end"))
    longest = _longest(probes, found)
    if longest is None:
        detail = "fewer than two probes were answered: no outage could be seen"
        limitations.append(Limitation(name="outage-without-bounds", detail=detail))
    return Evidence(
        examined=Examined(unit="probes", count=len(probes)),
        metrics=(
            *([longest] if longest else []),
            Metric(name="outages", value=len(found), unit=""),
            Metric(name="total-outage", value=sum(o.about_us for o in found) / _SECOND, unit="s"),
            Metric(name=FAILED, value=len(probes) - len(good), unit="probes"),
        ),
        problems=problems,
        limitations=tuple(limitations),
        tables=(_table(found, began),),
        notes=_notes(good, began),
    )


def _longest(probes: list[Shot], found: tuple[Outage, ...]) -> Metric | None:
    """The longest outage as an interval; without one, the longest that could have been missed."""
    unseen = unseen_us(probes)
    if not found:
        if unseen is None:
            return None
        return Metric(name=LONGEST, value=0.0, unit="s", n=len(probes), low=0.0, high=_s(unseen))
    longest = max(found, key=lambda outage: (outage.about_us, outage.least_us))
    bounded = all(outage.most_us is not None for outage in found)
    most = max((outage.most_us or 0 for outage in found), default=0)
    return Metric(
        name=LONGEST,
        value=_s(longest.about_us),
        unit="s",
        n=len(probes),
        low=_s(max(outage.least_us for outage in found)),
        high=_s(most) if bounded else None,
    )


def _limitations(
    settings: BlipSettings, volley: Volley, found: tuple[Outage, ...]
) -> list[Limitation]:
    said = []
    if any(outage.most_us is None for outage in found):
        detail = "an outage began before the first good answer or had no end"
        said.append(Limitation(name="outage-without-bounds", detail=detail))
    gaps = pairwise(volley.shots)
    widest = max((after.sent_us - before.sent_us for before, after in gaps), default=0)
    allowed = 2 * seconds(settings.interval, "interval") * _SECOND
    if widest > allowed or volley.unsent or volley.held_back:
        detail = f"the meter was starved: no probe was sent for {_s(widest):g} s"
        said.append(Limitation(name="generator-starved", detail=detail))
    return said


def _table(found: tuple[Outage, ...], began: datetime) -> Table:
    ordered = sorted(found, key=lambda outage: -outage.about_us)[:_MOST_ROWS]
    return Table(
        title=f"Outages ({len(found)})",
        columns=("first failure", "at least", "at most", "probes", "how", "last good", "next good"),
        rows=tuple(
            (
                _moment(began, outage.first_bad_us),
                f"{_s(outage.least_us):g} s",
                "unknown" if outage.most_us is None else f"{_s(outage.most_us):g} s",
                str(outage.failed),
                ", ".join(outage.kinds[:3]),
                _moment(began, outage.last_good_us),
                _moment(began, outage.first_good_us),
            )
            for outage in sorted(ordered, key=lambda outage: outage.first_bad_us)
        ),
    )


def _notes(good: list[Shot], began: datetime) -> tuple[str, ...]:
    if not good:
        return ("no good answer",)
    first, last = min(one.done_us for one in good), max(one.done_us for one in good)
    return (
        f"first good answer {_moment(began, first)}",
        f"last good answer {_moment(began, last)}",
    )


def _moment(began: datetime, after_us: int | None) -> str:
    if after_us is None:
        return "none"
    moment = began + timedelta(microseconds=after_us)
    return moment.isoformat(timespec="milliseconds")


def _s(microseconds: int) -> float:
    return microseconds / _SECOND
