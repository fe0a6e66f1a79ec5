"""The plan: what the engine executes, exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from release_gate.api import AnyGate, Inputs, Origin
from release_gate.model import BaseRef, Budget, NotApplicable, PlannedTool, Subject
from release_gate.ports import Base, Project, ProjectEnvironment, Toolkit


@dataclass(frozen=True, kw_only=True, slots=True)
class CommonSettings:
    """The keys that every gate's table may hold; parsed here, never by a kind.

    Args:
        phase: Phase the gate runs in.
        budget: Allowed new findings by severity (key ``max``).
        enforce: ``False``: shown, never decides.
        skip_reason: Set: the gate is skipped, for this reason.
        deadline_s: Seconds until the gate is ended.
    """

    phase: str
    budget: Budget = field(default_factory=Budget)
    enforce: bool = True
    skip_reason: str | None = None
    deadline_s: float = 1800.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedGate:
    """One gate that is expected in this run.

    Args:
        gate_id: Name of its table.
        gate: Its kind.
        settings: Decoded settings of that kind.
        common: The keys every gate has.
        inputs: What its evidence depends on.
        tools: Toolkit tools it will run, in these versions.
        origins: Every setting in force and where it comes from.
        home: ``bundled`` gates run in a thread, all others in a child process.
        file: The gate file, relative to the root; for ``home == "file"``.
        inapplicable: Expected by configuration but does not apply: why.
    """

    gate_id: str
    gate: AnyGate
    settings: Any
    common: CommonSettings
    inputs: Inputs
    tools: tuple[PlannedTool, ...] = ()
    origins: tuple[Origin, ...] = ()
    home: Literal["bundled", "file", "entry-point"] = "bundled"
    file: str | None = None
    inapplicable: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that is settled before anything runs.

    Args:
        project: With the file list that every gate reads.
        subject: What is judged.
        base_ref: What differences are taken against, and how it was found.
        base: ``None`` without a base.
        phase: The phase that runs.
        environment: Chosen environment's name.
        gates: Expected gates of the phase, in the order of configuration; with ``--gate``
            only the ones asked for.
        not_applicable: Gates left out by their own word.
        partial: Whether only some of the expected gates were asked for.
        paths: Files that ``--path`` narrows the run to.
        project_environment: Found or built on first use.
        toolkit: Where the scanners are.
        config_file: Relative to the root; ``None`` without configuration.
        policy_digest: SHA-256 over configuration and baseline as read.
        baseline_file: Relative to the root.
        baseline_text: Content from the trusted base, else from the head; ``None``: no file.
        dirty_is_error: Whether a dirty tree cannot be judged.
        templates: Folder of the user's templates, relative to the root; ``None``: built-in ones.
        origins: Top-level settings in force.
        notes: Facts for the reader (no git, adopting).
        warnings: Things to know before the run.
    """

    project: Project
    subject: Subject
    base_ref: BaseRef
    base: Base | None
    phase: str
    environment: str | None
    gates: tuple[PlannedGate, ...]
    not_applicable: tuple[NotApplicable, ...]
    partial: bool
    paths: tuple[str, ...]
    project_environment: ProjectEnvironment
    toolkit: Toolkit
    config_file: str | None
    policy_digest: str
    baseline_file: str = "release-gate-baseline.jsonl"
    baseline_text: str | None = None
    dirty_is_error: bool = False
    templates: str | None = None
    origins: tuple[Origin, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
