"""One round: the checks against what is new and what is old at the same time, and the numbers."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from release_gate.errors import Interrupted, ReleaseGateError
from release_gate.ports import Clock
from release_gate.subjects.canary.record import Reading, Round, Seen
from release_gate.subjects.canary.settings import CanarySettings
from release_gate.subjects.probes import budget
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.probes.outcome import Outcome, SuiteResult
from release_gate.subjects.services.metrics import PROBE, MetricsSettings
from release_gate.subjects.smoke.session import Session

_WHY = 240
_BROKEN = "round"


@dataclass(frozen=True, kw_only=True, slots=True)
class Looking:
    """Implements :class:`release_gate.subjects.canary.machine.Looker`.

    Args:
        clock: For the times that are written down.
        settings: With the metrics.
        canary: Asks what is new.
        control: Asks what it is compared with.
    """

    clock: Clock
    settings: CanarySettings
    canary: Session
    control: Session | None

    def look(self, step: int, held_s: float) -> Round:
        """See :class:`release_gate.subjects.canary.machine.Looker`."""
        at = self.clock.now().isoformat()
        other = _Side(session=self.control) if self.control else None
        if other:
            other.start()
        new = _Side(session=self.canary)
        new.run()
        if other:
            other.join()
        metrics, requests, errors = self._numbers()
        return Round(
            at=at,
            step=step,
            held_s=held_s,
            canary=new.seen(),
            control=other.seen(answered=True) if other else None,
            metrics=metrics,
            requests=requests,
            errors=errors,
            limitations=new.limitations(),
        )

    def _numbers(self) -> tuple[dict[str, Reading], Reading | None, Reading | None]:
        read = self._read
        metrics = {
            one.name: read(one.metrics, one.on, one.timeout) for one in self.settings.metrics
        }
        traffic = self.settings.traffic
        if traffic is None:
            return metrics, None, None
        # Errors first: one that happens meanwhile is then in the count of requests at least.
        errors = read(traffic.errors, traffic.on, traffic.timeout)
        return metrics, read(traffic.requests, traffic.on, traffic.timeout), errors

    def _read(self, settings: MetricsSettings, on: str, timeout: Duration) -> Reading:
        session = self.canary
        stopwatch = budget.start(self.clock, seconds(timeout, "timeout"))
        try:
            value = PROBE.look(settings, session.world(), stopwatch).values.get(on)
        except Exception as error:  # noqa: BLE001 - a number that cannot be read is no number
            said = error.what if isinstance(error, ReleaseGateError) else f"{error!r}"
            return Reading(why=session.hidden.redact(said)[:_WHY])
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Reading(why=f"the probe gave no single number as {on}")
        if not math.isfinite(value):
            return Reading(why=f"{on} is {value}")
        return Reading(value=float(value))


@dataclass(kw_only=True, slots=True)
class _Side:
    """One side at work; a thread of its own where both are asked at once."""

    session: Session
    _thread: threading.Thread | None = None
    _result: SuiteResult | None = None
    _error: Exception | None = field(default=None)

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name="control", daemon=True)
        self._thread.start()

    def join(self) -> None:
        if self._thread:
            self._thread.join()

    def run(self) -> None:
        try:
            self._result = self.session.run()
        except Exception as error:  # noqa: BLE001 - told by seen(), in the thread that asks
            self._error = error

    def seen(self, *, answered: bool = False) -> Seen:
        if isinstance(self._error, Interrupted):
            raise self._error
        hidden = self.session.hidden.redact
        if self._result is None:
            error = self._error or "nothing came"
            return Seen(asked=1, bad={_BROKEN: hidden(f"could not be judged: {error}")[:_WHY]})
        return seen_of(self._result, hidden, answered=answered)

    def limitations(self) -> tuple[tuple[str, str], ...]:
        if self._result is None:
            return ()
        deciding = [one for one in self._result.outcomes if one.check.keys.enforce]
        return tuple(sorted({pair for one in deciding for pair in one.limitations}))


def seen_of(result: SuiteResult, redact: Callable[[str], str], *, answered: bool = False) -> Seen:
    """What counts of a suite: the checks that decide.

    Args:
        result: Of the suite.
        redact: Takes secrets out.
        answered: Keep only times of requests that were answered: a control that is gone must
            not make the other one look slow.
    """
    deciding = [one for one in result.outcomes if one.check.keys.enforce and not _idle(one)]
    return Seen(
        asked=len(deciding),
        bad={
            redact(one.check.name): redact(one.reason or one.state)[:_WHY]
            for one in deciding
            if one.state != "passed"
        },
        latencies_us=tuple(
            _latency(one) for one in deciding if _single(one) and (_answered(one) or not answered)
        ),
    )


def _idle(outcome: Outcome) -> bool:
    """A clean-up that had nothing to undo."""
    keys = outcome.check.keys
    return keys.finally_ and outcome.state == "not-run" and bool(outcome.check.uses)


def _latency(outcome: Outcome) -> int:
    """Microseconds; one without an answer took as long as anybody would have waited for it."""
    spent_s = outcome.answered_s
    if not _answered(outcome) or spent_s is None:
        spent_s = max(outcome.duration_s, outcome.check.timeout_s)
    return max(1, round(spent_s * 1e6))


def _answered(outcome: Outcome) -> bool:
    return bool(outcome.attempts) and outcome.attempts[-1].meaning == "answered"


def _single(outcome: Outcome) -> bool:
    """Whether its time is that of one request."""
    keys: Any = outcome.check.keys
    once = keys.poll is None and keys.retry is None and outcome.state != "not-run"
    settings = outcome.check.settings
    return once and outcome.check.probe.name == "http" and settings.at_once == 1
