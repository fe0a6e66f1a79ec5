"""What the views say, phrase by phrase."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from release_gate.judge.types import JudgedMetric, Verdict
from release_gate.model import (
    NO_BASE,
    Examined,
    Identity,
    Limit,
    Limitation,
    Metric,
    Problem,
    Severity,
    Skipped,
    Subject,
    Suppression,
    ToolRun,
    percentage,
)
from release_gate.report.view import Caps, build
from release_gate.report.view.gates import amount
from release_gate.report.view.metrics import comparison, metric_view
from release_gate.report.view.types import GateView

pytestmark = pytest.mark.unit


def only_gate(samples: SimpleNamespace, **changes: Any) -> GateView:
    verdict = changes.get("verdict", Verdict.PASS)
    run_verdict = Verdict.ERROR if verdict is Verdict.SKIPPED else verdict
    return build(samples.report(samples.gate("lint", **changes), verdict=run_verdict)).gates[0]


def judged(
    metric: Metric, *, at_least: Fraction | None = None, at_most: Fraction | None = None
) -> JudgedMetric:
    if at_least is None and at_most is None:
        return JudgedMetric(metric=metric)
    limit = Limit(metric=metric.name, at_least=at_least, at_most=at_most)
    if not metric.is_number:
        return JudgedMetric(metric=metric, limit=limit)
    value = metric.exact()
    met = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return JudgedMetric(metric=metric, limit=limit, met=met)


@pytest.mark.parametrize(
    ("metric", "bounds", "text"),
    [
        (percentage("c", 1049, 1200), {"at_least": 80}, "87.42 % ≥ 80 %"),
        (percentage("c", 19_999, 25_000), {"at_least": 80}, "79.996 % < 80 %"),
        (percentage("c", 4, 5), {"at_least": 80}, "80 % ≥ 80 %"),
        (percentage("c", 159, 200), {"at_least": 80}, "79.5 % < 80 %"),
        (percentage("c", 799_999, 1_000_000), {"at_least": 80}, "79.9999 % < 80 %"),
        (percentage("c", 99_999, 100_000), {}, "99.999 %"),
        (percentage("c", 1, 100_000), {}, "0.001 %"),
        (percentage("c", 0, 5), {"at_most": 0}, "0 % ≤ 0 %"),
        (percentage("c", 0, 0), {"at_least": 80}, "not a number, limit ≥ 80 %"),
        (percentage("c", 0, 0), {}, "not a number"),
        (Metric(name="m", value=3, unit="tests"), {"at_most": 2}, "3 tests > 2 tests"),
        (Metric(name="m", value=3, unit=""), {"at_least": 1, "at_most": 5}, "3 ≥ 1 and ≤ 5"),
        (Metric(name="m", value=0.1, unit="s"), {"at_least": 1, "at_most": 5}, "0.1 s < 1 s"),
        (Metric(name="m", value=math.inf, unit="s"), {"at_most": 1}, "not a number, limit ≤ 1 s"),
    ],
)
def test_a_metric_and_its_limit(metric: Metric, bounds: dict[str, int], text: str) -> None:
    assert text == comparison(judged(metric, **{k: Fraction(v) for k, v in bounds.items()}))


def test_a_limit_without_an_end_is_given_as_a_fraction() -> None:
    item = judged(Metric(name="m", value=0.33, unit=""), at_least=Fraction(1, 3))
    assert comparison(item) == "0.33 < 1/3"


def test_a_sampled_metric_says_how_sure_it_is() -> None:
    metric = Metric(name="rate", value=0.0, unit="%", n=600, low=0.0, high=0.5)
    view = metric_view(judged(metric, at_most=Fraction(1, 10)))
    assert (view.detail, view.mark) == ("n = 600, 95 % bounds 0 to 0.5", "met")
    nothing = judged(Metric(name="rate", value=math.nan, unit="%"), at_most=Fraction(1))
    assert metric_view(nothing).mark == "not compared"


@pytest.mark.parametrize(
    ("count", "unit", "text"),
    [
        (1, "files", "1 file"),
        (2, "files", "2 files"),
        (1, "dependencies", "1 dependency"),
        (1, "classes of glass", "1 classes of glass"),
        (1, "glass", "1 glass"),
        (12_345, "files", "12,345 files"),
    ],
)
def test_amounts(count: int, unit: str, text: str) -> None:
    assert text == amount(count, unit)


# One gate.


def test_a_pass_is_headed_by_its_percentage_or_by_what_it_read(samples: SimpleNamespace) -> None:
    tests = judged(Metric(name="failed", value=0, unit="tests"), at_most=Fraction(0))
    covered = judged(percentage("coverage", 4, 5), at_least=Fraction(80))
    assert only_gate(samples, metrics=(tests, covered)).headline == "80 % ≥ 80 %"
    assert only_gate(samples, metrics=(tests,)).headline == "96 files"


def test_a_fail_is_headed_by_what_is_new_else_by_the_missed_limit(samples: SimpleNamespace) -> None:
    missed = judged(percentage("coverage", 3, 5), at_least=Fraction(80))
    fail = {"verdict": Verdict.FAIL, "metrics": (missed,)}
    assert only_gate(samples, **fail).headline == "60 % < 80 %"
    both = {**fail, "findings": (samples.finding(), samples.finding(line=2))}
    assert only_gate(samples, **both).headline == "2 new findings"


@pytest.mark.parametrize(
    ("verdict", "symbol", "headline"),
    [
        (Verdict.ERROR, "‼", "could not judge"),
        (Verdict.INCONCLUSIVE, "?", "not enough to say"),
        (Verdict.SKIPPED, "-", "skipped"),
        (Verdict.PASS, "✔", "96 files"),
        (Verdict.FAIL, "✘", "nothing new"),
    ],
)
def test_symbols_and_words(
    verdict: Verdict, symbol: str, headline: str, samples: SimpleNamespace
) -> None:
    view = only_gate(samples, verdict=verdict)
    assert (symbol, headline) == (view.symbol, view.headline)


def test_a_pass_without_evidence_says_no_more_than_its_verdict(samples: SimpleNamespace) -> None:
    assert only_gate(samples, examined=None).headline == "pass"


def test_notes_say_what_was_reused_accepted_and_silenced(samples: SimpleNamespace) -> None:
    hidden = Suppression(tool="t", directive="noqa", path="a.py", line=1, since_base=True)
    view = only_gate(
        samples,
        examined=Examined(unit="files", count=96, reused=95),
        findings=(samples.known(), samples.known(state=samples.State.WAIVED, waiver_id="w")),
        suppressions=(hidden,),
        notes=("a note",),
    )
    assert view.notes == ("reused 95", "1 known, 1 waived", "1 new suppression", "a note")
    assert only_gate(samples, cached=True).notes[0] == "reused"


def test_suppressions_are_counted_against_the_base(samples: SimpleNamespace) -> None:
    def hidden(*, since_base: bool | None) -> Suppression:
        return Suppression(tool="t", directive="noqa", path="a.py", line=1, since_base=since_base)

    new = only_gate(samples, suppressions=(hidden(since_base=True), hidden(since_base=False)))
    assert new.suppressions == "2 comments hide findings in the source; 1 new since the base"
    assert new.new_suppressions.rows == (("noqa", "every rule", "a.py:1"),)
    unknown = only_gate(samples, suppressions=(hidden(since_base=None),))
    assert unknown.suppressions.endswith("there is no base to say which are new")
    assert unknown.new_suppressions.rows == ()


def test_what_was_left_out_is_listed_with_what_allows_it(samples: SimpleNamespace) -> None:
    skipped = (
        Skipped(what="a.py", reason="does not parse"),
        Skipped(what="b.py", reason="vendored", allowed_by="exclude"),
    )
    view = only_gate(samples, examined=Examined(unit="files", count=2, skipped=skipped))
    assert view.examined == "2 files, 2 skipped"
    assert view.left_out.rows == (
        ("a.py", "does not parse", "nothing: an error"),
        ("b.py", "vendored", "exclude"),
    )


def test_a_command_can_be_typed_again(samples: SimpleNamespace) -> None:
    run = ToolRun(
        name="t", version="1", command=("{python}", "-m", "t", "a b", "{tmp}/x"), exit_code=-9
    )
    tool = only_gate(samples, tools=(run,)).tools[0]
    assert (tool.command, tool.exit_code) == ("{python} -m t 'a b' {tmp}/x", "-9")


# Findings.


def test_the_gravest_stand_first(samples: SimpleNamespace) -> None:
    found = tuple(
        samples.finding(severity=severity, path=path, line=line, rule_id=f"{severity}{path}{line}")
        for severity, path, line in (
            (Severity.LOW, "a.py", 1),
            (Severity.UNKNOWN, "b.py", 1),
            (Severity.HIGH, "b.py", 9),
            (Severity.HIGH, "a.py", 10),
            (Severity.CRITICAL, None, None),
        )
    )
    view = only_gate(samples, verdict=Verdict.FAIL, findings=found)
    places = [item.place for item in view.blocking]
    assert places == ["", "a.py:10:5", "b.py:1:5", "b.py:9:5", "a.py:1:5"]


@pytest.mark.parametrize(
    ("changes", "base", "age"),
    [
        ({"in_change": True}, True, "new since origin/main (9d1e0fb)"),
        ({"in_change": True}, False, "new in this change"),
        ({"in_change": False, "since": ""}, True, "new here, on a line older than origin/main"),
        ({"in_change": False, "since": ""}, False, ""),
        ({"in_change": None, "since": ""}, True, ""),
        ({"in_change": None, "since": "2026-01-01"}, True, "since 2026-01-01"),
    ],
)
def test_the_age_of_a_finding(
    changes: dict[str, Any], base: bool, age: str, samples: SimpleNamespace
) -> None:
    gate = samples.gate("lint", verdict=Verdict.FAIL, findings=(samples.finding(**changes),))
    report = samples.report(gate, verdict=Verdict.FAIL)
    report = report if base else dataclasses.replace(report, base=NO_BASE)
    assert build(report).gates[0].blocking[0].age.startswith(age)
    assert bool(age) == bool(build(report).gates[0].blocking[0].age)


def test_an_excerpt_is_numbered_and_cut(samples: SimpleNamespace) -> None:
    text = "\n".join(["x" * 400, *(f"line {index}" for index in range(20))])
    one = samples.finding(excerpt=text, line=7)
    gate = samples.gate("lint", verdict=Verdict.FAIL, findings=(one,))
    report = samples.report(gate, verdict=Verdict.FAIL)
    lines = build(report, Caps(excerpt=3)).gates[0].blocking[0].excerpt
    assert [(line.number, len(line.text)) for line in lines[:3]] == [("7", 302), ("8", 6), ("9", 6)]
    assert lines[3].text == "… 18 more"


def test_a_secret_shows_no_excerpt_and_no_identity(samples: SimpleNamespace) -> None:
    secret = samples.finding(excerpt="", identity=Identity(kind="secret", key=("c0ffee" * 9,)))
    view = only_gate(samples, verdict=Verdict.FAIL, findings=(secret,))
    assert view.blocking[0].excerpt == ()
    assert "c0ffee" not in repr(view)


def test_every_gate_gets_a_few_before_the_gravest_fill_up(samples: SimpleNamespace) -> None:
    grave = samples.gate(
        "security",
        verdict=Verdict.FAIL,
        findings=tuple(samples.finding(line=index) for index in range(50)),
    )
    light = samples.gate(
        "lint",
        verdict=Verdict.FAIL,
        findings=tuple(samples.finding(line=i, severity=Severity.LOW) for i in range(50)),
    )
    run = build(samples.report(light, grave, verdict=Verdict.FAIL), Caps(blocking=10))
    assert [len(gate.blocking) for gate in run.gates] == [3, 7]
    assert [gate.more_blocking for gate in run.gates] == ["47 more", "43 more"]


# The run.


def sentences(report: Any) -> tuple[str, ...]:
    return build(report).sentences


def test_sentences_of_a_pass(samples: SimpleNamespace) -> None:
    assert sentences(samples.passing()) == (
        "Nothing blocks: 5 gates passed.",
        "Compared with origin/main (9d1e0fb), no finding is new.",
        (
            "Accepted as they are: 2 known in the baseline and 1 waived, the nearest ends in "
            "12 days (W-2026-001); 1 accepted before is gone."
        ),
    )


def test_sentences_of_a_fail(samples: SimpleNamespace) -> None:
    assert sentences(samples.failing()) == (
        (
            "2 gates block: security (1 new finding) and coverage (79.996 % < 80 %). "
            "1 gate could not be judged: dependencies "
            "(the advisory source answered for 0 of 61 packages)."
        ),
        "1 blocking finding, on a line changed since origin/main (9d1e0fb).",
        "Accepted as they are: 1 known in the baseline.",
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((True, True), "2 blocking findings, all on lines changed since origin/main (9d1e0fb)."),
        ((True, False), "2 blocking findings, 1 of them on lines changed since origin/main"),
        ((False, False), "2 blocking findings, none of them on a line changed since origin/main"),
        ((None, None), "2 blocking findings, not tied to lines, so not dated against origin/main"),
    ],
)
def test_since_when(lines: tuple[bool | None, ...], said: str, samples: SimpleNamespace) -> None:
    found = tuple(samples.finding(line=i, in_change=flag) for i, flag in enumerate(lines))
    gate = samples.gate("lint", verdict=Verdict.FAIL, findings=found)
    report = samples.report(gate, verdict=Verdict.FAIL)
    assert sentences(report)[1].startswith(said)
    alone = dataclasses.replace(report, base=NO_BASE)
    assert sentences(alone)[1] == "There is no base to compare with, so nobody can say since when."


def test_a_run_of_nothing_says_so(samples: SimpleNamespace) -> None:
    said = sentences(samples.nothing())
    assert said[0] == "No gate was judged: a run of nothing is not a pass."
    assert said[2] == "No finding is accepted as it is."


def test_many_gates_are_named_up_to_five(samples: SimpleNamespace) -> None:
    gates = [
        samples.gate(f"g{i}", verdict=Verdict.FAIL, findings=(samples.finding(),)) for i in range(7)
    ]
    said = sentences(samples.report(*gates, verdict=Verdict.FAIL))[0]
    assert said.startswith("7 gates block: g0 (1 new finding), g1")
    assert said.endswith("g4 (1 new finding) and 2 more.")


@pytest.mark.parametrize(
    ("subject", "about"),
    [
        ({"version": "1.8.0", "environment": "production"}, "for orders 1.8.0 to production"),
        ({"version": "1.8.0"}, "for orders 1.8.0"),
        ({"version": None, "commit": "3f2a91c0d4"}, "for orders @ 3f2a91c"),
        ({"version": None, "commit": None}, "for orders"),
    ],
)
def test_what_it_is_about(subject: dict[str, Any], about: str, samples: SimpleNamespace) -> None:
    values = {"repository": "orders", "commit": None, "dirty": None, "tree": "t", **subject}
    report = samples.report(samples.gate("lint"), subject=Subject(**values))
    assert about == build(report).about


def test_a_part_is_never_a_go(samples: SimpleNamespace) -> None:
    run = build(samples.partial())
    assert (
        run.answer,
        run.verdict,
        run.tone,
        run.exit_code,
    ) == ("PARTIAL PASS", "PARTIAL PASS", "partial", 0)
    said = "PARTIAL: only lint was asked for. This is no answer for the release."
    assert said == run.partial
    two = samples.report(samples.gate("lint"), samples.gate("types"), partial=True)
    assert build(two).partial.startswith("PARTIAL: only lint and types were asked for.")
    failed = dataclasses.replace(samples.failing(), partial=True)
    assert (build(failed).answer, build(failed).verdict) == ("NO-GO", "PARTIAL FAIL")


def test_facts_name_base_policy_time_and_judge(samples: SimpleNamespace) -> None:
    facts = {fact.label: fact.value for fact in build(samples.failing()).facts}
    assert facts["Compared with"] == "origin/main (9d1e0fb) (merge base with origin/HEAD)"
    assert facts["Judged by"] == "release-gate 0.1.0, Python 3.11.9, linux x86_64"
    assert f"sha256:{'ab' * 32}" == facts["Artefact orders-1.8.0-py3-none-any.whl"]
    assert facts["Commit"].endswith(", with uncommitted changes")
    assert {f.label: f.value for f in build(samples.skipped()).facts}[
        "Compared with"
    ] == "none (no base)"


def test_problems_keep_their_remedy_place_and_slug(samples: SimpleNamespace) -> None:
    problem = build(samples.unjudged()).gates[1].problems[1]
    assert (problem.place, problem.slug) == ("src/orders/broken.py", "not-examined")
    assert problem.remedy.startswith("Mend it")


def test_limitations_are_shown_with_their_name(samples: SimpleNamespace) -> None:
    view = only_gate(
        samples,
        verdict=Verdict.INCONCLUSIVE,
        limitations=(Limitation(name="tls-not-verified", detail="TLS was not verified"),),
        problems=(Problem(what="x"),),
    )
    assert view.limitations == ("TLS was not verified (tls-not-verified)",)
