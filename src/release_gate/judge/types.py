"""What the judge is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from release_gate.judge.baseline import Baseline, BaselineEntry
from release_gate.model import (
    NO_BASE,
    Artifact,
    BaseRef,
    Budget,
    Examined,
    Finding,
    Limit,
    Limitation,
    Metric,
    NotApplicable,
    PlannedTool,
    Problem,
    Subject,
    Suppression,
    Table,
    ToolRun,
)


class Verdict(StrEnum):
    """Of a gate and, but for ``skipped``, of a run."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


class State(StrEnum):
    """Of a finding, as policy sees it."""

    NEW = "new"
    KNOWN = "known"
    WAIVED = "waived"


@dataclass(frozen=True, kw_only=True, slots=True)
class DocketGate:
    """What policy knows of a gate before its evidence is read.

    Args:
        gate_id: Id in the configuration.
        kind: Kind of gate.
        title: One line for people.
        phase: Phase it runs in.
        skip_reason: Set where the configuration skips the gate on purpose.
        inapplicable: Set where an expected gate does not apply; makes it ``error``.
        enforce: ``False``: shown, never decides.
        budget: How many new findings are allowed.
        limits: What its metrics must keep to.
        tools: Toolkit tools that must have run, in these versions.
    """

    gate_id: str
    kind: str
    title: str
    phase: str = "pre-release"
    skip_reason: str | None = None
    inapplicable: str | None = None
    enforce: bool = True
    budget: Budget = field(default_factory=Budget)
    limits: tuple[Limit, ...] = ()
    tools: tuple[PlannedTool, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolInfo:
    """Who judged."""

    name: str
    version: str
    python: str
    platform: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Docket:
    """The plan, as far as policy needs it.

    Args:
        gates: Every gate of the phase that is expected.
        subject: What is judged.
        phase: Name of the phase.
        tool: Who judges.
        base: What differences were taken against.
        not_applicable: Gates left out by their own word, with the reason.
        partial: Only some of the expected gates were asked for.
        started_at: Wall clock at the start, UTC, ISO 8601.
        duration_s: Seconds by the monotonic clock.
        changed_during_run: Files that differ from the listing after the run, and whose doing.
        notes: Facts about the run for its readers (``adopting``, no git).
    """

    gates: tuple[DocketGate, ...]
    subject: Subject
    phase: str
    tool: ToolInfo
    base: BaseRef = NO_BASE
    not_applicable: tuple[NotApplicable, ...] = ()
    partial: bool = False
    started_at: str = ""
    duration_s: float = 0.0
    changed_during_run: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyInputs:
    """Everything policy decides by, besides the docket and the evidence.

    Args:
        effective_time: The moment to judge at, aware.
        baseline: Accepted findings; ``None`` where there is no baseline file.
        dirty_is_error: Whether a dirty tree cannot be judged (the default in CI).
        policy_digest: SHA-256 over the configuration and policy files in force.
        renames: Old path by new path since the base, as git sees them.
    """

    effective_time: datetime
    baseline: Baseline | None = None
    dirty_is_error: bool = False
    policy_digest: str = ""
    renames: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedFinding:
    """A finding with its identity and what policy says of it.

    Args:
        finding: As the gate reported it.
        fingerprint: Hex SHA-256, version 1.
        state: New, known or waived.
        enforced: Whether it counts towards the verdict.
        since: How long it has been there, for people; empty if not known.
        waiver_id: The waiver that covers it.
    """

    finding: Finding
    fingerprint: str
    state: State
    enforced: bool
    since: str = ""
    waiver_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedMetric:
    """A metric, its limit, and whether it keeps to it (``None``: no limit)."""

    metric: Metric
    limit: Limit | None = None
    met: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GateResult:
    """One gate's verdict with all that led to it."""

    gate_id: str
    kind: str
    title: str
    phase: str
    verdict: Verdict
    reason: str
    enforce: bool = True
    started_at: str = ""
    duration_s: float = 0.0
    cached: bool = False
    examined: Examined | None = None
    tools: tuple[ToolRun, ...] = ()
    findings: tuple[JudgedFinding, ...] = ()
    fixed: tuple[BaselineEntry, ...] = ()
    metrics: tuple[JudgedMetric, ...] = ()
    problems: tuple[Problem, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The whole result. Everything that anyone is shown is a view of it."""

    verdict: Verdict
    reason: str
    partial: bool
    subject: Subject
    base: BaseRef
    phase: str
    effective_time: str
    policy_digest: str
    tool: ToolInfo
    started_at: str
    duration_s: float
    expected: tuple[str, ...]
    not_applicable: tuple[NotApplicable, ...]
    gates: tuple[GateResult, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
