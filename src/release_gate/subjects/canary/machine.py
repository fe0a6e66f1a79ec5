"""Carries a canary out: one move after the other, each written down before the next.

What is to be done is written before it is done (the intent, with its idempotency key), and what
came of it after. Whoever is killed in between is resumed with the same key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from release_gate.errors import Interrupted, OutputProblem
from release_gate.ports import Clock
from release_gate.subjects.canary.course import Act, Decide, Ended, Look, next_move
from release_gate.subjects.canary.record import (
    Choice,
    Decided,
    Done,
    Entry,
    Intent,
    Record,
    Resumed,
    Round,
)
from release_gate.subjects.canary.settings import CanarySettings
from release_gate.subjects.probes.durations import seconds


class Doer(Protocol):
    """Does what an intent says."""

    def do(self, intent: Intent) -> Done:
        """What came of it; a failure is a :class:`Done` that is not ``ok``."""


class Looker(Protocol):
    """Looks once."""

    def look(self, step: int, held_s: float) -> Round:
        """A round, both sides at the same time.

        Args:
            step: At which step.
            held_s: Seconds that the step has been watched.

        Raises:
            Interrupted: If the run is being ended meanwhile; the round then does not count.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """What the machine needs.

    Args:
        clock: Wall clock and stopwatch.
        save: Writes the record, whole or not at all, before it returns.
        doer: Switches, promotes, rolls back.
        looker: Asks both sides.
        sleep: Waits so many seconds, less if the run is being ended.
        stopping: Whether it is.
        tell: Told of every entry, for the screen.
    """

    clock: Clock
    save: Callable[[Record], None]
    doer: Doer
    looker: Looker
    sleep: Callable[[float], None]
    stopping: Callable[[], bool] = lambda: False
    tell: Callable[[Entry], None] = lambda _entry: None


class Machine:
    """One canary, or one watch.

    Args:
        settings: With steps, rules and actions.
        record: New, or as it was read.
        outside: See :class:`Outside`.
    """

    def __init__(self, settings: CanarySettings, record: Record, outside: Outside) -> None:
        self.record = record
        self._settings = settings
        self._outside = outside
        self._interval_s = seconds(settings.interval, "interval")
        # Of this process and step: when the last round began.
        self._began_s: float | None = None
        self._looked_s = 0.0
        self._held = _last_held(record)

    def run(self) -> Ended:
        """Move on until it ends.

        Returns:
            How it ended; an interrupt is decided by ``on-interrupt`` and written as well.

        Raises:
            OutputProblem: If the record cannot be written; the rollback was tried by then.
        """
        try:
            return self._run()
        except OutputProblem as error:
            raise self._unwritten(error) from error

    def _run(self) -> Ended:
        while True:
            move = next_move(self._settings, self.record.entries)
            if isinstance(move, Ended):
                return move
            if self._outside.stopping() and self._can_stop(move):
                self._interrupted()
            elif isinstance(move, Act):
                self._act(move)
            elif isinstance(move, Decide):
                self._decide(move)
            else:
                self._look(move)

    def resume(self) -> Ended:
        """Go on with what was killed or held."""
        move = next_move(self._settings, self.record.entries)
        if isinstance(move, Ended) and move.end == "held":
            self._write(Resumed(at=self._now()))
        return self.run()

    def abort(self, reason: str) -> Ended:
        """Roll back, whatever was decided but has not ended.

        Args:
            reason: One sentence.
        """
        if not any(one.choice == "roll-back" for one in self._decided()):
            self._decide(self._of("roll-back", "abort", reason))
        return self.run()

    def _unwritten(self, error: OutputProblem) -> OutputProblem:
        """What cannot be written down cannot go on: take it back while somebody is there."""
        if self._settings.rollback is None:
            return error
        key = f"{self.record.run}-unwritten"
        done = self._outside.doer.do(
            Intent(at=self._now(), key=key, action="rollback", step=0, weight=0.0)
        )
        said = "it was rolled back" if done.ok else f"the rollback failed too: {done.what}"
        return OutputProblem(f"{error.what}; {said}", remedy=error.remedy)

    def _can_stop(self, move: Act | Look | Decide) -> bool:
        """What is decided is carried out: nothing is left half-done."""
        if isinstance(move, Act):
            return move.action == "set-weight" and move.key is None
        return not (isinstance(move, Decide) and move.choice == "roll-back")

    def _interrupted(self) -> None:
        watching = self.record.command == "watch"
        choice: Choice = "hold" if watching else self._settings.on_interrupt
        self._decide(self._of(choice, "interrupt", "the run was interrupted"))

    def _of(self, choice: Choice, rule: str, reason: str) -> Decide:
        step = sum(one.choice == "promote" for one in self._decided())
        step = min(step, len(self._settings.steps) - 1)
        return Decide(step=step, choice=choice, rule=rule, reason=reason)

    def _decided(self) -> list[Decided]:
        return [one for one in self.record.entries if isinstance(one, Decided)]

    def _decide(self, move: Decide) -> None:
        self._write(
            Decided(
                at=self._now(),
                step=move.step,
                choice=move.choice,
                rule=move.rule,
                reason=move.reason,
                told=move.told,
            )
        )
        if move.choice == "promote":
            self._began_s, self._held = None, 0.0

    def _act(self, move: Act) -> None:
        key = move.key or f"{self.record.run}-{len(self.record.entries)}"
        intent = Intent(
            at=self._now(), key=key, action=move.action, step=move.step, weight=move.weight
        )
        if move.key is None:
            self._write(intent)
        self._write(self._outside.doer.do(intent))

    def _look(self, move: Look) -> None:
        clock = self._outside.clock
        waited_s = self._waited_s(move.step)
        if waited_s is not None and waited_s < self._interval_s:
            self._outside.sleep(self._interval_s - waited_s)
            if self._outside.stopping():
                return
        now = clock.monotonic()
        held = self._held + self._watched_s(now, waited_s)
        try:
            found = self._outside.looker.look(move.step, round(held, 3))
        except Interrupted:
            if not self._outside.stopping():
                raise
            return  # decided in the next turn
        self._began_s, self._looked_s, self._held = now, clock.monotonic() - now, held
        self._write(found)

    def _waited_s(self, step: int) -> float | None:
        """Seconds since the last round of the step began, in this process or an earlier one."""
        if self._began_s is not None:
            return self._outside.clock.monotonic() - self._began_s
        last = self.record.entries[-1] if self.record.entries else None
        rounds = [one for one in self.record.entries if isinstance(one, Round)]
        if not rounds or rounds[-1].step != step or isinstance(last, Decided | Done):
            return None
        gap = self._outside.clock.now() - datetime.fromisoformat(rounds[-1].at)
        return max(0.0, gap.total_seconds())

    def _watched_s(self, now: float, waited_s: float | None) -> float:
        """What this wait adds to the hold; a gap, or a machine put to sleep, has not watched."""
        if waited_s is None:
            return 0.0
        if self._began_s is None:
            return self._interval_s
        return min(now - self._began_s, self._looked_s + 2 * self._interval_s)

    def _write(self, entry: Entry) -> None:
        self.record = self.record.with_entry(entry)
        self._outside.save(self.record)
        self._outside.tell(entry)

    def _now(self) -> str:
        return self._outside.clock.now().isoformat()


def _last_held(record: Record) -> float:
    """Seconds that the present step was watched when the record was written."""
    held = 0.0
    for one in record.entries:
        if isinstance(one, Round):
            held = one.held_s
        elif isinstance(one, Decided) and one.choice == "promote":
            held = 0.0
    return held
