"""Who approved a change of policy."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from release_gate.judge.approvals import RuleBySigned
from release_gate.judge.fingerprints import fingerprint
from release_gate.model import Severity
from release_gate.policy import Author, Match, Waiver, WaiverBook, WaiverPolicy
from release_gate.trust import PolicySide, PolicySides, Ruling
from support.waiving import waiver

pytestmark = pytest.mark.unit

BEFORE = PolicySide(file="pyproject.toml", settings={"allow-dirty": False})
AFTER = PolicySide(file="pyproject.toml", settings={"allow-dirty": True})
SIDES = PolicySides(before=BEFORE, after=AFTER, trusted=BEFORE)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LEAD = "lead@example.invalid"
POLICY = WaiverPolicy(approvers={Severity.HIGH: (LEAD,)})


def ruled(*waivers: Waiver, now: datetime = NOON, signed: Any = None) -> Ruling:
    book = WaiverBook(file="release-gate-waivers.toml", waivers=waivers)
    return RuleBySigned(signed or {})(
        SIDES, waivers=book, waiver_policy=POLICY, environment=None, effective_time=now
    )


DIGEST = fingerprint(ruled().evidence.findings[0])


def approving(**changes: Any) -> Waiver:
    values = {
        "gate": "policy-change",
        "match": Match(fingerprint=DIGEST),
        "approver": LEAD,
        "expires": date(2026, 1, 20),
        **changes,
    }
    return waiver(**values)


def test_nobody_approves_by_default() -> None:
    assert not ruled().approved
    no_file = RuleBySigned({})(
        SIDES, waivers=None, waiver_policy=POLICY, environment=None, effective_time=NOON
    )
    assert not no_file.approved


def test_a_waiver_for_the_very_change_approves_it() -> None:
    ruling = ruled(approving())

    assert ruling.approved
    assert ruling.evidence.findings[0].message.endswith("(approved: waiver W-2026-001)")


@pytest.mark.parametrize(
    "changes",
    [
        {"gate": "security"},
        {"match": Match(fingerprint="0" * 64)},
        {"max_severity": Severity.LOW},
        {"approver": "nobody@example.invalid"},
        {"environments": ("live",)},
        {"authors": (Author(name="Lead", email=LEAD),)},
        {"authors": None},
    ],
)
def test_a_waiver_that_would_not_hold_elsewhere_does_not_hold_here(changes: dict[str, Any]) -> None:
    assert not ruled(approving(**changes)).approved


def test_a_waiver_ends_with_its_day() -> None:
    assert ruled(approving(), now=datetime(2026, 1, 20, 23, 59, tzinfo=UTC)).approved
    assert not ruled(approving(), now=datetime(2026, 1, 21, tzinfo=UTC)).approved


def test_two_waivers_for_one_change_approve_nothing() -> None:
    assert not ruled(approving(), approving(id="W-2026-002")).approved


def test_a_sign_off_approves_too() -> None:
    ruling = ruled(signed={DIGEST: "Lead"})

    assert ruling.approved
    assert "(approved: Lead)" in ruling.evidence.findings[0].message
