"""Sign-offs: who may say go, for what, and whether enough of them did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.checklists import (
    Checklist,
    ChecklistInputs,
    Item,
    Manual,
    Signed,
    SignOff,
    change_name,
    file_name,
    subject_name,
)
from release_gate.judge.sign_offs import ItemState, answer, approved_changes, manual_answers
from release_gate.model import ArtifactDigest
from support.judging import SUBJECT

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = "tree:now"
GO, NO_GO, OPEN, VOID, OVERDUE = (
    ItemState.GO,
    ItemState.NO_GO,
    ItemState.OPEN,
    ItemState.VOID,
    ItemState.OVERDUE,
)


def signed(who: str = "ann@example.com", **changes: Any) -> Signed:
    proof = changes.pop("proof", "commit")
    doubt = changes.pop("doubt", "")
    values: dict[str, Any] = {
        "item": "review",
        "decision": "go",
        "who": who,
        "via": "git",
        "at": NOW - timedelta(hours=1),
        "subject": HERE,
    }
    return Signed(sign_off=SignOff(**{**values, **changes}), proof=proof, doubt=doubt)


def inputs(*given: Signed, authors: frozenset[str] = frozenset(), **people: Any) -> ChecklistInputs:
    return ChecklistInputs(
        checklist=Checklist(people=people), signed=given, authors=authors, subject=HERE
    )


def state(*given: Signed, manual: Manual | None = None, **more: Any) -> ItemState:
    return answer("review", manual or Manual(), inputs(*given, **more), NOW).state


def test_one_go_is_enough_where_one_is_asked_for() -> None:
    found = answer("review", Manual(), inputs(signed()), NOW)
    assert (found.state, found.said) == (GO, "ann@example.com on 2026-03-01")
    assert found.at == NOW - timedelta(hours=1)


def test_nothing_signed_is_open_and_says_how_many_are_missing_and_by_whom() -> None:
    manual = Manual(approvers=2, people=("ann@example.com", "bob@example.com"))
    found = answer("review", manual, inputs(), NOW)
    assert found.state is OPEN
    assert found.said == "2 sign-offs missing by ann@example.com, bob@example.com"


def test_the_same_person_twice_is_one_approver() -> None:
    two = Manual(approvers=2)
    again = signed(at=NOW)
    assert state(signed(), again, manual=two) is OPEN
    assert state(signed(), signed("Ann@Example.com"), manual=two) is OPEN
    assert state(signed(), signed("bob@example.com"), manual=two) is GO


def test_two_identities_of_one_person_are_one_approver() -> None:
    two = Manual(approvers=2)
    both = (signed(), signed("github:annie"))
    assert state(*both, manual=two) is GO
    assert state(*both, manual=two, ann=("ann@example.com", "github:annie")) is OPEN


@pytest.mark.parametrize(
    "changes",
    [
        {"proof": "none", "doubt": "its line is by eve"},
        {"at": NOW + timedelta(seconds=1)},
        {"subject": "tree:before"},
        {"item": "other"},
    ],
)
def test_a_sign_off_without_proof_from_the_future_or_about_something_else_does_not_count(
    changes: dict[str, Any],
) -> None:
    assert state(signed(**changes)) is not GO


def test_why_a_sign_off_does_not_count_is_said() -> None:
    found = answer("review", Manual(), inputs(signed(proof="none", doubt="eve wrote it")), NOW)
    assert found.said == "1 sign-off missing; ann@example.com does not count: eve wrote it"


def test_an_author_of_what_is_judged_cannot_sign_it_under_any_identity() -> None:
    authors = frozenset({"ann@example.com"})
    assert state(signed(), authors=authors) is OPEN
    annie = ("ann@example.com", "github:annie")
    assert state(signed("github:annie"), authors=authors, ann=annie) is OPEN
    assert state(signed("bob@example.com"), authors=authors) is GO
    noreply = frozenset({"123+ann@users.noreply.github.com"})
    assert state(signed("github:ann"), authors=noreply) is OPEN


def test_only_the_named_people_count_by_name_address_or_handle() -> None:
    bob = ("bob@example.com", "github:bobby")
    manual = Manual(people=("bob",))
    assert state(signed(), manual=manual, bob=bob) is OPEN
    assert state(signed("bob@example.com"), manual=manual, bob=bob) is GO
    assert state(signed("github:bobby"), manual=manual, bob=bob) is GO
    assert state(signed(), manual=Manual(people=("ann@example.com",))) is GO


def test_with_signature_asked_for_nothing_else_is_proof() -> None:
    manual = Manual(signature=True)
    assert state(signed(), manual=manual) is OPEN
    assert state(signed(proof="signature"), manual=manual) is GO


def test_one_no_go_stops_it_however_many_said_go() -> None:
    against = signed("bob@example.com", decision="no-go", comment="smells")
    found = answer("review", Manual(), inputs(signed(), against), NOW)
    assert (found.state, found.said) == (NO_GO, "bob@example.com said no-go: smells")


def test_the_later_word_of_a_person_takes_back_the_earlier() -> None:
    later = signed(at=NOW, decision="no-go")
    assert state(signed(), later) is NO_GO
    assert state(replace(later, sign_off=replace(later.sign_off, at=NOW)), signed()) is NO_GO
    assert state(signed(decision="no-go"), signed(at=NOW)) is GO


def test_nobody_takes_back_the_word_of_another_by_claiming_to_be_them() -> None:
    refused = signed(decision="no-go")
    forged = signed(at=NOW, proof="none", doubt="eve wrote it")
    assert state(refused, forged) is NO_GO


def test_a_rebuilt_release_voids_what_was_signed_before() -> None:
    found = answer("review", Manual(), inputs(signed(subject="tree:before")), NOW)
    assert found.state is VOID
    assert "another state of the release: sign it again" in found.said


def test_a_recurring_item_holds_for_its_days_whatever_the_release() -> None:
    manual = Manual(every_days=90)
    old = {"subject": "tree:before"}
    assert state(signed(at=NOW - timedelta(days=90), **old), manual=manual) is GO
    found = answer(
        "review", manual, inputs(signed(at=NOW - timedelta(days=90, seconds=1), **old)), NOW
    )
    assert found.state is OVERDUE
    assert found.said == "last on 2025-12-01, which is more than 90 days ago"
    assert state(manual=manual) is OPEN
    assert state(signed(proof="none", doubt="no"), manual=manual) is OPEN


FILES = {"migrations/0001.py": "a1", "migrations/0002.py": "b2"}


def about(path: str, digest: str, **changes: Any) -> Signed:
    return signed(subject=file_name(path, digest), **changes)


def test_each_file_is_signed_by_its_own_digest() -> None:
    manual = Manual(files=FILES)
    first, second = (about(path, digest) for path, digest in FILES.items())
    assert state(first, second, manual=manual) is GO
    found = answer("review", manual, inputs(first), NOW)
    assert (found.state, found.said) == (OPEN, "migrations/0002.py: 1 sign-off missing")
    changed = about("migrations/0002.py", "other")
    assert state(first, changed, manual=manual) is OPEN
    refused = about("migrations/0002.py", "b2", decision="no-go", who="bob@example.com")
    assert state(first, second, refused, manual=manual) is NO_GO
    none = answer("review", manual, inputs(), NOW)
    assert none.said == "migrations/0001.py and 1 more: 1 sign-off missing"


def test_patterns_that_match_no_file_are_open_unless_only_changed_files_are_meant() -> None:
    assert state(manual=Manual(files={})) is OPEN
    found = answer("review", Manual(files={}, changed_only=True), inputs(), NOW)
    assert (found.state, found.said) == (GO, "no such file changed")


def policy(*given: Signed, manual: Manual | None = None, **more: Any) -> ChecklistInputs:
    found = inputs(*given, **more)
    return replace(found, checklist=replace(found.checklist, policy=manual))


def change(digest: str, **changes: Any) -> Signed:
    return signed(item="policy-change", subject=change_name(digest), **changes)


def test_a_change_of_policy_is_approved_one_by_one_by_those_who_may() -> None:
    manual = Manual(people=("ann@example.com",))
    found = policy(change("f1"), manual=manual)
    assert approved_changes(found, ["f1", "f2"], NOW) == {"f1": "ann@example.com on 2026-03-01"}


def test_no_change_of_policy_is_approved_where_nobody_may_or_by_its_author() -> None:
    assert approved_changes(policy(change("f1")), ["f1"], NOW) == {}
    own = policy(change("f1"), manual=Manual(), authors=frozenset({"ann@example.com"}))
    assert approved_changes(own, ["f1"], NOW) == {}
    refused = policy(change("f1", decision="no-go"), manual=Manual())
    assert approved_changes(refused, ["f1"], NOW) == {}


def test_waiting_looks_at_the_items_of_the_phase_and_environment_that_people_sign() -> None:
    items = (
        Item(id="review", title="r", manual=Manual()),
        Item(id="later", title="l", phase="day-1", manual=Manual()),
        Item(id="there", title="t", environments=("production",), manual=Manual()),
        Item(id="automatic", title="a"),
    )
    base = inputs()
    given = replace(base, checklist=Checklist(items=items))
    found = manual_answers(given, (signed(),), phase="pre-release", environment=None, now=NOW)
    assert {name: one.state for name, one in found.items()} == {"review": GO}
    there = manual_answers(
        given, (signed(),), phase="pre-release", environment="production", now=NOW
    )
    assert {name: one.state for name, one in there.items()} == {"review": GO, "there": OPEN}


def test_a_release_is_named_by_its_artefacts_where_there_are_any_else_by_its_files() -> None:
    assert subject_name(SUBJECT) == "tree:t"
    built = tuple(ArtifactDigest(name=name, sha256=name * 2) for name in ("b", "a"))
    assert subject_name(replace(SUBJECT, artifacts=built)) == "artifacts:a=aa,b=bb"


people = st.sampled_from([f"{name}@example.com" for name in "abcd"])
words = st.builds(
    signed,
    people,
    decision=st.sampled_from(["go", "no-go"]),
    at=st.integers(-50, 5).map(lambda hours: NOW + timedelta(hours=hours)),
    proof=st.sampled_from(["commit", "none"]),
    subject=st.sampled_from([HERE, "tree:before"]),
)


@given(st.lists(words, max_size=8), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_lines_never_matters(
    given_words: list[Signed], count: int, random: Any
) -> None:
    manual = Manual(approvers=count)
    shuffled = list(given_words)
    random.shuffle(shuffled)
    first = answer("review", manual, inputs(*given_words), NOW)
    assert answer("review", manual, inputs(*shuffled), NOW) == first


@given(st.lists(words, max_size=8), st.integers(1, 3))
def test_go_needs_that_many_proven_people_and_nobody_against(
    given_words: list[Signed], count: int
) -> None:
    if state(*given_words, manual=Manual(approvers=count)) is GO:
        good = {
            one.sign_off.who
            for one in given_words
            if one.proof == "commit"
            and one.sign_off.subject == HERE
            and one.sign_off.at <= NOW
            and one.sign_off.decision == "go"
        }
        assert len(good) >= count
