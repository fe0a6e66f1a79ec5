"""What each waiver covers in a stored report, and which nearly covers a finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.types import Report, WaiverStatus
from release_gate.judge.waiver_check import near_misses, standings
from release_gate.model import Severity
from release_gate.policy import Match, WaiverBook, WaiverPolicy
from support.judging import SUBJECT, collected, docket, finding
from support.waiving import LEAD, NOON, POLICY, inputs, judged, waiver

pytestmark = pytest.mark.unit


def report(*waivers: object, partial: bool = False) -> Report:
    found = [collected(findings=(finding(),))]
    return decide(docket(partial=partial), found, inputs(*waivers))  # type: ignore[arg-type]  # waivers come


def book(*waivers: object) -> WaiverBook:
    return WaiverBook(file="waivers.toml", waivers=waivers)  # type: ignore[arg-type]  # waivers come


def test_each_waiver_says_what_it_covers_in_the_report() -> None:
    other = waiver(id="W-2026-002", match=Match(rule="B1", path="src/x.py"))
    one, two = standings(book(waiver(), other), POLICY, report(), NOON)
    assert (one.use.status, one.covered) == (WaiverStatus.IN_FORCE, (fingerprint(finding()),))
    assert (two.use.status, two.covered) == (WaiverStatus.NO_MATCH, ())


def test_what_was_waived_in_the_report_is_looked_at_anew() -> None:
    done = report(waiver())
    later = datetime(2026, 2, 1, tzinfo=UTC)
    (one,) = standings(book(waiver()), POLICY, done, later)
    assert (one.use.status, one.covered) == (WaiverStatus.EXPIRED, ())
    (same,) = standings(book(waiver()), POLICY, done, NOON)
    assert same.use.status is WaiverStatus.IN_FORCE


def test_a_partial_report_shows_no_gap() -> None:
    other = waiver(match=Match(rule="B1", path="src/x.py"))
    (one,) = standings(book(other), POLICY, report(partial=True), NOON)
    assert one.use.status is WaiverStatus.NOT_SEEN


@pytest.mark.parametrize("there", [True, False])
def test_a_waiver_of_a_gate_that_was_not_judged_is_looked_at_by_itself(there: bool) -> None:
    stored = report() if there else None
    (one,) = standings(book(waiver(gate="lint")), POLICY, stored, NOON)
    assert one.use.status is WaiverStatus.NOT_SEEN
    assert one.use.note == "its gate is not in the last report"
    (bad,) = standings(book(waiver(gate="lint", owner=LEAD)), POLICY, stored, NOON)
    assert bad.use.status is WaiverStatus.UNUSABLE


def test_a_waiver_for_another_environment_is_looked_at_by_itself() -> None:
    (one,) = standings(book(waiver(environments=("staging",))), POLICY, report(), NOON)
    assert one.use.status is WaiverStatus.NOT_SEEN


def test_a_waiver_for_the_environment_of_the_report_covers() -> None:
    stored = replace(report(), subject=replace(SUBJECT, environment="staging"))
    (one,) = standings(book(waiver(environments=("staging",))), POLICY, stored, NOON)
    assert one.use.status is WaiverStatus.IN_FORCE


def why(*waivers: object, severity: Severity = Severity.HIGH, **changes: object) -> list[str]:
    given = inputs(*waivers, **changes)  # type: ignore[arg-type]  # waivers come
    return [
        f"{one.waiver.id}: {' | '.join(one.why)}"
        for one in near_misses(judged(severity=severity), "security", given)
    ]


def test_a_waiver_that_covers_is_no_near_miss() -> None:
    assert why(waiver()) == []


def test_without_waivers_none_is_near() -> None:
    assert why(waivers=None) == []


def test_a_waiver_that_shares_nothing_is_not_near() -> None:
    assert why(waiver(match=Match(rule="B1", path="src/x.py"))) == []
    assert why(waiver(gate="lint", match=Match(rule="B602", path="src/x.py"))) == []


def test_each_rule_that_fails_is_named() -> None:
    bad = waiver(
        match=Match(rule="B602", path="src/other.py"),
        expires=date(2026, 1, 14),
        owner=LEAD,
        max_severity=Severity.MEDIUM,
    )
    (said,) = why(bad)
    assert said.removeprefix("W-2026-001: ").split(" | ") == [
        "path is src/other.py, the finding's is src/orders/export.py",
        "it ended on 2026-01-14",
        "its approver lead@example.invalid is its owner",
        "it covers findings up to medium, and this one is high",
    ]


def test_the_nearest_comes_first() -> None:
    far = waiver(expires=date(2026, 1, 14), authors=None)
    near = waiver(id="W-2026-002", expires=date(2026, 1, 14))
    assert [one[:10] for one in why(far, near)] == ["W-2026-002", "W-2026-001"]


def test_gate_and_environment_are_rules_too() -> None:
    assert why(waiver(gate="lint")) == [
        "W-2026-001: it is for gate lint, and the finding is one of security"
    ]
    staging = waiver(environments=("staging",))
    assert why(staging) == [
        "W-2026-001: it is for staging alone, and this run was for no environment"
    ]
    assert why(staging, environment="staging") == []


def test_policy_and_finding_are_rules_too() -> None:
    assert "nobody who may approve" in why(waiver(), waiver_policy=WaiverPolicy())[0]
    assert "critical findings cannot be waived" in why(waiver(), severity=Severity.CRITICAL)[0]
