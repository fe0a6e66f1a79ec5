"""What the judge is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from release_gate.checklists import ChecklistInputs
from release_gate.judge.baseline import Baseline, BaselineEntry
from release_gate.judge.history import Release
from release_gate.model import (
    NO_BASE,
    NO_SURROUNDINGS,
    Artifact,
    BaseRef,
    Budget,
    Examined,
    Fact,
    Finding,
    Leeway,
    Limit,
    Limitation,
    Metric,
    NotApplicable,
    PlannedTool,
    Problem,
    Ratchet,
    Subject,
    Suppression,
    Surroundings,
    Table,
    ToolRun,
)
from release_gate.policy import WaiverBook, WaiverPolicy
from release_gate.scores import ScoreRules
from release_gate.trust import JoinedReport, Need, PolicySource


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


class WaiverStatus(StrEnum):
    """Of a waiver in one run; only the first one covers anything."""

    IN_FORCE = "in-force"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    UNUSABLE = "unusable"
    CONFLICT = "conflict"
    TOO_MANY = "too-many"
    NOT_COVERING = "not-covering"
    NOT_NEEDED = "not-needed"
    NO_MATCH = "no-match"
    NOT_SEEN = "not-seen"


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
        ratchets: Metrics that may only get better.
        leeway: Days in which a newly published advisory does not block yet.
        limits: What its metrics must keep to.
        tools: Toolkit tools that must have run, in these versions.
        surroundings: What its evidence depends on, for the record.
    """

    gate_id: str
    kind: str
    title: str
    phase: str = "pre-release"
    skip_reason: str | None = None
    inapplicable: str | None = None
    enforce: bool = True
    budget: Budget = field(default_factory=Budget)
    ratchets: tuple[Ratchet, ...] = ()
    leeway: Leeway | None = None
    limits: tuple[Limit, ...] = ()
    tools: tuple[PlannedTool, ...] = ()
    surroundings: Surroundings = NO_SURROUNDINGS


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
        planned: Ids of all gates that the phase expects, also in a partial run.
        paths: What the run was narrowed to; empty: everything.
        needs: What must have passed before.
        policy: Where the policy in force was read from.
        unmet: What had to pass before and did not.
        last: Ids of the gates that judge the results of all others, in their order.
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
    planned: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    policy: PolicySource = field(default_factory=PolicySource)
    unmet: tuple[Problem, ...] = ()
    last: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyInputs:
    """Everything policy decides by, besides the docket and the evidence.

    Args:
        effective_time: The moment to judge at, aware.
        replayed: Whether that is another one than now.
        replay_is_error: Whether that cannot be judged (in CI).
        baseline: Accepted findings; ``None`` where there is no baseline file.
        dirty_is_error: Whether a dirty tree cannot be judged (the default in CI).
        policy_digest: SHA-256 over the configuration and policy files in force.
        renames: Old path by new path since the base, as git sees them.
        present: Paths of all files there are; ``None``: not known, so that none is gone.
        waivers: Exceptions; ``None`` where there is no file of them.
        waiver_policy: Who may approve them, and for how long.
        environment: Whose waivers hold, besides those for every environment.
        narrowed: Only some of the files were looked at: what does not occur may be there.
        checklist: Items and sign-offs; ``None`` where there is no checklist.
        local_times: The effective time in each time zone that the checklist names.
        score: What the readiness score is made of; ``None`` without one.
        history: Earlier releases, oldest first; ``None`` where none is kept.
    """

    effective_time: datetime
    replayed: bool = False
    replay_is_error: bool = False
    baseline: Baseline | None = None
    dirty_is_error: bool = False
    policy_digest: str = ""
    renames: dict[str, str] = field(default_factory=dict)
    present: frozenset[str] | None = None
    waivers: WaiverBook | None = None
    waiver_policy: WaiverPolicy = field(default_factory=WaiverPolicy)
    environment: str | None = None
    narrowed: bool = False
    checklist: ChecklistInputs | None = None
    local_times: Mapping[str, datetime] = field(default_factory=dict)
    score: ScoreRules | None = None
    history: tuple[Release, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedFinding:
    """A finding with its identity and what policy says of it.

    Args:
        finding: As the gate reported it.
        fingerprint: Hex SHA-256, version 1.
        state: New, known or waived.
        enforced: Whether it blocks.
        since: How long it has been there, for people; empty if not known.
        waiver_id: The waiver that covers it.
        waiver_note: Waivers that name it and do not cover it, and why; or empty.
        entry: What of the baseline accepts it; not stored.
    """

    finding: Finding
    fingerprint: str
    state: State
    enforced: bool
    since: str = ""
    waiver_id: str | None = None
    waiver_note: str = ""
    entry: BaselineEntry | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverUse:
    """What became of one waiver in a gate.

    Args:
        id: Of the waiver.
        status: Whether it holds; else the first thing that speaks against it.
        findings: How many findings it covers.
        note: What a reader should know: why it does not hold, when it ends; or empty.
        type: Why it is one.
        reason: As its owner wrote it.
        mitigation: What keeps the damage small meanwhile; or empty.
        owner: Whose it is.
        approver: Who allowed it.
        created: First day, UTC, ISO 8601.
        expires: Last day, UTC, ISO 8601.
        days_left: Days from the day judged at to the last one; below 0 once it has ended.
        tracking: Where the work on it is followed; or empty.
    """

    id: str
    status: WaiverStatus
    findings: int
    note: str = ""
    type: str = ""
    reason: str = ""
    mitigation: str = ""
    owner: str = ""
    approver: str = ""
    created: str = ""
    expires: str = ""
    days_left: int = 0
    tracking: str = ""


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
    data: tuple[Fact, ...] = ()
    surroundings: Surroundings = NO_SURROUNDINGS
    waivers: tuple[WaiverUse, ...] = ()


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
    planned: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    policy: PolicySource = field(default_factory=PolicySource)
    replayed: bool = False
    joined: tuple[JoinedReport, ...] = ()
