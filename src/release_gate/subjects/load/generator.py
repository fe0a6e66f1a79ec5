"""Sends planned requests at their time, whatever becomes of those before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from release_gate.subjects.load.schedule import MICROSECONDS, Planned
from release_gate.subjects.load.sending import Outcome, RealWatch, Send, Shot, Volley, Watch

_LOOK_UP_S = 0.1
_GRACE_S = 2.0
NEVER_ENDED = Outcome(good=False, kind="no end")


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What is sent.

    Args:
        planned: Every request, by time.
        send: How, for each arm.
        budget_s: Seconds that each request has from when it is sent.
        cap: How many may be in flight at once.
    """

    planned: Sequence[Planned]
    send: Sequence[Send]
    budget_s: float
    cap: int


def fire(
    load: Load,
    *,
    watch: Watch | None = None,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _sent: None,
) -> Volley:
    """Send everything; returns when each request has its outcome or has overrun its budget.

    Args:
        load: What is sent.
        watch: The stopwatch.
        stopping: Whether to break off; asked ten times a second.
        progress: Told how many have been sent, about once a second.

    Raises:
        Exception: Whatever ``send`` raised, which it never should.
    """
    return _Firing(load=load, watch=watch or RealWatch()).run(stopping, progress)


@dataclass(kw_only=True, slots=True)
class _Flight:
    planned: Planned
    waited_us: int
    sent_us: int | None = None


@dataclass(kw_only=True)
class _Firing:
    """One run: this thread keeps the time, others send."""

    load: Load
    watch: Watch
    start: float = 0.0
    held_back: int = 0
    freed: float = 0.0
    inbox: queue.SimpleQueue[_Flight | None] = field(default_factory=queue.SimpleQueue)
    done: queue.SimpleQueue[tuple[_Flight, Shot | BaseException]] = field(
        default_factory=queue.SimpleQueue
    )
    flying: dict[int, _Flight] = field(default_factory=dict)
    shots: list[Shot] = field(default_factory=list)

    def run(self, stopping: Callable[[], bool], progress: Callable[[int], None]) -> Volley:
        threads = min(self.load.cap, len(self.load.planned))
        for number in range(threads):
            # Daemons: a look-up of a name that hangs in the system must not hold the process.
            threading.Thread(target=self._work, name=f"load {number}", daemon=True).start()
        try:
            return self._volley(stopping, progress)
        finally:
            for _ in range(threads):
                self.inbox.put(None)

    def _volley(self, stopping: Callable[[], bool], progress: Callable[[int], None]) -> Volley:
        self.start, told, sent, stopped = self.watch.now(), 0, 0, False
        planned = self.load.planned
        last = planned[-1].offset_us / MICROSECONDS + self.load.budget_s
        for each in planned:
            stopped = not self._until(each.offset_us / MICROSECONDS, stopping)
            if stopped or not self._slot(last, stopping):
                break
            # One that was held back holds up those behind it, which are not the generator's fault.
            waited_us = max(int(self.freed * MICROSECONDS) - each.offset_us, 0)
            self.held_back += waited_us > 0
            flight = _Flight(planned=each, waited_us=waited_us)
            self.flying[id(flight)] = flight
            self.inbox.put(flight)
            sent += 1
            if each.offset_us // MICROSECONDS > told:
                told = each.offset_us // MICROSECONDS
                progress(sent)
        self._land(0 if stopped else self.load.budget_s + _GRACE_S)
        self._give_up()
        return Volley(
            shots=tuple(sorted(self.shots, key=lambda shot: (shot.planned_us, shot.arm))),
            unsent=len(planned) - sent,
            held_back=self.held_back,
            stopped=stopped or stopping(),
        )

    def _now(self) -> float:
        return self.watch.now() - self.start

    def _until(self, moment: float, stopping: Callable[[], bool]) -> bool:
        while (left := moment - self._now()) > 0:
            if stopping():
                return False
            self.watch.wait(min(left, _LOOK_UP_S))
            self._collect(0)
        return not stopping()

    def _slot(self, last: float, stopping: Callable[[], bool]) -> bool:
        """Wait until one more may be in flight; ``False`` if none came free in time."""
        self._collect(0)
        while len(self.flying) >= self.load.cap:
            if self._now() > last or stopping():
                return False
            self._collect(_LOOK_UP_S)
            self.freed = self._now()
        return True

    def _land(self, patience_s: float) -> None:
        until = self._now() + patience_s
        while self.flying and self._now() < until:
            self._collect(_LOOK_UP_S)

    def _collect(self, patience_s: float) -> None:
        """Take in what has ended; wait for the first so long."""
        try:
            while True:
                flight, result = self.done.get(block=patience_s > 0, timeout=patience_s)
                patience_s = 0
                del self.flying[id(flight)]
                if isinstance(result, BaseException):
                    raise result
                self.shots.append(result)
        except queue.Empty:
            return

    def _give_up(self) -> None:
        self._collect(0)
        now = int(self._now() * MICROSECONDS)
        for flight in self.flying.values():
            sent_us = flight.planned.offset_us if flight.sent_us is None else flight.sent_us
            self.shots.append(_shot(flight, sent_us, now, NEVER_ENDED))

    def _work(self) -> None:
        while (flight := self.inbox.get()) is not None:
            sent_us = flight.sent_us = int(self._now() * MICROSECONDS)
            try:
                outcome = self.load.send[flight.planned.arm](self.load.budget_s)
            except BaseException as error:  # noqa: BLE001 - raised again where the time is kept
                self.done.put((flight, error))
                continue
            done_us = int(self._now() * MICROSECONDS)
            self.done.put((flight, _shot(flight, sent_us, done_us, outcome)))


def _shot(flight: _Flight, sent_us: int, done_us: int, outcome: Outcome) -> Shot:
    return Shot(
        arm=flight.planned.arm,
        planned_us=flight.planned.offset_us,
        sent_us=sent_us,
        done_us=max(done_us, sent_us),
        waited_us=flight.waited_us,
        outcome=outcome,
    )
