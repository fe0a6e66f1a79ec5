"""Canaries on a clock of their own: services that are functions, actions that are recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from release_gate.subjects.canary.machine import Machine, Outside
from release_gate.subjects.canary.record import (
    VERSION,
    Done,
    Intent,
    Reading,
    Record,
    Round,
    Seen,
)
from release_gate.subjects.canary.settings import CanarySettings

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COMMAND = {"command": {"argv": ["switch", "${weight}"]}}


def settings(**changes: Any) -> CanarySettings:
    """Settings as their table holds them, with a step, and actions that tests stand in for."""
    table: dict[str, Any] = {
        "interval": 10,
        "steps": [{"weight": 10, "hold": 100}],
        "rules": {"failure-rate": None},
        "set-weight": COMMAND,
        "promote": COMMAND,
        "rollback": COMMAND,
    }
    return msgspec.convert({**table, **changes}, CanarySettings, strict=True)


def seen(passed: bool | str = True, *, asked: int = 1, us: Sequence[int] = ()) -> Seen:
    """One side; a text is the name of the check that did not pass."""
    name = passed if isinstance(passed, str) else "health"
    bad = {} if passed is True else {name: "expected 200, actual 500"}
    return Seen(asked=asked, bad=bad, latencies_us=tuple(us))


def rounds(course: Iterable[bool | str], *, step: int = 0, **more: Any) -> list[Round]:
    """Rounds ten seconds apart."""
    return [
        Round(at="", step=step, held_s=10.0 * place, canary=seen(passed), **more)
        for place, passed in enumerate(course)
    ]


def letters(text: str) -> list[bool]:
    """``F F S`` as rounds."""
    return [letter == "S" for letter in text.split()]


@dataclass
class Time:
    """A clock that moves when somebody sleeps."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


Service = Callable[[int, int], Round]
"""A round, from the step and how many rounds there were before."""


def service(course: Callable[[int, int], bool | str], **more: Any) -> Service:
    """A service that passes or fails by step and count."""

    def look(step: int, count: int) -> Round:
        return Round(at="", step=step, held_s=0.0, canary=seen(course(step, count)), **more)

    return look


def healthy(**more: Any) -> Service:
    return service(lambda _step, _count: True, **more)


@dataclass
class World:
    """Everything around a machine.

    Args:
        answer: The service.
        works: Whether an action works.
        saved: Every state that was written.
        done: Every action that was carried out, with its key.
    """

    answer: Service = field(default_factory=healthy)
    works: Callable[[Intent], bool] = lambda _intent: True
    time: Time = field(default_factory=Time)
    saved: list[Record] = field(default_factory=list)
    done: list[tuple[str, float, str]] = field(default_factory=list)
    looked: int = 0
    stopped: bool = False

    def look(self, step: int, held_s: float) -> Round:
        found = self.answer(step, self.looked)
        self.looked += 1
        return msgspec.structs.replace(found, at=self.time.now().isoformat(), held_s=held_s)

    def do(self, intent: Intent) -> Done:
        self.done.append((intent.action, intent.weight, intent.key))
        ok = self.works(intent)
        what = "exit code 0" if ok else "exit code 1"
        return Done(at=self.time.now().isoformat(), key=intent.key, ok=ok, what=what)

    def outside(self) -> Outside:
        return Outside(
            clock=self.time,
            save=self.saved.append,
            doer=self,
            looker=self,
            sleep=self.time.sleep,
            stopping=lambda: self.stopped,
        )

    def machine(self, chosen: CanarySettings, record: Record | None = None) -> Machine:
        return Machine(chosen, record or fresh(), self.outside())

    @property
    def actions(self) -> list[str]:
        return [name for name, _, _ in self.done]


def fresh(**changes: Any) -> Record:
    record = Record(
        version=VERSION,
        command="canary",
        plan="digest",
        run="run",
        commit="0" * 40,
        environment="staging",
        started_at=BEGAN.isoformat(),
    )
    return msgspec.structs.replace(record, **changes)


def number(value: float | None) -> Reading:
    return Reading(value=value) if value is not None else Reading(why="the store is unreachable")
