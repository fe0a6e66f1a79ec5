"""The verdict of one gate and the sentence that explains it, word by word."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from release_gate.judge.baseline import Baseline
from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.intervals import sentence
from release_gate.judge.limits import judged_metrics
from release_gate.judge.matching import entry_for
from release_gate.judge.outcome import first, gate_verdict
from release_gate.judge.states import judged_findings, shown_order
from release_gate.judge.types import JudgedFinding, JudgedMetric, PolicyInputs, State, Verdict
from release_gate.model import Limit, Limitation, Metric, Problem
from support.judging import INPUTS, finding, gate

pytestmark = pytest.mark.unit


def judged(state: State = State.NEW, *, enforced: bool = True) -> JudgedFinding:
    return JudgedFinding(finding=finding(), fingerprint="0" * 64, state=state, enforced=enforced)


def missed(name: str, origin: str = "") -> Any:
    metric = Metric(name=name, value=1, unit="x")
    limit = Limit(metric=name, at_least=Fraction(2), origin=origin)
    return judged_metrics([metric], [limit])[0]


A, B, C = (Problem(what=f"{name} is cut off") for name in "abc")
OLD = Limitation(name="advisories-too-old", detail="the data is old")
ODD = Limitation(name="never-heard-of", detail="odd")


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({}, Verdict.PASS, "nothing new"),
        ({"findings": [judged()]}, Verdict.FAIL, "1 new finding blocks"),
        ({"findings": [judged(), judged()]}, Verdict.FAIL, "2 new findings block"),
        (
            {"findings": [judged()], "over": ["1 low", "2 high"]},
            Verdict.FAIL,
            "1 new finding blocks (1 low; 2 high)",
        ),
        (
            {"findings": [judged()], "metrics": [missed("speed")], "failures": ["W1 is left"]},
            Verdict.FAIL,
            "1 new finding blocks, speed misses its limit, W1 is left",
        ),
        (
            {"metrics": [missed("speed", "ratchet: it was 2 before")]},
            Verdict.FAIL,
            "speed misses its limit (ratchet: it was 2 before)",
        ),
        ({"metrics": [missed("speed", "key x")]}, Verdict.FAIL, "speed misses its limit"),
        ({"problems": [A]}, Verdict.ERROR, "a is cut off"),
        (
            {"problems": [A, B], "findings": [judged()], "failures": ["W1 is left"]},
            Verdict.ERROR,
            "a is cut off and 1 more; besides, 1 new finding blocks, W1 is left",
        ),
        ({"limitations": [OLD]}, Verdict.INCONCLUSIVE, "the data is old"),
        ({"limitations": [ODD]}, Verdict.ERROR, "odd"),
        ({"limitations": [ODD, OLD]}, Verdict.ERROR, "odd"),
        ({"limitations": [OLD, ODD]}, Verdict.ERROR, "odd"),
        ({"limitations": [ODD], "failures": ["W1 is left"]}, Verdict.FAIL, "W1 is left"),
        (
            {"findings": [judged(State.KNOWN, enforced=False)] * 2},
            Verdict.PASS,
            "nothing new, 2 known",
        ),
        (
            {
                "findings": [
                    judged(State.WAIVED, enforced=False),
                    judged(State.KNOWN, enforced=False),
                ]
            },
            Verdict.PASS,
            "nothing new, 1 known, 1 waived",
        ),
    ],
)
def test_verdict_and_reason(changes: dict[str, Any], verdict: Verdict, reason: str) -> None:
    values: dict[str, Any] = {"findings": [], "metrics": [], "problems": [], "limitations": []}
    assert gate_verdict(**{**values, **changes}) == (verdict, reason)


def open_metric(name: str) -> JudgedMetric:
    metric = Metric(name=name, value=1, unit="ms", low=0.5, high=3, more=7)
    return JudgedMetric(
        metric=metric, limit=Limit(metric=name, at_most=Fraction(2), on_bounds=True)
    )


def test_metrics_that_are_not_settled_are_all_named() -> None:
    one, other = open_metric("p50"), open_metric("p95")
    verdict, reason = gate_verdict([], [one, other], [], [])
    assert verdict is Verdict.INCONCLUSIVE
    assert reason == f"{sentence(one, 'samples')}; {sentence(other, 'samples')}"
    assert "needs 7 more samples" in reason


def test_the_first_problem_is_named_and_the_others_counted() -> None:
    assert [first(some) for some in ([A], [A, B], [A, B, C])] == [
        "a is cut off",
        "a is cut off and 1 more",
        "a is cut off and 2 more",
    ]


def test_a_metric_that_is_no_number_keeps_its_limit_for_whoever_reads_it() -> None:
    metric = Metric(name="speed", value=float("nan"), unit="x")
    limit = Limit(metric="speed", at_least=Fraction(2))
    (judged_metric,) = judged_metrics([metric], [limit])
    assert judged_metric.metric is metric
    assert (judged_metric.limit, judged_metric.met) == (limit, None)


def test_what_shows_first() -> None:
    bare = finding(path=None, line=None, column=None)
    shown = shown_order(replace(judged(), finding=bare))
    assert shown == (0, 1, "", 0, 0, "B602", "0" * 64)
    placed = finding(path="a.py", line=3, column=5)
    assert shown_order(replace(judged(State.KNOWN), finding=placed)) == (
        1,
        1,
        "a.py",
        3,
        5,
        "B602",
        "0" * 64,
    )


@pytest.mark.parametrize(("in_change", "since"), [(True, "this change"), (False, ""), (None, "")])
def test_a_new_finding_says_whether_the_change_brought_it(
    in_change: bool | None, since: str
) -> None:
    (item,), gone = judged_findings(gate(), [finding(in_change=in_change)], INPUTS)
    assert (item.since, item.entry, gone) == (since, None, ())


def test_a_known_finding_names_its_entry_and_nothing_else(known_inputs: PolicyInputs) -> None:
    (item,), gone = judged_findings(gate(), [finding(in_change=True)], known_inputs)
    assert (item.state, item.since, gone) == (State.KNOWN, "", ())
    assert known_inputs.baseline is not None
    assert item.entry == known_inputs.baseline.entries[0]


def test_a_moved_file_is_known_by_the_list_of_files_of_the_run(known_inputs: PolicyInputs) -> None:
    moved = finding(path="new.py", message="said otherwise")
    here = replace(known_inputs, present=frozenset({"new.py"}))
    assert judged_findings(gate(), [moved], here)[0][0].state is State.KNOWN
    assert judged_findings(gate(), [moved], known_inputs)[0][0].state is State.NEW


@pytest.fixture
def known_inputs() -> PolicyInputs:
    entry = entry_for("security", finding(), fingerprint(finding()))
    return replace(INPUTS, baseline=Baseline(salt="s", entries=(entry,)))
