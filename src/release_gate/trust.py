"""Where policy was read from, and what a change does to it: values of the plan and the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, Protocol

from release_gate.checklists import ChecklistInputs
from release_gate.model import Evidence
from release_gate.policy import WaiverBook, WaiverPolicy

POLICY_CHANGE = "policy-change"
CHECKLIST = "checklist"
READINESS = "readiness"
"""Id and kind of the gate that shows changes of policy; no configuration names it."""

PolicyMode = Literal["base", "approved", "adopting", "head"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySource:
    """Where the policy in force was read from.

    Args:
        mode: ``base``: from the trusted commit; ``approved``: from the head, each of its changes
            being approved; ``adopting``: from the head, since the trusted commit has none yet;
            ``head``: from the head, since there is no trusted commit.
        commit: The trusted commit; ``None`` without one.
        note: Which commit that is, or why there is none.
    """

    mode: PolicyMode = "head"
    commit: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Need:
    """What must have passed before a run counts.

    Args:
        kind: What is needed.
        name: Its name.
    """

    kind: Literal["phase", "environment"]
    name: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinedReport:
    """A report that went into another one.

    Args:
        name: Of its file.
        phase: Its phase.
        environment: Its environment, if one was chosen.
        started_at: UTC, ISO 8601.
        verdict: Its own.
        gates: Ids of the gates it brought; none if it was only needed.
    """

    name: str
    phase: str
    environment: str | None
    started_at: str
    verdict: str
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySide:
    """Everything that a verdict depends on besides the code, at one state of the files.

    Args:
        file: Where the configuration stands; ``None`` without one.
        settings: The configuration's values, as TOML gives them.
        gates: Kind of each gate that may run, by id; empty text for kinds that are not built in.
        baseline: Text of the baseline; ``None`` without one.
        waivers: Text of the file of waivers; ``None`` without one.
        baseline_file: What messages call the baseline.
        tools: Settings of the tools themselves, by where they stand.
        files: Digest of each gate file and template, by path.
        lost: Why a gate does not apply, by its id; only of those that once did.
        has_checklist: Whether there is a checklist, which asks for its gate by itself.
    """

    file: str | None = None
    settings: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    gates: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    baseline: str | None = None
    waivers: str | None = None
    baseline_file: str = "release-gate-baseline.jsonl"
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: NOTHING)
    files: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    lost: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    has_checklist: bool = False

    @property
    def is_there(self) -> bool:
        """Whether there is any policy of the project's own."""
        texts = (self.file, self.baseline, self.waivers)
        return self.has_checklist or any(one is not None for one in texts)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySides:
    """The policy before a change and after it.

    Args:
        before: Where the change began.
        after: The files as they are judged.
        trusted: The policy of the trusted commit; the same as ``before`` unless that went on.
    """

    before: PolicySide
    after: PolicySide
    trusted: PolicySide


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What is to be done about changes of policy.

    Args:
        evidence: One finding for each of them.
        approved: Whether every change that needs approval has it.
        changed: Whether there is any change at all.
    """

    evidence: Evidence
    approved: bool
    changed: bool


class Rule(Protocol):
    """Rules on changes of policy; the judge's, handed to the plan."""

    def __call__(
        self,
        sides: PolicySides,
        *,
        waivers: WaiverBook | None,
        waiver_policy: WaiverPolicy,
        environment: str | None,
        effective_time: datetime,
        approvals: ChecklistInputs | None = None,
    ) -> Ruling:
        """What is to be done about them.

        Args:
            sides: The policy before, after, and of the trusted commit.
            waivers: Of the trusted commit; ``None`` without any.
            waiver_policy: Of the trusted commit.
            environment: The chosen environment.
            effective_time: The moment to judge at, aware.
            approvals: Sign-offs, and the checklist of the trusted commit that says whose count.

        Raises:
            BaselineError: If a baseline cannot be read.
        """
