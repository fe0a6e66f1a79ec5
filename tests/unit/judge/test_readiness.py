"""The readiness score: what each gate is worth, and what the minimums ask for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from release_gate.judge.decide import decide
from release_gate.judge.history import Release
from release_gate.judge.readiness import HELD, by_theme, evidence, kept, limits
from release_gate.judge.types import GateResult, JudgedMetric, PolicyInputs, Report, Verdict
from release_gate.model import Evidence, Metric, Problem, percentage
from release_gate.scores import ScoreRow, ScoreRules, Theme
from support.judging import INPUTS, collected, docket, finding, gate

pytestmark = pytest.mark.unit

KEY = ("1.9.0", "pre-release", "")


def result(gate_id: str, verdict: Verdict = Verdict.PASS, **more: Any) -> GateResult:
    said = "nothing new" if verdict is Verdict.PASS else "1 new finding blocks"
    return GateResult(
        gate_id=gate_id,
        kind=gate_id,
        title=gate_id,
        phase="pre-release",
        verdict=verdict,
        reason=said,
        **more,
    )


def rules(*rows: ScoreRow, minimum: int | None = None, **more: Any) -> ScoreRules:
    floor = None if minimum is None else Fraction(minimum)
    return ScoreRules(themes=(Theme(name="code", rows=rows, minimum=floor),), **more)


LINT = ScoreRow(gate="lint", points=10)
TESTS = ScoreRow(gate="tests", points=30)
COVERED = ScoreRow(
    gate="coverage", points=8, metric="lines", zero_at=Fraction(50), full_at=Fraction(90)
)


def coverage(part: int, whole: int = 100) -> GateResult:
    metric = percentage("lines", part, whole)
    return result("coverage", metrics=(JudgedMetric(metric=metric),))


def score(found: Evidence, name: str = "score") -> Fraction:
    return next(one for one in found.metrics if one.name == name).exact()


def test_passing_gates_earn_all_their_points() -> None:
    found = evidence(rules(LINT, TESTS), [result("lint"), result("tests")], (), KEY)
    assert score(found) == 100
    assert score(found, "score-code") == 100
    assert found.notes == ("100 % of 40 points",)
    assert found.tables == ()


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.PASS])
def test_every_other_verdict_earns_nothing(verdict: Verdict) -> None:
    found = evidence(rules(LINT, TESTS), [result("lint"), result("tests", verdict)], (), KEY)
    assert score(found) == 25


def test_rows_that_would_raise_it_most_come_first_with_the_reason() -> None:
    gates = [result("lint", Verdict.FAIL), result("tests", Verdict.ERROR), coverage(70)]
    (table,) = evidence(rules(LINT, TESTS, COVERED), gates, (), KEY).tables
    assert table.title == "What would raise the score most"
    assert table.rows == (
        ("code", "tests", "30", "error: 1 new finding blocks"),
        ("code", "lint", "10", "fail: 1 new finding blocks"),
        ("code", "coverage", "4", "lines is 70 %"),
    )


@pytest.mark.parametrize(
    ("part", "points"), [(0, 0), (50, 0), (70, 4), (90, 8), (100, 8), (51, Fraction(1, 5))]
)
def test_a_metric_earns_its_exact_share_between_the_two_values(part: int, points: Fraction) -> None:
    assert score(evidence(rules(COVERED), [coverage(part)], (), KEY)) == points / Fraction(8) * 100


def test_a_metric_for_which_less_is_better_is_turned_round() -> None:
    row = ScoreRow(
        gate="load", points=10, metric="p95", zero_at=Fraction(200), full_at=Fraction(100)
    )
    metrics = (JudgedMetric(metric=Metric(name="p95", value=125.0, unit="ms")),)
    found = evidence(rules(row), [result("load", metrics=metrics)], (), KEY)
    assert score(found) == 75


def test_a_metric_that_is_missing_or_no_number_earns_nothing_and_says_so() -> None:
    for judged, said in ((result("coverage"), "no metric lines"), (coverage(0, 0), "no value")):
        found = evidence(rules(COVERED), [judged], (), KEY)
        assert score(found) == 0
        assert said in found.tables[0].rows[0][3]


def test_gates_of_other_phases_are_left_out_and_named() -> None:
    found = evidence(rules(LINT, TESTS), [result("lint")], (), KEY)
    assert score(found) == 100
    assert found.examined.count == 1
    assert found.notes[1] == "30 points belong to gates of other phases"


def test_without_any_row_nothing_was_examined_and_there_is_no_score() -> None:
    found = evidence(rules(LINT), [], (), KEY)
    assert found.examined.count == 0
    assert not found.metrics[0].is_number


def test_minimums_become_limits_with_the_setting_that_they_come_from() -> None:
    found = limits(rules(LINT, minimum=80, hold=2))
    assert [(one.metric, one.at_least, one.origin) for one in found] == [
        ("score-code", Fraction(80), "score.themes.code.minimum"),
        (HELD, Fraction(2), "score.hold"),
    ]
    assert limits(rules(LINT)) == ()
    total = ScoreRules(themes=rules(LINT).themes, minimum=Fraction(70))
    assert [(one.metric, one.at_least) for one in limits(total)] == [("score", Fraction(70))]


RELEASE = Release(release="1.8.0", phase="pre-release", verdict="pass", kept=True, gates={})


def held(*history: Release, gates: tuple[GateResult, ...] = (), **more: Any) -> float:
    found = evidence(rules(LINT, hold=2, **more), gates or (result("lint"),), history, KEY)
    return next(one.value for one in found.metrics if one.name == HELD)


def test_this_release_and_those_before_it_that_held_are_counted() -> None:
    assert held() == 1
    assert held(RELEASE) == 2
    assert held(RELEASE, replace(RELEASE, release="1.8.1")) == 3
    assert held(replace(RELEASE, kept=False)) == 1
    assert held(replace(RELEASE, events=("rollback",))) == 1


def test_this_release_itself_and_other_phases_and_environments_are_not_counted_twice() -> None:
    assert held(replace(RELEASE, release="1.9.0")) == 1
    assert held(replace(RELEASE, phase="day-1")) == 1
    assert held(replace(RELEASE, environment="staging")) == 1


def test_a_release_that_fails_or_misses_a_minimum_holds_nothing() -> None:
    assert held(RELEASE, gates=(result("lint", Verdict.FAIL),)) == 0
    failing = (result("lint"), result("other", Verdict.FAIL))
    assert held(RELEASE, gates=failing) == 0
    assert held(RELEASE, gates=(result("lint"), result("other", Verdict.FAIL, enforce=False))) == 2
    half = rules(LINT, TESTS, minimum=80, hold=2)
    found = evidence(half, [result("lint"), result("tests", Verdict.SKIPPED)], (RELEASE,), KEY)
    assert next(one.value for one in found.metrics if one.name == HELD) == 0


def test_several_releases_without_a_history_cannot_be_judged() -> None:
    found = evidence(rules(LINT, hold=2), [result("lint")], None, KEY)
    assert [one.name for one in found.limitations] == ["no-history"]
    assert HELD not in [one.name for one in found.metrics]
    assert evidence(rules(LINT), [result("lint")], None, KEY).limitations == ()


def test_earlier_releases_are_shown_newest_first_with_their_events() -> None:
    older = replace(RELEASE, score=(7, 8), events=("rollback", "incident", "incident"))
    newer = replace(RELEASE, release="1.8.1", verdict="fail")
    (table,) = evidence(rules(LINT), [result("lint")], (older, newer), KEY).tables
    assert table.rows == (("1.8.1", "fail", "-", "0", "0"), ("1.8.0", "pass", "87.5 %", "1", "2"))


def test_exact_shares_go_into_the_history() -> None:
    metrics = (
        JudgedMetric(metric=percentage("score", 1, 3)),
        JudgedMetric(metric=percentage("score-a", 0, 0)),
        JudgedMetric(metric=Metric(name=HELD, value=1, unit="releases")),
    )
    gates = [result("lint"), result("readiness", metrics=metrics)]
    assert by_theme(gates) == {"score": (1, 3)}
    assert by_theme([result("lint")]) == {}


def run(*, hold: int = 1, minimum: int = 80, wrong: bool = False, **inputs: Any) -> Report:
    gates = (gate("lint"), gate("tests"))
    found = [collected("lint"), collected("tests", findings=(finding(),) if wrong else ())]
    policy = PolicyInputs(
        effective_time=INPUTS.effective_time,
        score=rules(LINT, TESTS, minimum=minimum, hold=hold),
        **inputs,
    )
    return decide(docket(*gates, last=("readiness",)), found, policy)


def test_a_missed_minimum_makes_a_run_fail_and_a_full_score_turns_none_green() -> None:
    assert run().verdict is Verdict.PASS
    report = run(wrong=True)
    assert [one.verdict for one in report.gates] == [Verdict.PASS, Verdict.FAIL, Verdict.FAIL]
    report = run(wrong=True, minimum=0)
    assert [one.verdict for one in report.gates] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]
    assert report.verdict is Verdict.FAIL


def test_a_score_that_has_to_hold_is_judged_with_the_history() -> None:
    assert run(hold=2).verdict is Verdict.INCONCLUSIVE
    assert run(hold=2, history=()).verdict is Verdict.FAIL
    assert run(hold=2, history=(RELEASE,)).verdict is Verdict.PASS


def test_a_release_that_only_has_not_been_held_for_long_enough_is_kept() -> None:
    first = run(hold=2, history=())
    assert first.verdict is Verdict.FAIL
    assert kept(first)
    assert not kept(run(wrong=True, minimum=0))
    assert not kept(run(minimum=100, wrong=True))
    assert not kept(replace(first, gates=()))
    assert not kept(replace(first, problems=(Problem(what="a dirty tree"),)))


def test_a_release_below_a_minimum_is_not_kept_although_all_gates_pass() -> None:
    theme = rules(COVERED, minimum=80)
    policy = PolicyInputs(effective_time=INPUTS.effective_time, score=theme)
    seen = collected("coverage", metrics=(percentage("lines", 60, 100),))
    report = decide(docket(gate("coverage"), last=("readiness",)), [seen], policy)
    assert [one.verdict for one in report.gates] == [Verdict.PASS, Verdict.FAIL]
    assert not kept(report)
