"""Every key of the configuration that is not a gate's own."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

from release_gate.model import Budget, Ratchet
from release_gate.plan.budget_keys import (
    LeewayKeys,
    RatchetKeys,
    SeverityLimits,
    budget,
    ratchets,
)
from release_gate.plan.key_types import Count, Keys, Name, Names, Paths, Text
from release_gate.plan.score_keys import ScoreKeys
from release_gate.plan.waiver_keys import WaiverPolicyKeys

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>s|m|h)")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_S = 7 * 24 * 3600.0


class PhaseKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.phases.NAME]``.

    Args:
        expected: Ids of the gates that this phase must judge, in this order.
        after: Phases that must have passed before, for the same commit and artefacts.
    """

    expected: Names | None = None
    after: Names | None = None


class EnvironmentKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.environments.NAME]``.

    Args:
        target: Base URL of the service in this environment.
        target_variable: Environment variable that holds the base URL, where it is set.
        description: One line for people.
        after: Environment that the same commit and artefacts must have passed before.
        production: Whether checks that write need ``allow-writes``.
        allow_writes: Whether checks may write to this environment although it is production.
        hosts: Hosts, addresses and networks that may be asked besides the target's own host.
        ca_file: Certificates (PEM) that are trusted besides the public ones.
        proxy: Address of an HTTP proxy; those of the process environment are never used.
        gates: Keys of gates' tables that are otherwise in this environment, by the gate's id.
        canary: Keys of ``canary`` that are otherwise in this environment.
    """

    target: Text | None = None
    target_variable: Text | None = None
    description: Text | None = None
    after: Name | None = None
    production: bool = False
    allow_writes: bool = False
    hosts: tuple[Text, ...] = ()
    ca_file: Text | None = None
    proxy: Text | None = None
    gates: dict[Name, dict[str, Any]] = msgspec.field(default_factory=dict)
    canary: dict[str, Any] = msgspec.field(default_factory=dict)


class CommonKeys(Keys, frozen=True, kw_only=True):
    """Keys that every table ``[tool.release-gate.gates.ID]`` may hold.

    Args:
        kind: Kind of the gate; default: its id.
        phase: Phase that it runs in; default: the kind's.
        max: New findings allowed, either one number for each severity but info, or a table by
            severity, in which those not named stay at 0.
        ratchet: Metrics that may only get better than they were, each with its tolerance.
        leeway: Days in which a newly published advisory does not block yet.
        enforce: Whether the gate decides; if not, it is shown only.
        skip_reason: Why the gate is not run; without it no gate is ever skipped.
        deadline: When the gate is ended, as ``"90s"``, ``"10m"``, ``"1h"`` or a number of seconds.
        override: Whether a gate of your own takes the place of the built-in one of this name.
    """

    kind: Name | None = None
    phase: Name | None = None
    max: Count | SeverityLimits | None = None
    ratchet: dict[Name, int | float | RatchetKeys] = msgspec.field(default_factory=dict)
    leeway: LeewayKeys | None = None
    enforce: bool = True
    skip_reason: Text | None = None
    deadline: int | float | str = "30m"
    override: bool = False

    def __post_init__(self) -> None:
        """Refuse a deadline or a tolerance that is none.

        Raises:
            ValueError: With the key's name in front.
        """
        seconds(self.deadline)
        self.ratchets()

    def budget(self) -> Budget:
        """What ``max`` allows."""
        return budget(self.max)

    def ratchets(self) -> tuple[Ratchet, ...]:
        """What ``ratchet`` names."""
        return ratchets(self.ratchet)

    def deadline_s(self) -> float:
        """The deadline in seconds."""
        return seconds(self.deadline)


class TopKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate]``, or of the top level of ``release-gate.toml``.

    Args:
        source: Folders and modules that ship; default: detected.
        expected: Ids of the gates that the phase ``pre-release`` must judge, in this order. A
            gate on this list that does not apply, or has no result, is an error.
        project_python: Interpreter of the project environment; default: found or built.
        gate_files: Python files with gates of your own.
        templates: Folder whose templates are used in place of the built-in ones.
        baseline: File with the accepted findings.
        waivers: File with the waivers.
        waiver_policy: Who may approve waivers, and for how long.
        score: What the readiness score is made of; without it there is none.
        base: What differences are taken against, where neither ``--base`` nor the CI names it.
        default_branch: Name of the branch that changes go to, where git does not say.
        allow_dirty: Whether a work tree that differs from its commit may be judged in CI.
        phases: Further phases, each with its own list.
        gates: Settings of the gates.
        environments: Where the release runs.
        canary: How a release is rolled out step by step; read by ``canary`` and ``watch``.
    """

    source: Paths | None = None
    expected: Names | None = None
    project_python: Text | None = None
    gate_files: Paths | None = None
    templates: Text | None = None
    baseline: Text = "release-gate-baseline.jsonl"
    waivers: Text = "release-gate-waivers.toml"
    waiver_policy: WaiverPolicyKeys = WaiverPolicyKeys()
    score: ScoreKeys | None = None
    base: Text | None = None
    default_branch: Text | None = None
    allow_dirty: bool = False
    phases: dict[Name, PhaseKeys] = msgspec.field(default_factory=dict)
    gates: dict[Name, dict[str, Any]] = msgspec.field(default_factory=dict)
    environments: dict[Name, EnvironmentKeys] = msgspec.field(default_factory=dict)
    canary: dict[str, Any] = msgspec.field(default_factory=dict)


def seconds(deadline: float | str) -> float:
    """A length of time in seconds.

    Args:
        deadline: Seconds, or a number with one of the units ``s``, ``m``, ``h``.

    Raises:
        ValueError: If it is neither, or not more than nothing.
    """
    if isinstance(deadline, str):
        found = _DURATION.fullmatch(deadline.strip())
        if not found:
            raise ValueError(f'deadline must be like "90s", "10m" or "1h", not "{deadline}"')
        value = float(found["number"]) * _UNITS[found["unit"]]
    else:
        value = float(deadline) if abs(deadline) < _LONGEST_S else math.inf
    if not 0 < value <= _LONGEST_S:
        raise ValueError(f"deadline must be more than 0 and at most a week, not {deadline}")
    return value
