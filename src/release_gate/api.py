"""What a gate file imports: the contract of a gate, the model and the ports.

A gate file defines one constant::

    GATE = Gate(
        kind="todo",
        title="No TODO left in shipped code",
        settings=Settings,
        applies=applies,
        collect=collect,
        limits=limits,
        inputs=inputs,
    )
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from release_gate.errors import (
    ConfigError,
    DeadlineExceeded,
    Interrupted,
    ProjectEnvironmentProblem,
    ToolMissing,
    ToolProblem,
)
from release_gate.model import (
    Artifact,
    Evidence,
    Examined,
    Fact,
    Finding,
    Identity,
    Limit,
    Limitation,
    Metric,
    Problem,
    Severity,
    Skipped,
    Suppression,
    Table,
    ToolRun,
    percentage,
)
from release_gate.ports import (
    Base,
    Clock,
    Completed,
    Context,
    Deployment,
    FileEntry,
    Project,
    ProjectEnvironment,
    Runner,
    Toolkit,
)


class Settings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """Base of every gate's settings: frozen, unknown keys refused, kebab-case in TOML."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a value in force comes from, for ``release-gate plan``."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What a gate's evidence depends on; read for the plan and for the cache key.

    Args:
        files: Paths the gate will read, out of the project's file list.
        unit: What one of them is called, plural.
        variables: Environment variables that change what the gate sees.
        reusable: Whether equal inputs always give equal evidence. Gates that run the
            project's code or ask a service are not.
        origins: Settings in force and where they come from (the tool's own file, a default).
        warnings: Facts to know before the run (a scanner on an older Python than the source).
        requests: What would be sent, in lines without secrets, for ``plan --requests``.
    """

    files: tuple[str, ...]
    unit: str = "files"
    variables: tuple[str, ...] = ()
    reusable: bool = False
    origins: tuple[Origin, ...] = ()
    warnings: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate(Generic[S]):
    """One kind of check.

    Args:
        kind: Kebab-case name; the default id.
        title: One line for lists and reports.
        settings: Type of the gate's own keys; every field has a default.
        applies: ``None`` if the gate has something to do in this project, else why not.
        collect: Runs the check and returns what it saw. Raises :class:`ToolProblem` if
            nothing usable came.
        limits: ``limits(settings, project)``: what its metrics must keep to. Pure: reads
            the settings and the project's own files (a tool's own limit), executes nothing.
        inputs: What its evidence depends on. Reads files, executes nothing.
        phase: Default phase.
        default: Whether it is expected without being configured.
        tools: Distributions of the toolkit that must have run.
        farewell_s: Seconds that an interrupted run waits for it to undo what it has begun.
    """

    kind: str
    title: str
    settings: type[S]
    applies: Callable[[Project, S], str | None]
    collect: Callable[[Context, S], Evidence]
    limits: Callable[[S, Project], tuple[Limit, ...]]
    inputs: Callable[[Project, S], Inputs]
    phase: str = "pre-release"
    default: bool = False
    tools: tuple[str, ...] = ()
    farewell_s: float = 0.0


AnyGate = Gate[Any]


__all__ = [
    "AnyGate",
    "Artifact",
    "Base",
    "Clock",
    "Completed",
    "ConfigError",
    "Context",
    "DeadlineExceeded",
    "Deployment",
    "Evidence",
    "Examined",
    "Fact",
    "FileEntry",
    "Finding",
    "Gate",
    "Identity",
    "Inputs",
    "Interrupted",
    "Limit",
    "Limitation",
    "Metric",
    "Origin",
    "Problem",
    "Project",
    "ProjectEnvironment",
    "ProjectEnvironmentProblem",
    "Runner",
    "Settings",
    "Severity",
    "Skipped",
    "Suppression",
    "Table",
    "ToolMissing",
    "ToolProblem",
    "ToolRun",
    "Toolkit",
    "percentage",
]
