"""Looking once with one probe, as a suite would."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from release_gate.subjects.probes.contract import (
    AnyProbe,
    Observation,
    ProbeFailed,
    ProbeWorld,
)
from release_gate.testing import DirectRunner


class Seconds:
    """A budget by the real stopwatch."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise ProbeFailed("the deadline has passed", transient=True)
        return left


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Asked:
    """What a probe told its world."""

    hidden: list[str] = field(default_factory=list)
    hosts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def allowed(self, host: str, addresses: tuple[str, ...]) -> None:
        self.hosts.append((host, addresses))


def world(root: Path, environment: Mapping[str, str] | None = None, **changes: Any) -> ProbeWorld:
    asked = Asked()
    made = ProbeWorld(
        clock=RealClock(),
        runner=DirectRunner(root=root, log=root / "probe.log"),
        environment=environment or {},
        root=root,
        work=root,
        hide=asked.hidden.append,
        allowed=asked.allowed,
    )
    return replace(made, **changes)


def look(
    probe: AnyProbe, settings: Mapping[str, Any], the_world: ProbeWorld, seconds: float = 10.0
) -> Observation:
    """Look once with settings as they stand in TOML."""
    decoded = msgspec.convert(settings, type=probe.settings)
    seen = probe.look(decoded, the_world, Seconds(seconds))
    unknown = set(seen.values) - probe.offered
    assert not unknown, f"not offered: {unknown}"
    return seen
