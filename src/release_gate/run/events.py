"""What the engine tells while it runs. It knows no listener but the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from release_gate.model import Collected
from release_gate.plan.types import Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStarted:
    """Before the first gate."""

    plan: Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class GateStarted:
    """A gate's ``collect`` begins."""

    gate_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GateProgress:
    """A gate says how far it is."""

    gate_id: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GateFinished:
    """A gate's ``collect`` returned or failed."""

    collected: Collected


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFinished:
    """After the last gate, before anything is judged."""

    duration_s: float


Event = RunStarted | GateStarted | GateProgress | GateFinished | RunFinished


class Sink(Protocol):
    """Hears events, one at a time, from any thread."""

    def emit(self, event: Event) -> None:
        """Take one event; must not raise and must not block."""
