"""What an update takes out of a baseline, and what it never does by itself."""

from __future__ import annotations

from typing import Any

import pytest

from release_gate.cli.updating import Growth, Reached, Update, tightened, updated
from release_gate.errors import UsageError
from release_gate.judge.baseline import Baseline, BaselineEntry, Mark
from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for
from release_gate.judge.types import PolicyInputs, Report
from release_gate.model import Collected, Finding, Identity, Metric, Problem, percentage
from support.judging import INPUTS, collected, docket, failed, finding, gate

pytestmark = pytest.mark.unit

GROWTH = Growth(reason="the old parser goes next month")
OLD, NEW, GONE = finding(), finding(rule_id="B101"), finding(rule_id="B310")
KEY = finding(rule_id="aws", identity=Identity(kind="secret", key=("h",)))


def accepted(*findings: Finding, gate_id: str = "security") -> tuple[BaselineEntry, ...]:
    pairs = zip(findings, fingerprints(findings), strict=True)
    return tuple(sorted(entry_for(gate_id, one, digest) for one, digest in pairs))


def report(old: Baseline, *results: Collected) -> Report:
    policy = PolicyInputs(effective_time=INPUTS.effective_time, baseline=old)
    return decide(docket(*[gate(one.gate_id) for one in results]), results, policy)


def update(
    old: Baseline, *results: Collected, growth: Growth | None = None, reached: Any = ()
) -> Update:
    return updated(old, report(old, *results), list(reached), growth)


def rules(baseline: Baseline) -> list[str]:
    return [one.rule_id for one in baseline.entries]


def test_what_no_longer_occurs_goes_and_what_is_new_does_not_come() -> None:
    old = Baseline(salt="s", entries=accepted(OLD, GONE), places=("abcabcabcabc g",))
    result = update(old, collected(findings=(OLD, NEW)))
    assert rules(result.baseline) == ["B602"]
    assert [one.rule_id for one in result.gone] == ["B310"]
    assert (result.added, result.unjudged) == ((), ())
    assert (result.baseline.salt, result.baseline.places) == ("s", ("abcabcabcabc g",))


def test_a_gate_that_could_not_be_judged_keeps_its_entries_and_the_others_lose_theirs() -> None:
    both = (*accepted(GONE), *accepted(GONE, gate_id="lint"))
    result = update(Baseline(salt="s", entries=both), failed(), collected("lint"))
    assert [one.gate_id for one in result.baseline.entries] == ["security"]
    assert result.unjudged == (("security", "bandit printed nothing"),)


def test_evidence_that_is_not_whole_takes_nothing_out() -> None:
    old = Baseline(salt="s", entries=accepted(GONE))
    result = update(old, collected(problems=(Problem(what="a.py does not parse"),)))
    assert result.baseline == old


def test_entries_of_gates_that_were_not_asked_stay() -> None:
    old = Baseline(salt="s", entries=accepted(GONE, gate_id="lint"))
    assert update(old, collected()).baseline == old


def test_what_is_new_is_accepted_only_with_a_reason_that_stands_in_its_line() -> None:
    old = Baseline(salt="s", entries=accepted(OLD))
    result = update(old, collected(findings=(OLD, NEW)), growth=GROWTH)
    assert [(one.rule_id, one.reason) for one in result.baseline.entries] == [
        ("B101", GROWTH.reason),
        ("B602", ""),
    ]
    assert [one.rule_id for one in result.added] == ["B101"]


def test_a_new_secret_is_accepted_as_an_audited_false_positive_only() -> None:
    empty = Baseline(salt="s")
    with pytest.raises(UsageError, match="may be a real secret") as caught:
        update(empty, collected(findings=(KEY,)), growth=GROWTH)
    assert "--label false-positive" in caught.value.remedy
    audited = Growth(reason="made up for a test", label="false-positive")
    (entry,) = update(empty, collected(findings=(KEY,)), growth=audited).baseline.entries
    assert entry.label == "false-positive"


def test_a_confirmed_secret_stays_one_whatever_label_is_asked_for() -> None:
    confirmed = finding(identity=KEY.identity, always_blocks=True)
    audited = Growth(reason="made up for a test", label="false-positive")
    first = update(Baseline(salt="s"), collected(findings=(confirmed,)), growth=audited)
    assert [one.label for one in first.baseline.entries] == ["confirmed"]
    again = update(first.baseline, collected(findings=(confirmed,)), growth=audited)
    assert again.baseline == first.baseline


def mark(value: str, metric: str = "coverage", reason: str = "") -> Mark:
    return Mark(gate_id="security", metric=metric, value=value, reason=reason)


def reached(part: int | None, **changes: Any) -> Reached:
    metric = None if part is None else percentage("coverage", part, 200)
    values = {"gate_id": "security", "name": "coverage", "metric": metric, "better": "higher"}
    return Reached(**{**values, **changes})


@pytest.mark.parametrize(
    ("part", "growth", "marks"),
    [
        (161, None, [mark("80.5")]),
        (160, None, [mark("80")]),
        (159, None, [mark("80")]),
        (159, GROWTH, [mark("79.5", reason=GROWTH.reason)]),
        (161, GROWTH, [mark("80.5")]),
        (160, GROWTH, [mark("80")]),
        (None, GROWTH, [mark("80")]),
    ],
)
def test_a_ratchet_tightens_and_goes_back_only_with_a_reason(
    part: int | None, growth: Growth | None, marks: list[Mark]
) -> None:
    assert tightened([mark("80")], [reached(part)], growth) == tuple(marks)


def test_the_first_value_is_stored_as_it_is() -> None:
    lower = reached(159, better="lower")
    assert tightened([], [lower]) == (mark("79.5"),)


@pytest.mark.parametrize(
    "one",
    [
        reached(1, metric=Metric(name="coverage", value=float("nan"), unit="%")),
        reached(1, better=None),
    ],
)
def test_what_cannot_be_compared_changes_no_mark(one: Reached) -> None:
    assert tightened([mark("80")], [one]) == (mark("80"),)
    assert tightened([], [one]) == ()


def test_of_two_marks_that_a_merge_left_the_strictest_stays() -> None:
    assert tightened([mark("81.5"), mark("83")], [reached(160)]) == (mark("83"),)
    lower = reached(180, better="lower")
    assert tightened([mark("81.5"), mark("83")], [lower]) == (mark("81.5"),)


def test_marks_of_other_metrics_and_of_unjudged_gates_stay() -> None:
    other = mark("5", "tests-skipped")
    assert tightened([mark("80"), other], [reached(200)]) == (mark("100"), other)
    old = Baseline(salt="s", marks=(mark("80"),))
    assert update(old, failed(), reached=[reached(200)]).baseline.marks == (mark("80"),)
    now = update(old, collected(), reached=[reached(200)])
    assert (now.baseline.marks, now.marks) == ((mark("100"),), (mark("100"),))
