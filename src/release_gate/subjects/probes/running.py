"""Runs a suite: several checks at once, in their order, and the clean-ups whatever happens."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from release_gate.subjects.probes.checking import run_check
from release_gate.subjects.probes.contract import ProbeWorld
from release_gate.subjects.probes.course import Schemas, Shared
from release_gate.subjects.probes.generated import Supply
from release_gate.subjects.probes.outcome import Outcome, SuiteResult
from release_gate.subjects.probes.planned import PlannedCheck, Suite

_TICK_S = 0.1
_GRACE_S = 5.0
# What the clean-ups of an interrupted run may take together.
_FAREWELL_S = 8.0

Progress = Callable[[str], None]


def run_suite(
    suite: Suite, world: ProbeWorld, *, schemas: Schemas, progress: Progress = lambda _text: None
) -> SuiteResult:
    """Run every check once. May be called again and again, each time with a fresh world.

    Args:
        suite: As planned.
        world: What probes may use.
        schemas: Content of a schema by its file.
        progress: Told how far it is.
    """
    return _Run(suite, world, schemas, progress).result()


@dataclass(slots=True)
class _Working:
    check: PlannedCheck
    since: float


@dataclass(slots=True)
class _State:
    waiting: list[PlannedCheck]
    working: dict[str, _Working] = field(default_factory=dict)
    done: dict[str, Outcome] = field(default_factory=dict)


class _Run:
    """One run; its threads speak to it through one queue only."""

    def __init__(
        self, suite: Suite, world: ProbeWorld, schemas: Schemas, progress: Progress
    ) -> None:
        self._suite = suite
        self._world = world
        self._progress = progress
        self._stop = threading.Event()
        supply = Supply(
            clock=world.clock,
            environment=world.environment,
            entropy=world.entropy,
            hide=world.hide,
        )
        self._shared = Shared(world=world, supply=supply, schemas=schemas, stop=self._stop)
        self._supply = supply
        self._inbox: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._began = world.clock.monotonic()
        self._until = self._began + suite.time_limit_s

    def result(self) -> SuiteResult:
        state = _State(waiting=[one for one in self._suite.checks if not one.keys.finally_])
        self._work(state)
        stopped = self._world.stopping()
        last = [one for one in self._suite.checks if one.keys.finally_]
        self._clean_up(state, last, stopped=stopped)
        return SuiteResult(
            outcomes=tuple(state.done[one.name] for one in self._suite.checks),
            stopped=stopped or self._world.stopping(),
            duration_s=self._world.clock.monotonic() - self._began,
        )

    def _work(self, state: _State) -> None:
        """All checks but the clean-ups; one that cannot run any more is said to be so."""
        while state.waiting or state.working:
            if self._world.stopping():
                self._stop.set()
                self._give_up_all(state)
                return
            if self._world.clock.monotonic() >= self._until:
                self._stop.set()
                self._give_up_waiting(state, "not run, since the time limit was over")
            self._start_ready(state)
            self._hear(state)
            self._give_up_late(state)

    def _start_ready(self, state: _State) -> None:
        for check in tuple(state.waiting):
            missing = [name for name in check.needs if _not_passed(state.done.get(name))]
            if missing:
                state.waiting.remove(check)
                reason = f"not run, since {missing[0]} did not pass"
                self._settle(state, Outcome(check=check, state="not-run", reason=reason))
            elif all(name in state.done for name in check.needs):
                if len(state.working) >= self._suite.at_once:
                    return
                state.waiting.remove(check)
                self._start(state, check)

    def _start(self, state: _State, check: PlannedCheck) -> None:
        now = self._world.clock.monotonic()
        state.working[check.name] = _Working(check=check, since=now)
        until = now + check.deadline_s if check.keys.finally_ else self._until
        # A daemon, since a probe that hangs cannot be ended and must not hold the process.
        threading.Thread(
            target=lambda: self._inbox.put(run_check(self._shared, check, self._began, until)),
            name=f"check {check.name}",
            daemon=True,
        ).start()

    def _hear(self, state: _State) -> None:
        if not state.working:
            return
        try:
            outcome = self._inbox.get(timeout=_TICK_S)
        except queue.Empty:
            return
        if outcome.check.name in state.working:
            del state.working[outcome.check.name]
            self._settle(state, outcome)

    def _settle(self, state: _State, outcome: Outcome) -> None:
        state.done[outcome.check.name] = outcome
        self._progress(f"{len(state.done)} of {len(self._suite.checks)} checks")

    def _give_up_waiting(self, state: _State, reason: str) -> None:
        for check in state.waiting:
            self._settle(state, Outcome(check=check, state="not-run", reason=reason))
        state.waiting.clear()

    def _give_up_all(self, state: _State) -> None:
        """There is no time to wait for those at work: the clean-ups need it."""
        self._give_up_waiting(state, "not run, since the run was ended")
        for name, one in tuple(state.working.items()):
            del state.working[name]
            reason = "the run was ended meanwhile"
            self._settle(state, Outcome(check=one.check, state="unjudged", reason=reason))

    def _give_up_late(self, state: _State) -> None:
        """A probe keeps to its budget; one that does not is at fault, and is not waited for."""
        now = self._world.clock.monotonic()
        for name, one in tuple(state.working.items()):
            if now - one.since > one.check.deadline_s + one.check.timeout_s + _GRACE_S:
                del state.working[name]
                reason = f"the probe {one.check.probe.name} did not come back at its deadline"
                self._settle(state, Outcome(check=one.check, state="unjudged", reason=reason))

    def _clean_up(self, state: _State, checks: list[PlannedCheck], *, stopped: bool) -> None:
        """One after the other; those after an interrupt share what time there is."""
        self._stop.clear()
        until = self._world.clock.monotonic() + _FAREWELL_S
        for check in checks:
            if stopped and self._world.clock.monotonic() >= until:
                reason = "the run was ended, and no time was left for it"
                self._settle(state, Outcome(check=check, state="not-run", reason=reason))
                continue
            missing = set(check.uses) - self._supply.captures().keys()
            if missing:
                reason = f"nothing to clean up: {min(missing)} was never captured"
                self._settle(state, Outcome(check=check, state="not-run", reason=reason))
                continue
            self._start(state, check)
            while check.name in state.working:
                self._hear(state)
                self._give_up_late(state)


def _not_passed(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.state != "passed"
