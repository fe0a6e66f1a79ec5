"""What is written down of a canary, as evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from release_gate.api import (
    Artifact,
    Evidence,
    Examined,
    Finding,
    Identity,
    Limitation,
    Metric,
    Problem,
    Severity,
    percentage,
)
from release_gate.subjects.canary.course import Ended, open_points, rounds_of
from release_gate.subjects.canary.doing import action_suite
from release_gate.subjects.canary.planned import CanaryPlan, trial
from release_gate.subjects.canary.record import (
    STATE_FILE,
    Decided,
    Record,
    Round,
    to_bytes,
)
from release_gate.subjects.canary.rules import requests_of
from release_gate.subjects.canary.tables import tables_of


def evidence_of(plan: CanaryPlan, record: Record, ended: Ended) -> Evidence:
    """The evidence of a canary or a watch.

    Args:
        plan: As settled.
        record: As written.
        ended: How it ended.
    """
    rounds = rounds_of(record.entries)
    return Evidence(
        examined=Examined(unit="transitions", count=len(record.entries)),
        findings=tuple(_findings(record, ended)),
        problems=tuple(_problems(plan, record, ended)),
        limitations=tuple(_limitations(plan, record, ended, rounds)),
        metrics=tuple(_metrics(plan, rounds)),
        tables=tuple(tables_of(plan, record, rounds)),
        artifacts=(_artifact(record),),
        notes=(_note(record, ended),),
    )


def by_hand(plan: CanaryPlan) -> str:
    """What a person has to do after a rollback that failed."""
    action = plan.settings.rollback
    if action is None:
        return "Roll back by hand."
    if action.by_hand:
        return action.by_hand
    check = action_suite(action, trial("rollback"), plan.acting).checks[0]
    shown = "; ".join(check.probe.shown(check.settings))
    return f"Roll back by hand, and look what is deployed. What failed was: {shown}"


def _note(record: Record, ended: Ended) -> str:
    if record.command == "watch" and ended.end == "promoted":
        return "every rule was clear over the whole time"
    return f"{ended.end}: {ended.reason}"


def _findings(record: Record, ended: Ended) -> Iterator[Finding]:
    if ended.end not in {"rolled-back", "tripped", "rollback-failed"}:
        return
    back = next(
        one for one in record.entries if isinstance(one, Decided) and one.choice == "roll-back"
    )
    done = {
        "rolled-back": "rolled back",
        "tripped": "there is no rollback to run",
        "rollback-failed": "the rollback failed",
    }[ended.end]
    yield Finding(
        tool="release-gate",
        rule_id="canary-" + back.rule.partition(" ")[0],
        severity=Severity.CRITICAL,
        message=f"step {back.step + 1}: {back.reason}; {done}",
        identity=Identity(kind="item", key=(record.command, back.rule)),
        fix="Mend the release, and roll it out again.",
        reproduce=f"release-gate {record.command} status"
        if record.command == "canary"
        else "release-gate watch",
        always_blocks=True,
    )


def _problems(plan: CanaryPlan, record: Record, ended: Ended) -> Iterator[Problem]:
    if ended.end == "rollback-failed":
        yield Problem(what=ended.reason, remedy=by_hand(plan), slug="rollback-failed")
    if ended.end == "promoted" and not rounds_of(record.entries):
        yield Problem(what="it was promoted without a round", slug="canary-without-rounds")


def _limitations(
    plan: CanaryPlan, record: Record, ended: Ended, rounds: tuple[Round, ...]
) -> Iterator[Limitation]:
    if ended.end == "held":
        step = sum(isinstance(one, Decided) and one.choice == "promote" for one in record.entries)
        still = open_points(plan.settings, min(step, len(plan.settings.steps) - 1), rounds)
        open_ = f"; still open: {'; '.join(still)}" if still else ""
        yield Limitation(name="canary-held", detail=f"held: {ended.reason}{open_}")
    for name, detail in sorted({pair for one in rounds for pair in one.limitations}):
        yield Limitation(name=name, detail=detail)


def _metrics(plan: CanaryPlan, rounds: tuple[Round, ...]) -> Iterator[Metric]:
    if not rounds:
        return
    failed = sum(not one.canary.passed for one in rounds)
    yield percentage("failed-rounds", failed, len(rounds))
    asked, bad, unknown = requests_of(plan.settings, rounds)
    if not unknown and asked:
        yield percentage("failed-requests", bad, asked)


def _artifact(record: Record) -> Artifact:
    content = to_bytes(record)
    return Artifact(
        path=STATE_FILE,
        media_type="application/json",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
