"""Runs the gates of a plan side by side and brings back what each one saw."""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from release_gate.model import Collected, Problem
from release_gate.plan.types import Plan, PlannedGate
from release_gate.run.collecting import Collecting
from release_gate.run.events import GateFinished, GateProgress, GateStarted, Sink
from release_gate.run.world import Said, World

# Windows does not wake a waiting main thread for Ctrl-C; it looks up this often instead.
_TICK_S = 0.1
_FAREWELL_S = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Progress:
    gate_id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Interrupt:
    gate_id: str | None = None


_Message = Collected | _Progress | _Interrupt


@dataclass(frozen=True, kw_only=True, slots=True)
class _Running:
    """A gate at work; ``since`` is real time even where the clock is fixed."""

    gate: PlannedGate
    started_at: str
    since: float


class Engine:
    """Executes exactly what the plan says.

    Args:
        world: The outside, handed in.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._said: dict[str, Said] = {}

    @property
    def said(self) -> Mapping[str, Said]:
        """What gates that are not ours said of themselves, by id."""
        return self._said

    def collect_all(self, plan: Plan, sink: Sink, jobs: int | None = None) -> tuple[Collected, ...]:
        """What came of each gate, in the order of the plan.

        Gates that are skipped by configuration or do not apply are not run and not returned.

        Args:
            plan: What to run.
            sink: Hears of each gate; always called from this thread.
            jobs: Gates at one time; default: one for each processor.

        Raises:
            Interrupted: By Ctrl-C or a signal, once all children are gone.
        """
        gates = [one for one in plan.gates if runs(one)]
        temporary = Path(tempfile.mkdtemp(prefix="release-gate-"))
        shift = _Shift(self._world, plan, sink, temporary)
        try:
            return shift.work(gates, jobs or _processors())
        finally:
            self._said.update(shift.said)
            shutil.rmtree(temporary, ignore_errors=True)


def runs(gate: PlannedGate) -> bool:
    """Whether the gate is run at all."""
    return gate.common.skip_reason is None and gate.inapplicable is None


def _processors() -> int:
    return os.cpu_count() or 1


class _Shift:
    """One call of the engine: its threads speak to it through one queue only."""

    def __init__(self, world: World, plan: Plan, sink: Sink, temporary: Path) -> None:
        self._world = world
        self._sink = sink
        self._stopping = threading.Event()
        self._collecting = Collecting(
            world=world, plan=plan, temporary=temporary, stopping=self._stopping.is_set
        )
        # The only queue whose ``put`` is safe in a signal handler.
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._running: dict[str, _Running] = {}
        self._done: dict[str, Collected] = {}

    @property
    def said(self) -> Mapping[str, Said]:
        return dict(self._collecting.said)

    def work(self, gates: list[PlannedGate], jobs: int) -> tuple[Collected, ...]:
        waiting = deque(gates)
        with self._world.interrupts.listening(lambda: self._inbox.put(_Interrupt())):
            while waiting or self._running:
                while waiting and len(self._running) < jobs:
                    self._start(waiting.popleft())
                self._hear(_TICK_S)
                self._give_up_late_ones()
        return tuple(self._collecting.publish(self._done[one.gate_id]) for one in gates)

    def _start(self, gate: PlannedGate) -> None:
        self._running[gate.gate_id] = _Running(
            gate=gate, started_at=self._world.clock.now().isoformat(), since=time.monotonic()
        )
        self._sink.emit(GateStarted(gate_id=gate.gate_id))
        # A daemon, since Python code that hangs cannot be ended and must not hold the process.
        threading.Thread(
            target=self._collect, args=(gate,), name=f"gate {gate.gate_id}", daemon=True
        ).start()

    def _collect(self, gate: PlannedGate) -> None:
        message: _Message = _Interrupt(gate_id=gate.gate_id)
        try:
            progress = partial(self._progress, gate.gate_id)
            message = self._collecting.collect(gate, progress) or message
        except BaseException as error:  # noqa: BLE001 - a silent thread would be waited for
            problem = Problem(what=f"the gate could not be run: {error!r}", slug="gate-crashed")
            message = Collected(gate_id=gate.gate_id, evidence=None, problem=problem)
        finally:
            self._inbox.put(message)

    def _progress(self, gate_id: str, text: str) -> None:
        self._inbox.put(_Progress(gate_id=gate_id, text=str(text)))

    def _hear(self, wait_s: float) -> None:
        try:
            message = self._inbox.get(timeout=wait_s)
        except queue.Empty:
            return
        if isinstance(message, _Interrupt):
            self._break_off(message)
        elif isinstance(message, Collected):
            if message.gate_id in self._running:
                self._finish(message)
        elif message.gate_id in self._running:
            self._sink.emit(GateProgress(gate_id=message.gate_id, text=message.text))

    def _finish(self, collected: Collected) -> None:
        del self._running[collected.gate_id]
        self._done[collected.gate_id] = collected
        self._sink.emit(GateFinished(collected=collected))

    def _break_off(self, cause: _Interrupt) -> None:
        """End everything; the threads get a moment to close what they hold.

        A gate that has something to undo gets its time before the children go: it may need some.
        """
        self._stopping.set()
        asked = {
            name: one.gate.gate.farewell_s
            for name, one in self._running.items()
            if name != cause.gate_id
        }
        left: set[str | None] = set(asked)
        undoing: set[str | None] = {name for name, seconds in asked.items() if seconds > 0}
        self._await(left, undoing, max(asked.values(), default=0.0))
        self._world.end_children()
        self._await(left, set(left), _FAREWELL_S)
        raise self._world.interrupts.error()

    def _await(self, left: set[str | None], these: set[str | None], limit_s: float) -> None:
        """Until some of the gates that are left have ended; those that have are taken out."""
        until = time.monotonic() + limit_s
        while left & these and time.monotonic() < until:
            with suppress(queue.Empty):
                message = self._inbox.get(timeout=_TICK_S)
                if not isinstance(message, _Progress):
                    left.discard(message.gate_id)

    def _give_up_late_ones(self) -> None:
        for gate_id, one in list(self._running.items()):
            spent = time.monotonic() - one.since
            if spent > one.gate.common.deadline_s + self._world.grace_s:
                self._finish(
                    Collected(
                        gate_id=gate_id,
                        evidence=None,
                        problem=_too_late(one.gate, self._collecting.log_name(gate_id)),
                        started_at=one.started_at,
                        duration_s=spent,
                    )
                )


def _too_late(gate: PlannedGate, log: str | None) -> Problem:
    return Problem(
        what=f"collect was still running at its deadline of {gate.common.deadline_s:g} s",
        remedy=f'raise "deadline" in the table of {gate.gate_id}, or find out what it waits for',
        log=log,
        slug="deadline",
    )
