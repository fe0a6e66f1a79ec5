"""What a run needs of the outside, handed in by whoever wires it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from release_gate.model import Evidence, Limit, Problem
from release_gate.plan.types import Plan, PlannedGate
from release_gate.ports import Clock, Context, FileEntry, HostRunner, Runner
from release_gate.run.interrupt import Interrupts


class Cache(Protocol):
    """Evidence of earlier runs."""

    def load(self, plan: Plan, gate: PlannedGate) -> Evidence | None:
        """Evidence for exactly the same input, or ``None``."""

    def store(self, plan: Plan, gate: PlannedGate, evidence: Evidence) -> None:
        """Keep evidence, if it may be kept; never raises for a full or broken disk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a gate that is not ours said of itself, in its own process.

    Args:
        evidence: What it saw.
        problem: Why it saw nothing.
        inapplicable: Why it has nothing to do here; exactly one of these three is set.
        title: One line for people.
        limits: What its metrics must keep to.
    """

    evidence: Evidence | None = None
    problem: Problem | None = None
    inapplicable: str | None = None
    title: str
    limits: tuple[Limit, ...] = ()


class GateRunner(Runner, HostRunner, Protocol):
    """What every gate is given to start programs with."""


class GateHost(Protocol):
    """Runs a gate of the user or of a third party where it can hurt nobody."""

    def collect(
        self, plan: Plan, gate: PlannedGate, context: Context, runner: HostRunner, log: Path
    ) -> Said:
        """What the gate said.

        Raises:
            ToolProblem: If nothing usable came, with the log that says why.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """The outside world of one run.

    Args:
        clock: Wall clock and stopwatch.
        runner: Makes the runner of one gate from its id, its log and its deadline in seconds.
        end_children: Ends every process that any runner started; safe to call twice.
        output: Folder that logs and artifacts are written below.
        environment: The process environment as injected.
        secret_key: Key for hashes that identify secrets.
        host: Runs gates that are not ours.
        cache: ``None`` where nothing may be reused or kept.
        files_now: Lists the tree again, for comparison after the run.
        interrupts: Ctrl-C and its relatives.
        grace_s: Seconds that a gate is waited for beyond its deadline.
        hide: Takes a value that must appear in no log from now on.
    """

    clock: Clock
    runner: Callable[[str, Path, float], GateRunner]
    end_children: Callable[[], None]
    output: Path
    environment: Mapping[str, str]
    secret_key: bytes
    host: GateHost
    cache: Cache | None
    files_now: Callable[[], tuple[FileEntry, ...]]
    interrupts: Interrupts
    grace_s: float = 10.0
    hide: Callable[[str], None] = lambda _secret: None

    def log(self, gate_id: str) -> Path:
        """The gate's log file."""
        return self.output / "logs" / f"{gate_id}.log"

    def artifacts(self, gate_id: str) -> Path:
        """The gate's folder for files left for people."""
        return self.output / "artifacts" / gate_id
