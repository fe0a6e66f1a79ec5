"""Carries out one action: a command or a webhook, by the machinery of the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from release_gate.ports import Clock, Deployment
from release_gate.subjects.canary.record import Done, Intent, Kind
from release_gate.subjects.canary.settings import ActionKeys
from release_gate.subjects.http.settings import IDEMPOTENCY_KEY
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.keys import CheckKeys, as_table
from release_gate.subjects.probes.order import Source, simple_error
from release_gate.subjects.probes.outcome import Outcome
from release_gate.subjects.probes.planned import Suite, plan_suite
from release_gate.subjects.smoke.session import Session
from release_gate.subjects.smoke.settings import Check

_WHAT = 400
_LINES = 20
_LINE = 300
_OK = {"on": "status", "greater-equal": 200, "less": 300}


@dataclass(frozen=True, kw_only=True, slots=True)
class Acting:
    """Implements :class:`release_gate.subjects.canary.machine.Doer`.

    Args:
        clock: For the times that are written down.
        actions: By what they do.
        place: Where webhooks go.
        opened: Opens the session of a suite that no interrupt breaks off.
    """

    clock: Clock
    actions: dict[Kind, ActionKeys]
    place: Deployment | None
    opened: Callable[[Suite], Session]

    def do(self, intent: Intent) -> Done:
        """What came of it; whatever goes wrong is a failure, and never raised."""
        try:
            ok, what, output = self._done(intent)
        except Exception as error:  # noqa: BLE001 - a way back must be taken whatever happened
            ok, what, output = False, f"{type(error).__name__}: {error}", ()
        return Done(
            at=self.clock.now().isoformat(), key=intent.key, ok=ok, what=what, output=output
        )

    def _done(self, intent: Intent) -> tuple[bool, str, tuple[str, ...]]:
        suite = action_suite(self.actions[intent.action], intent, self.place)
        session = self.opened(suite)
        try:
            (outcome,) = session.run().outcomes
        except Exception as error:  # noqa: BLE001 - its text may hold what was being sent
            what = session.hidden.redact(f"{type(error).__name__}: {error}")
            return False, what[:_WHAT], ()
        finally:
            session.close()
        hidden = session.hidden.redact
        output = tuple(hidden(line)[:_LINE] for line in outcome.excerpt[-_LINES:])
        return outcome.state == "passed", hidden(_said(outcome))[:_WHAT], output


def action_suite(action: ActionKeys, intent: Intent, place: Deployment | None) -> Suite:
    """The action as a suite of one check.

    Args:
        action: As configured.
        intent: Says weight and key.
        place: Where webhooks go.

    Raises:
        ConfigError, msgspec.ValidationError: If it cannot be carried out.
    """
    table: dict[str, Any] = {
        "name": intent.action,
        "timeout": action.deadline,
        "deadline": action.deadline,
    }
    if action.command is not None:
        table["command"] = _filled(as_table(action.command), intent)
    if action.webhook is not None:
        webhook = _filled(as_table(action.webhook), intent)
        named = {name.lower() for name in webhook["headers"]}
        if IDEMPOTENCY_KEY not in named:
            webhook["headers"] = {**webhook["headers"], "Idempotency-Key": intent.key}
        table |= {"http": webhook, "expect": [_OK]}
    keys: CheckKeys = msgspec.convert(table, Check, strict=True)
    source = Source(keys=keys, place=intent.action, error=simple_error)
    limit_s = seconds(action.deadline, "deadline")
    return plan_suite([source], place, time_limit_s=limit_s)


def _filled(value: Any, intent: Intent) -> Any:
    """Weight and key alone; what comes out of the environment is filled in when it is sent."""
    if isinstance(value, str):
        filled = value.replace("${weight}", f"{intent.weight:g}")
        return filled.replace("${key}", intent.key)
    if isinstance(value, dict):
        return {key: _filled(inner, intent) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, intent) for inner in value]
    return value


def _said(outcome: Outcome) -> str:
    if outcome.reason:
        return outcome.reason
    return outcome.attempts[-1].line if outcome.attempts else outcome.state
