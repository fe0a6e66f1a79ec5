"""One check on its way: its attempts, how they are judged, and what they leave behind."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from release_gate.subjects.probes import budget
from release_gate.subjects.probes.answer import Answer
from release_gate.subjects.probes.captures import captured, secret_texts
from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    ProbeWorld,
)
from release_gate.subjects.probes.expectation import Expectation
from release_gate.subjects.probes.filling import filled, operand_filler
from release_gate.subjects.probes.generated import Supply
from release_gate.subjects.probes.operators import judge
from release_gate.subjects.probes.outcome import Attempt, Outcome, State
from release_gate.subjects.probes.planned import PlannedCheck
from release_gate.subjects.probes.selection import NotReadable
from release_gate.subjects.probes.told import Told

Schemas = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """What every check of a suite is run with.

    Args:
        world: Of the probes.
        supply: Captures and generated values.
        schemas: Content of a schema by its file.
        stop: Set when nothing new is to be begun; wakes those who wait.
    """

    world: ProbeWorld
    supply: Supply
    schemas: Schemas
    stop: threading.Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """One check on its way.

    Args:
        shared: What every check is run with.
        check: Which one.
        began: When, by the stopwatch.
        until: When the suite must have ended.
        attempts: The time line.
        limitations: Of all attempts.
        seen: The last answer, if there was one.
    """

    shared: Shared
    check: PlannedCheck
    began: float
    until: float
    attempts: list[Attempt] = field(default_factory=list)
    limitations: list[tuple[str, str]] = field(default_factory=list)
    seen: list[Observation] = field(default_factory=list)

    def ended(
        self, state: State, *, told: tuple[Told, ...] = (), reason: str = "", remedy: str = ""
    ) -> Outcome:
        """The outcome with all that was noted by now."""
        return Outcome(
            check=self.check,
            state=state,
            told=told,
            reason=reason,
            remedy=remedy,
            attempts=tuple(self.attempts),
            excerpt=self.seen[-1].excerpt if self.seen else (),
            limitations=tuple(dict.fromkeys(self.limitations)),
            answered_s=self.seen[-1].values.get("duration") if self.seen else None,
        )

    def lookup(self, *, sent: bool) -> Callable[[str], Any]:
        """What ``${name}`` stands for in this check, in its request or in what it expects."""
        return self.shared.supply.lookup(self.check.name, sent=sent)

    def look(self, most_s: float = math.inf) -> Observation:
        """One attempt, within its own time, within the check's and within a poll's.

        Raises:
            ProbeFailed: If no whole answer came, or there is no time left.
            ProbeProblem: If nothing could be asked.
        """
        world = self.shared.world
        left = min(self.left_s(), most_s)
        if left <= 0:
            raise ProbeFailed(f"the deadline of {self.check.deadline_s:g} s is over")
        stopwatch = budget.start(world.clock, min(self.check.timeout_s, left))
        settings = filled(self.check.probe, self.check.settings, self.lookup(sent=True))
        observation = self.check.probe.look(settings, world, stopwatch)
        self.limitations.extend(observation.limitations)
        self.seen[:] = [observation]
        return observation

    def left_s(self) -> float:
        """Seconds until the check or the suite must have ended; may be negative."""
        now = self.shared.world.clock.monotonic()
        return min(self.check.deadline_s - (now - self.began), self.until - now)

    def answer(self, observation: Observation) -> Answer:
        """An observation as expectations are judged against it."""
        fill, pattern = operand_filler(self.lookup(sent=False))
        return Answer(
            values=observation.values,
            captures=self.shared.supply.captures(),
            fill=fill,
            pattern=pattern,
            schema=self.shared.schemas,
        )

    def note(self, line: str, meaning: str) -> None:
        """Put an attempt on the time line."""
        at = self.shared.world.clock.monotonic() - self.began
        self.attempts.append(Attempt(at_s=at, line=line, meaning=meaning))

    def pause(self, wanted_s: float) -> None:
        """Wait before the next attempt, no longer than there is time.

        Raises:
            ProbeProblem: If the run is ended meanwhile; a clean-up goes on.
        """
        left = self.left_s()
        if self.shared.stop.wait(max(0.0, min(wanted_s, left))) and not self.check.keys.finally_:
            raise ProbeProblem("the run was ended meanwhile")

    def failed(self, error: ProbeFailed) -> Outcome:
        """The outcome where no whole answer came."""
        told = Told(
            colour="missed",
            where="answer",
            operator="answer",
            expected="a whole answer",
            actual=error.what,
        )
        outcome = self.ended("failed", told=(told,), reason=error.what, remedy=error.remedy)
        return replace(outcome, excerpt=(*outcome.excerpt, *error.detail))

    def judged(self, observation: Observation, expect: tuple[Expectation, ...]) -> Outcome:
        """What an answer came to; captured first, so that its parts can be compared."""
        broken = [
            text for text in map(self._captured(observation), self.check.keys.capture) if text
        ]
        answer = self.answer(observation)
        told = tuple(one for each in expect for one in judge(each, answer))
        missed = [one.text() for one in told if one.colour == "missed"]
        if missed:
            return self.ended("failed", told=told, reason="; ".join(missed))
        unclear = [one.text() for one in told if one.colour == "unjudged"]
        if unclear or broken or not told:
            reason = "; ".join([*unclear, *broken]) or "nothing was expected"
            return self.ended("unjudged", told=told, reason=reason)
        return self.ended("passed", told=told)

    def _captured(self, observation: Observation) -> Callable[[str], str]:
        def keep(name: str) -> str:
            capture = self.check.keys.capture[name]
            try:
                value = captured(observation, capture)
            except NotReadable as error:
                return f'"{name}" could not be captured: {error}'
            if capture.secret:
                for text in secret_texts(value):
                    self.shared.world.hide(text)
            self.shared.supply.keep(name, value)
            return ""

        return keep
