"""Which state every finding is in: new, or known by the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.budgets import limited
from release_gate.judge.matching import match
from release_gate.judge.types import DocketGate, JudgedFinding, PolicyInputs, State
from release_gate.model import Budget, Finding


def judged_findings(
    gate: DocketGate, findings: Sequence[Finding], inputs: PolicyInputs
) -> tuple[tuple[JudgedFinding, ...], tuple[BaselineEntry, ...]]:
    """Every finding with its state, and the baseline entries that no longer occur.

    Args:
        gate: What was planned.
        findings: What it found.
        inputs: What policy decides by.
    """
    entries = inputs.baseline.entries if inputs.baseline else ()
    matched = match(
        findings,
        [entry for entry in entries if entry.gate_id == gate.gate_id],
        inputs.renames,
        present=inputs.present,
    )
    judged = tuple(
        _judged(finding, digest, entry, gate.budget)
        for finding, digest, entry in zip(
            findings, matched.fingerprints, matched.entries, strict=True
        )
    )
    return judged, matched.fixed


def _judged(
    finding: Finding, digest: str, entry: BaselineEntry | None, budget: Budget
) -> JudgedFinding:
    """No baseline accepts a secret that somebody confirmed."""
    blocks = finding.always_blocks or (entry is not None and entry.label == "confirmed")
    state = State.NEW if blocks or entry is None else State.KNOWN
    return JudgedFinding(
        finding=replace(finding, always_blocks=blocks),
        fingerprint=digest,
        state=state,
        enforced=state is State.NEW and (blocks or limited(budget, finding.severity)),
        since="this change" if finding.in_change and state is State.NEW else "",
        entry=entry,
    )


def shown_order(item: JudgedFinding) -> tuple[int, int, str, int, int, str, str]:
    """Sort key: what blocks first, then the worst, then by place."""
    finding = item.finding
    return (
        list(State).index(item.state),
        finding.severity.rank,
        finding.path or "",
        finding.line or 0,
        finding.column or 0,
        finding.rule_id,
        item.fingerprint,
    )
