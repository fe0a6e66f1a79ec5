"""A repository, a toolkit and gates made by hand, and a plan over them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from release_gate.api import (
    AnyGate,
    Context,
    Evidence,
    Examined,
    Gate,
    Inputs,
    Limit,
    Project,
    Settings,
)
from release_gate.judge.approvals import RuleBySigned
from release_gate.model import BaseRef
from release_gate.plan.make import PlanRequest, World, make_plan
from release_gate.plan.types import Plan
from release_gate.ports import Base, FileEntry, RepositoryState, Snapshot
from release_gate.testing import FixedClock, ThisEnvironment

HEAD = "a" * 40
CLEAN = RepositoryState(
    commit=HEAD,
    dirty=False,
    branch="topic",
    shallow=False,
    committed_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@dataclass(frozen=True)
class FakeBase:
    ref: BaseRef

    def read(self, relative: str) -> bytes | None:
        return None

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        return {}

    def old_path(self, relative: str) -> str | None:
        return None


@dataclass(frozen=True)
class FakeSnapshot:
    """A commit whose files are as the test says."""

    commit: str
    contents: Mapping[str, str]

    def read(self, relative: str) -> bytes | None:
        text = self.contents.get(relative)
        return None if text is None else text.encode()

    def files(self) -> tuple[FileEntry, ...]:
        return tuple(FileEntry(path=path, tracked=True, size=0) for path in sorted(self.contents))


@dataclass
class FakeRepository:
    """Lists a folder; commits and merge bases are as the test says."""

    root: Path
    now: RepositoryState | None = CLEAN
    commits: Mapping[str, str] = field(default_factory=dict)
    merge_bases: Mapping[str, str] = field(default_factory=dict)
    committed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def state(self) -> RepositoryState | None:
        return self.now

    def files(self) -> tuple[FileEntry, ...]:
        return tuple(
            FileEntry(
                path=path.relative_to(self.root).as_posix(),
                tracked=True,
                size=path.lstat().st_size,
                blob=hashlib.sha1(path.read_bytes()).hexdigest(),  # noqa: S324 - as git's ids
            )
            for path in self.root.rglob("*")
            if path.is_file()
        )

    def resolve(self, ref: str) -> str | None:
        return self.commits.get(ref)

    def merge_base(self, ref: str) -> str | None:
        return self.merge_bases.get(ref)

    def base(self, ref: BaseRef) -> Base:
        return FakeBase(ref)

    def snapshot(self, commit: str) -> Snapshot:
        return FakeSnapshot(commit, self.committed.get(commit, {}))


@dataclass(frozen=True)
class FakeToolkit:
    versions: Mapping[str, str] = field(default_factory=lambda: {"ruff": "0.17.5"})
    python: Path = Path("python")
    python_version: tuple[int, int] = (3, 12)

    def version(self, distribution: str) -> str | None:
        return self.versions.get(distribution)


class LintSettings(Settings, frozen=True, kw_only=True):
    line_length: int = 88
    rules: tuple[str, ...] = ()


def make_gate(kind: str, **more: Any) -> AnyGate:
    def applies(project: Project, settings: Any) -> str | None:
        return None if project.files else "there are no files"

    def inputs(project: Project, settings: Any) -> Inputs:
        return Inputs(files=tuple(one.path for one in project.files if one.path.endswith(".py")))

    def collect(ctx: Context, settings: Any) -> Evidence:
        return Evidence(examined=Examined(unit="files", count=1))

    def limits(settings: Any, project: Project) -> tuple[Limit, ...]:
        return ()

    values: dict[str, Any] = {
        "kind": kind,
        "title": f"Gate {kind}",
        "settings": LintSettings,
        "applies": applies,
        "collect": collect,
        "limits": limits,
        "inputs": inputs,
        "default": True,
    }
    return Gate(**{**values, **more})


GATES = MappingProxyType(
    {
        "lint": make_gate("lint", tools=("ruff",)),
        "scan": make_gate("scan", default=False),
        "smoke": make_gate("smoke", phase="post-deploy"),
        "types": make_gate("types"),
    }
)


class Desk:
    """Writes a project and plans it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.repository = FakeRepository(root)
        self.toolkit = FakeToolkit()
        self.environment: dict[str, str] = {}
        self.entry_points: list[metadata.EntryPoint] = []
        self.found: dict[str, Any] = {}
        self._monkeypatch = monkeypatch
        self.gates(GATES)

    def gates(self, gates: Mapping[str, AnyGate]) -> None:
        self._monkeypatch.setattr("release_gate.plan.discovery.bundled_gates", lambda: gates)

    def write(self, name: str, content: str | bytes = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def configure(self, text: str) -> None:
        self.write("release-gate.toml", text)

    def plan(self, **request: Any) -> Plan:
        def find(**arguments: Any) -> ThisEnvironment:
            self.found = arguments
            return ThisEnvironment()

        world = World(
            repository=self.repository,
            toolkit=self.toolkit,
            environment=self.environment,
            clock=FixedClock(),
            find_environment=find,
            rule=RuleBySigned({}),
            entry_points=lambda: self.entry_points,
        )
        return make_plan(PlanRequest(root=self.root, **request), world)

    def ids(self, **request: Any) -> list[str]:
        return [one.gate_id for one in self.plan(**request).gates]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    root = tmp_path / "shop"
    root.mkdir()
    made = Desk(root, monkeypatch)
    made.write("src/shop/__init__.py", '__version__ = "1.2.3"\n')
    return made


@pytest.fixture
def gate_named() -> Callable[..., AnyGate]:
    return make_gate


@pytest.fixture
def state() -> RepositoryState:
    return CLEAN


@pytest.fixture
def repository_at() -> Callable[..., FakeRepository]:
    return FakeRepository


def paths_of(entries: Iterable[FileEntry]) -> list[str]:
    return [one.path for one in entries]
