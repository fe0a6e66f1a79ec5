"""The plan: what the engine executes, exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from release_gate.api import AnyGate, Inputs, Origin
from release_gate.model import BaseRef, Budget, Leeway, NotApplicable, PlannedTool, Ratchet, Subject
from release_gate.plan.judging import Judging
from release_gate.policy import WaiverBook, WaiverPolicy
from release_gate.ports import Base, Project, ProjectEnvironment, Toolkit
from release_gate.trust import Need, PolicySource, Ruling


@dataclass(frozen=True, kw_only=True, slots=True)
class CommonSettings:
    """The keys that every gate's table may hold; parsed here, never by a kind.

    Args:
        phase: Phase the gate runs in.
        budget: Allowed new findings by severity (key ``max``).
        ratchets: Metrics that may only get better.
        leeway: Days in which a newly published advisory does not block yet.
        enforce: ``False``: shown, never decides.
        skip_reason: Set: the gate is skipped, for this reason.
        deadline_s: Seconds until the gate is ended.
    """

    phase: str
    budget: Budget = field(default_factory=Budget)
    ratchets: tuple[Ratchet, ...] = ()
    leeway: Leeway | None = None
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
        waivers: Exceptions, with who wrote them; ``None``: no file.
        waiver_policy: Who may approve them, and for how long.
        judging: What the gates are given that judge the results of all others.
        policy: Where the policy in force was read from.
        ruling: What is to be done about changes of policy; ``None``: nothing can change it.
        judges_policy: Whether the gate ``policy-change`` is part of this run.
        planned: Ids of all gates that the phase expects, also in a partial run.
        needs: What must have passed before.
        effective_time: The moment to judge at, where that is not now; aware.
        replay_is_error: Whether another moment than now cannot be judged at.
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
    waivers: WaiverBook | None = None
    waiver_policy: WaiverPolicy = field(default_factory=WaiverPolicy)
    judging: Judging = field(default_factory=Judging)
    policy: PolicySource = field(default_factory=PolicySource)
    ruling: Ruling | None = None
    judges_policy: bool = False
    planned: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    effective_time: datetime | None = None
    replay_is_error: bool = False
    dirty_is_error: bool = False
    templates: str | None = None
    origins: tuple[Origin, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
