"""A plan and a world made by hand."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from release_gate.api import Context, Evidence, Examined, FileEntry, Gate, Inputs, Limit, Settings
from release_gate.model import NO_BASE, Subject
from release_gate.plan.types import CommonSettings, Plan, PlannedGate
from release_gate.run.events import Event, GateFinished, GateProgress, GateStarted
from release_gate.run.interrupt import Interrupts
from release_gate.run.world import World
from release_gate.testing import DirectRunner, FolderProject, ThisEnvironment, ThisToolkit

Collect = Callable[[Context, Any], Any]


@dataclass
class RealClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Heard:
    """A sink that remembers."""

    events: list[Event] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(threading.current_thread().name)

    def of(self, gate_id: str) -> list[str]:
        words = []
        for one in self.events:
            if isinstance(one, GateStarted | GateProgress) and one.gate_id == gate_id:
                words.append("started" if isinstance(one, GateStarted) else one.text)
            elif isinstance(one, GateFinished) and one.collected.gate_id == gate_id:
                words.append("finished")
        return words


@dataclass
class NoHost:
    def collect(self, *_: Any) -> Any:
        raise AssertionError("no gate of this test is hosted")


def some_evidence(count: int = 3, **more: Any) -> Evidence:
    return Evidence(examined=Examined(unit="files", count=count), **more)


class Kit:
    """Makes plans and worlds below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "project"
        self.root.mkdir()
        self.output = folder / "output"
        self.ended = 0

    def gate(self, gate_id: str, collect: Collect, **more: Any) -> PlannedGate:
        inputs = more.pop("inputs", Inputs(files=()))
        limits: tuple[Limit, ...] = more.pop("limits", ())
        deadline_s = more.pop("deadline_s", 60.0)
        gate = Gate(
            kind=gate_id,
            title=f"Gate {gate_id}",
            settings=Settings,
            applies=lambda _project, _settings: None,
            collect=collect,
            limits=lambda _settings, _project: limits,
            inputs=lambda _project, _settings: inputs,
        )
        common = more.pop("common", CommonSettings(phase="pre-release", deadline_s=deadline_s))
        values = {"gate_id": gate_id, "gate": gate, "settings": Settings(), "common": common}
        return PlannedGate(inputs=inputs, **{**values, **more})

    def plan(self, gates: Sequence[PlannedGate], **more: Any) -> Plan:
        files: tuple[FileEntry, ...] = more.pop("files", ())
        project = FolderProject(root=self.root, files=files)
        values: dict[str, Any] = {
            "project": project,
            "subject": Subject(repository="example", commit="c" * 40, dirty=False, tree="t"),
            "base_ref": NO_BASE,
            "base": None,
            "phase": "pre-release",
            "environment": None,
            "gates": tuple(gates),
            "not_applicable": (),
            "partial": False,
            "paths": (),
            "project_environment": ThisEnvironment(),
            "toolkit": ThisToolkit(),
            "config_file": None,
            "policy_digest": "",
        }
        return Plan(**{**values, **more})

    def world(self, **more: Any) -> World:
        def end_children() -> None:
            self.ended += 1

        values: dict[str, Any] = {
            "clock": RealClock(),
            "runner": lambda _id, log, _deadline: DirectRunner(root=self.root, log=log),
            "end_children": end_children,
            "output": self.output,
            "environment": dict(os.environ),
            "secret_key": b"key",
            "host": NoHost(),
            "cache": None,
            "files_now": lambda: (),
            "interrupts": Interrupts(),
            "grace_s": 0.2,
        }
        return World(**{**values, **more})


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    return some_evidence
