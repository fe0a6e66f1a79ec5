"""Budgets by severity, with and without a written mitigation for each finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.budgets import limited, within_budget
from release_gate.judge.types import JudgedFinding, State
from release_gate.model import Budget, Severity
from release_gate.policy import Match, Waiver, WaiverBook
from support.judging import finding

pytestmark = pytest.mark.unit

ZAP = Budget(
    allowed={Severity.CRITICAL: 0, Severity.HIGH: 0, Severity.MEDIUM: 2},
    mitigated=frozenset({Severity.MEDIUM}),
)


def judged(
    severity: Severity = Severity.MEDIUM, state: State = State.NEW, **changes: Any
) -> JudgedFinding:
    made = finding(severity=severity, always_blocks=changes.pop("always_blocks", False))
    values = {"fingerprint": "0" * 64, "enforced": state is State.NEW, **changes}
    return JudgedFinding(finding=made, state=state, **values)


def waived(waiver_id: str, severity: Severity = Severity.MEDIUM) -> JudgedFinding:
    return judged(severity, State.WAIVED, waiver_id=waiver_id)


def book(**mitigations: str) -> WaiverBook:
    """Waivers by id, each with its mitigation; one that says ``none`` is a false positive."""
    return WaiverBook(
        file="w.toml",
        waivers=tuple(
            Waiver(
                id=name,
                type="false-positive" if text == "none" else "fix-deferred",
                gate="security",
                match=Match(rule="B602", path="a.py"),
                reason="it is behind a wall of its own",
                mitigation="" if text == "none" else text,
                owner="a",
                approver="b",
                created=date(2026, 1, 1),
                expires=date(2026, 2, 1),
                max_severity=Severity.MEDIUM,
            )
            for name, text in mitigations.items()
        ),
    )


WALL = book(W1="a wall", W2="a moat", W3="a guard", W4="", W5="  ", W6="none")


def blocks(findings: Sequence[JudgedFinding], budget: Budget = ZAP) -> list[bool]:
    return [item.enforced for item in within_budget(budget, findings, WALL).findings]


def said(findings: Sequence[JudgedFinding], budget: Budget = ZAP) -> tuple[str, ...]:
    return within_budget(budget, findings, WALL).said


def test_two_mediums_with_a_mitigation_pass() -> None:
    assert blocks([waived("W1"), waived("W2")]) == [False, False]
    assert said([waived("W1"), waived("W2")]) == ()


def test_three_mediums_with_a_mitigation_all_block() -> None:
    three = [waived("W1"), waived("W2"), waived("W3")]
    assert blocks(three) == [True, True, True]
    assert said(three) == ("3 medium, 2 allowed with a mitigation",)
    over = within_budget(ZAP, three, WALL).findings[0]
    assert (over.state, over.waiver_id) == (State.NEW, None)
    assert over.waiver_note == "3 medium are more than the 2 that are allowed"


@pytest.mark.parametrize("waiver_id", ["W4", "W5"])
def test_of_two_mediums_the_one_without_a_mitigation_blocks(waiver_id: str) -> None:
    two = [waived("W1"), waived(waiver_id)]
    assert blocks(two) == [False, True]
    assert said(two) == ("1 medium without a mitigation",)
    assert within_budget(ZAP, two, WALL).findings[1].waiver_note == (
        f"{waiver_id} names no mitigation"
    )


def test_a_medium_without_a_waiver_blocks_although_there_is_room() -> None:
    (item,) = within_budget(ZAP, [judged()], None).findings
    assert item.enforced
    assert item.waiver_note == "the budget asks for a waiver with a mitigation"


def test_a_note_why_a_waiver_does_not_cover_it_is_kept() -> None:
    (item,) = within_budget(ZAP, [judged(waiver_note="W9: ended")], WALL).findings
    assert item.waiver_note == "W9: ended"


def test_acceptance_in_the_baseline_is_no_mitigation() -> None:
    (item,) = within_budget(ZAP, [judged(state=State.KNOWN)], WALL).findings
    assert (item.enforced, item.state) == (True, State.NEW)
    assert item.waiver_note == (
        "the baseline accepts it, and the budget asks for a waiver with a mitigation"
    )


def test_what_a_waiver_calls_a_false_positive_does_not_count() -> None:
    assert blocks([waived("W1"), waived("W2"), waived("W6")]) == [False, False, False]


def test_a_waiver_that_the_book_does_not_hold_mitigates_nothing() -> None:
    assert blocks([waived("W9")]) == [True]


def test_an_ordinary_budget_leaves_known_and_waived_findings_alone() -> None:
    budget = Budget()
    assert blocks([judged(state=State.KNOWN), waived("W4")], budget) == [False, False]


@pytest.mark.parametrize(
    ("count", "phrase"), [(2, ()), (3, ("3 medium, 2 allowed",)), (4, ("4 medium, 2 allowed",))]
)
def test_over_an_ordinary_budget_all_of_the_severity_block(
    count: int, phrase: tuple[str, ...]
) -> None:
    budget = Budget(allowed={Severity.MEDIUM: 2, Severity.LOW: 0})
    findings = [judged()] * count
    assert blocks(findings, budget) == [bool(phrase)] * count
    assert said(findings, budget) == phrase


def test_where_none_is_allowed_the_count_alone_says_it() -> None:
    assert said([judged(Severity.HIGH)]) == ()
    assert blocks([judged(Severity.HIGH)]) == [True]


def test_what_always_blocks_does_so_within_its_budget() -> None:
    budget = Budget(allowed={Severity.MEDIUM: 2})
    assert blocks([judged(), judged(always_blocks=True)], budget) == [False, True]


def test_an_ordinary_budget_adds_no_note() -> None:
    budget = Budget(allowed={Severity.MEDIUM: 1})
    for findings in ([judged(), judged()], [judged(always_blocks=True)]):
        after = within_budget(budget, findings, WALL).findings
        assert [(item.enforced, item.waiver_note) for item in after] == [(True, "")] * len(after)


def test_one_severity_over_its_budget_leaves_the_others_in_theirs() -> None:
    budget = Budget(allowed={Severity.MEDIUM: 1, Severity.LOW: 1})
    findings = [judged(), judged(), judged(Severity.LOW)]
    assert blocks(findings, budget) == [True, True, False]


@pytest.mark.parametrize("demanding", [Severity.HIGH, Severity.UNKNOWN])
def test_unknown_counts_as_high_where_a_mitigation_is_asked_for(demanding: Severity) -> None:
    budget = Budget(
        allowed={Severity.HIGH: 1, Severity.UNKNOWN: 2}, mitigated=frozenset({demanding})
    )
    one, two = waived("W1", Severity.HIGH), waived("W2", Severity.UNKNOWN)
    assert blocks([two], budget) == [False]
    assert blocks([one, two], budget) == [True, True]
    assert blocks([judged(Severity.UNKNOWN)], budget) == [True]


def test_what_the_budget_does_not_name_is_not_limited() -> None:
    assert limited(ZAP, Severity.UNKNOWN)
    assert limited(Budget(allowed={Severity.UNKNOWN: 1}), Severity.UNKNOWN)
    assert not limited(Budget(allowed={Severity.UNKNOWN: 1}), Severity.HIGH)
    assert not limited(ZAP, Severity.LOW)


@given(
    st.lists(st.tuples(st.sampled_from(Severity), st.sampled_from(State)), max_size=8),
    st.dictionaries(st.sampled_from(Severity), st.integers(0, 3)),
)
def test_law_a_budget_never_lets_more_pass_than_it_allows(
    drawn: list[tuple[Severity, State]], allowed: dict[Severity, int]
) -> None:
    findings = [judged(severity, state) for severity, state in drawn]
    after = within_budget(Budget(allowed=allowed), findings, None).findings
    counts = Counter(
        Severity.HIGH if item.finding.severity is Severity.UNKNOWN else item.finding.severity
        for item in after
        if item.state is State.NEW and not item.enforced
    )
    highs = [n for s, n in allowed.items() if s in {Severity.HIGH, Severity.UNKNOWN}]
    for severity, count in counts.items():
        limit = min(highs, default=0) if severity is Severity.HIGH else allowed.get(severity, 0)
        assert count <= limit
