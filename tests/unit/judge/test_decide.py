"""Evidence in, verdict out: every way in which evidence can be too little, and budgets."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from release_gate.judge.baseline import Baseline
from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for
from release_gate.judge.types import (
    DocketGate,
    GateResult,
    PolicyInputs,
    Report,
    State,
    Verdict,
)
from release_gate.model import (
    Budget,
    Collected,
    Examined,
    Limit,
    Limitation,
    Metric,
    PlannedTool,
    Problem,
    Severity,
    Skipped,
    ToolRun,
    percentage,
)
from support.judging import (
    INPUTS,
    SUBJECT,
    collected,
    docket,
    evidence,
    failed,
    finding,
    gate,
)

pytestmark = pytest.mark.unit

NAN = float("nan")
BANDIT = PlannedTool(name="bandit", version="1.9.4")


def judge_one(result: Collected, planned: DocketGate | None = None, **inputs: Any) -> GateResult:
    policy = PolicyInputs(effective_time=INPUTS.effective_time, **inputs)
    return decide(docket(planned or gate()), [result], policy).gates[0]


def ran(name: str = "bandit", version: str = "1.9.4", **changes: Any) -> ToolRun:
    return ToolRun(name=name, version=version, command=(name,), exit_code=0, **changes)


def run(*gates: DocketGate, results: list[Collected], **changes: Any) -> Report:
    return decide(docket(*gates, **changes), results, INPUTS)


def test_a_gate_that_read_something_and_found_nothing_passes() -> None:
    assert judge_one(collected()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"examined": Examined(unit="files", count=0)}, "nothing-examined"),
        ({"examined": Examined(unit="files", count=-1)}, "nothing-examined"),
        ({"examined": Examined(unit="files", count=2, planned=3)}, "not-examined"),
        (
            {
                "examined": Examined(
                    unit="files", count=2, skipped=(Skipped(what="a.py", reason="unparsable"),)
                )
            },
            "not-examined",
        ),
        ({"problems": (Problem(what="a.py does not parse"),)}, "evidence-not-whole"),
        (
            {
                "metrics": (
                    Metric(name="n", value=1, unit="x"),
                    Metric(name="n", value=2, unit="x"),
                )
            },
            "metric-twice",
        ),
    ],
)
def test_evidence_below_the_floor_is_an_error(changes: dict[str, Any], slug: str) -> None:
    result = judge_one(collected(**changes))
    assert (result.verdict, [problem.slug for problem in result.problems]) == (
        Verdict.ERROR,
        [slug],
    )


def test_what_the_configuration_leaves_out_by_name_is_no_error() -> None:
    skipped = Skipped(what="a.svg", reason="an image", allowed_by="default of skip")
    examined = Examined(unit="files", count=2, planned=3, skipped=(skipped,))
    assert judge_one(collected(examined=examined)).verdict is Verdict.PASS


def test_many_skipped_files_are_counted_and_a_few_are_named() -> None:
    skipped = tuple(Skipped(what=f"{n}.py", reason="unparsable") for n in range(40))
    result = judge_one(collected(examined=Examined(unit="files", count=1, skipped=skipped)))
    assert len(result.problems) == 6
    assert result.problems[-1].what == "not examined: 35 more files"


@pytest.mark.parametrize(
    ("tools", "verdict"),
    [
        ((), Verdict.ERROR),
        ((ran("ruff"),), Verdict.ERROR),
        ((ran(version="1.9.3"),), Verdict.ERROR),
        ((ran(version=""),), Verdict.ERROR),
        ((ran(), ran(version="1.9.3")), Verdict.ERROR),
        ((ran(),), Verdict.PASS),
        ((ran(version="1.8.0", home="project"),), Verdict.PASS),
    ],
)
def test_a_planned_tool_must_have_run_in_the_planned_version(
    tools: tuple[ToolRun, ...], verdict: Verdict
) -> None:
    assert judge_one(collected(tools=tools), gate(tools=(BANDIT,))).verdict is verdict


def test_no_evidence_is_an_error_with_the_gates_own_words() -> None:
    result = judge_one(failed(what="bandit printed nothing"))
    assert (result.verdict, result.reason) == (Verdict.ERROR, "bandit printed nothing")


def test_a_result_without_evidence_and_without_problem_is_an_error() -> None:
    assert judge_one(Collected(gate_id="security", evidence=None)).verdict is Verdict.ERROR


def test_a_result_with_evidence_and_a_problem_is_an_error() -> None:
    both = Collected(gate_id="security", evidence=evidence(), problem=Problem(what="died later"))
    assert judge_one(both).verdict is Verdict.ERROR


@pytest.mark.parametrize("results", [[], [collected(), collected()]])
def test_a_gate_needs_exactly_one_result(results: list[Collected]) -> None:
    report = run(results=results)
    assert (report.verdict, report.gates[0].verdict) == (Verdict.ERROR, Verdict.ERROR)


def test_a_result_of_a_gate_that_was_not_planned_is_an_error_of_the_run() -> None:
    report = run(results=[collected(), collected("lint")])
    assert report.verdict is Verdict.ERROR
    assert report.problems[0].slug == "foreign-gate"


def test_a_gate_planned_twice_is_an_error_of_the_run() -> None:
    report = run(gate(), gate(), results=[collected()])
    assert report.verdict is Verdict.ERROR
    assert [problem.slug for problem in report.problems] == ["gate-twice"]


def test_a_docket_without_gates_is_an_error() -> None:
    empty = docket(gates=())
    report = decide(empty, [], INPUTS)
    assert report.verdict is Verdict.ERROR
    assert "nothing is not a pass" in report.reason


def test_all_gates_skipped_is_an_error() -> None:
    report = run(gate(skip_reason="frozen until Monday"), results=[])
    assert (report.gates[0].verdict, report.verdict) == (Verdict.SKIPPED, Verdict.ERROR)


def test_a_skipped_gate_beside_a_passing_one_passes_and_says_why() -> None:
    report = run(gate(skip_reason="no code yet"), gate("lint"), results=[collected("lint")])
    assert report.verdict is Verdict.PASS
    assert report.gates[0].reason == "skipped by configuration: no code yet"


def test_an_expected_gate_that_does_not_apply_is_an_error() -> None:
    report = run(gate(inapplicable="no lock file"), gate("lint"), results=[collected("lint")])
    assert report.verdict is Verdict.ERROR
    assert "no lock file" in report.gates[0].reason


def test_a_gate_that_is_only_observed_never_decides() -> None:
    report = run(
        gate(enforce=False),
        gate("lint"),
        results=[collected(findings=(finding(),)), collected("lint")],
    )
    assert (report.gates[0].verdict, report.verdict) == (Verdict.FAIL, Verdict.PASS)


def test_only_observed_gates_are_no_pass() -> None:
    assert run(gate(enforce=False), results=[collected()]).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("severity", "verdict"),
    [
        (Severity.CRITICAL, Verdict.FAIL),
        (Severity.HIGH, Verdict.FAIL),
        (Severity.MEDIUM, Verdict.FAIL),
        (Severity.LOW, Verdict.FAIL),
        (Severity.UNKNOWN, Verdict.FAIL),
        (Severity.INFO, Verdict.PASS),
    ],
)
def test_by_default_a_new_finding_of_every_severity_but_info_blocks(
    severity: Severity, verdict: Verdict
) -> None:
    result = judge_one(collected(findings=(finding(severity=severity),)))
    assert result.verdict is verdict
    assert result.findings[0].enforced is (verdict is Verdict.FAIL)


@pytest.mark.parametrize(
    ("count", "verdict"), [(0, Verdict.PASS), (2, Verdict.PASS), (3, Verdict.FAIL)]
)
def test_a_budget_allows_that_many_and_no_more(count: int, verdict: Verdict) -> None:
    findings = tuple(finding(line=n, severity=Severity.MEDIUM) for n in range(count))
    planned = gate(budget=Budget(allowed={Severity.MEDIUM: 2, Severity.HIGH: 0}))
    assert judge_one(collected(findings=findings), planned).verdict is verdict


def test_unknown_and_high_share_one_budget() -> None:
    findings = (finding(line=1, severity=Severity.HIGH), finding(line=2, severity=Severity.UNKNOWN))
    planned = gate(budget=Budget(allowed={Severity.HIGH: 1, Severity.UNKNOWN: 1}))
    assert judge_one(collected(findings=findings), planned).verdict is Verdict.FAIL


def test_unknown_falls_under_the_limit_of_high_where_only_that_is_set() -> None:
    planned = gate(budget=Budget(allowed={Severity.HIGH: 0}))
    result = judge_one(collected(findings=(finding(severity=Severity.UNKNOWN),)), planned)
    assert result.verdict is Verdict.FAIL


def accept(*findings: Any, label: str = "accepted") -> Baseline:
    entries = tuple(
        entry_for("security", item, digest)
        for item, digest in zip(findings, fingerprints(findings), strict=True)
    )
    return Baseline(salt="s", entries=tuple(_labelled(entry, label) for entry in entries))


def _labelled(entry: Any, label: str) -> Any:
    return type(entry)(**{**{f: getattr(entry, f) for f in entry.__slots__}, "label": label})


def test_a_known_finding_does_not_block_and_is_shown() -> None:
    result = judge_one(collected(findings=(finding(),)), baseline=accept(finding()))
    assert (result.verdict, result.findings[0].state) == (Verdict.PASS, State.KNOWN)
    assert result.reason == "nothing new, 1 known"


def test_the_baseline_of_another_gate_excuses_nothing() -> None:
    result = judge_one(
        collected("lint", findings=(finding(),)), gate("lint"), baseline=accept(finding())
    )
    assert result.verdict is Verdict.FAIL


@pytest.mark.parametrize("label", ["accepted", "false-positive"])
def test_labels_that_excuse(label: str) -> None:
    result = judge_one(collected(findings=(finding(),)), baseline=accept(finding(), label=label))
    assert result.verdict is Verdict.PASS


def test_an_entry_confirmed_as_a_real_secret_fails_even_within_a_budget() -> None:
    result = judge_one(
        collected(findings=(finding(),)),
        gate(budget=Budget(allowed={Severity.HIGH: 99})),
        baseline=accept(finding(), label="confirmed"),
    )
    assert (result.verdict, result.findings[0].state) == (Verdict.FAIL, State.NEW)


def test_a_finding_that_always_blocks_cannot_be_accepted() -> None:
    always = finding(always_blocks=True, severity=Severity.INFO)
    result = judge_one(collected(findings=(always,)), baseline=accept(always))
    assert result.verdict is Verdict.FAIL


def test_entries_that_no_longer_occur_are_listed_as_fixed() -> None:
    result = judge_one(collected(), baseline=accept(finding()))
    assert [entry.rule_id for entry in result.fixed] == ["B602"]


def test_nothing_is_fixed_by_a_gate_that_did_not_see_everything() -> None:
    result = judge_one(
        collected(problems=(Problem(what="a.py does not parse"),)), baseline=accept(finding())
    )
    assert result.fixed == ()


def test_nothing_is_fixed_by_a_partial_run() -> None:
    report = decide(
        docket(partial=True),
        [collected()],
        PolicyInputs(effective_time=INPUTS.effective_time, baseline=accept(finding())),
    )
    assert report.gates[0].fixed == ()
    assert report.partial


@pytest.mark.parametrize(
    ("covered", "limit", "verdict"),
    [
        (160, "80", Verdict.PASS),
        (159, "80", Verdict.FAIL),
        (159, "79.5", Verdict.PASS),
        (159, "79.51", Verdict.FAIL),
    ],
)
def test_a_limit_is_compared_exactly_and_never_rounded(
    covered: int, limit: str, verdict: Verdict
) -> None:
    planned = gate(limits=(Limit(metric="coverage", at_least=Fraction(limit)),))
    metrics = (percentage("coverage", covered, 200),)
    assert judge_one(collected(metrics=metrics), planned).verdict is verdict


def test_an_upper_limit_is_included() -> None:
    planned = gate(limits=(Limit(metric="skipped", at_most=Fraction(4)),))
    four, five = (Metric(name="skipped", value=n, unit="tests") for n in (4, 5))
    assert judge_one(collected(metrics=(four,)), planned).verdict is Verdict.PASS
    result = judge_one(collected(metrics=(five,)), planned)
    assert (result.verdict, result.reason) == (Verdict.FAIL, "skipped misses its limit")


@pytest.mark.parametrize(
    "metrics",
    [
        (),
        (percentage("coverage", 0, 0),),
        (Metric(name="coverage", value=NAN, unit="%"),),
        (Metric(name="coverage", value=float("inf"), unit="%"),),
        (Metric(name="coverage", value=NAN, unit="%", ratio=(1, 2)),),
    ],
)
def test_a_metric_with_a_limit_that_is_missing_or_no_number_is_an_error(
    metrics: tuple[Metric, ...],
) -> None:
    planned = gate(limits=(Limit(metric="coverage", at_least=Fraction(0)),))
    assert judge_one(collected(metrics=metrics), planned).verdict is Verdict.ERROR


def test_an_optional_metric_may_be_absent_but_not_empty() -> None:
    planned = gate(limits=(Limit(metric="changed", at_least=Fraction(80), optional=True),))
    assert judge_one(collected(), planned).verdict is Verdict.PASS
    nan = (percentage("changed", 0, 0),)
    assert judge_one(collected(metrics=nan), planned).verdict is Verdict.ERROR


def test_a_metric_without_a_limit_is_shown_and_never_decides() -> None:
    result = judge_one(collected(metrics=(Metric(name="x", value=NAN, unit="s"),)))
    assert (result.verdict, result.metrics[0].met) == (Verdict.PASS, None)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("advisories-too-old", Verdict.INCONCLUSIVE), ("never-heard-of", Verdict.ERROR)],
)
def test_a_limitation_caps_the_verdict(name: str, verdict: Verdict) -> None:
    limits = (Limitation(name=name, detail="the data is of 2024"),)
    result = judge_one(collected(limitations=limits))
    assert (result.verdict, result.reason) == (verdict, "the data is of 2024")


def test_a_limitation_does_not_soften_a_failure() -> None:
    limits = (Limitation(name="advisories-too-old", detail="old"),)
    result = judge_one(collected(findings=(finding(),), limitations=limits))
    assert result.verdict is Verdict.FAIL


def test_evidence_that_is_not_whole_is_an_error_even_beside_findings_and_names_both() -> None:
    result = judge_one(
        collected(findings=(finding(),), problems=(Problem(what="b.py is cut off"),))
    )
    assert result.verdict is Verdict.ERROR
    assert result.reason == "b.py is cut off; besides, 1 new finding blocks"


@pytest.mark.parametrize(
    ("dirty", "is_error", "verdict"),
    [
        (True, True, Verdict.ERROR),
        (True, False, Verdict.PASS),
        (False, True, Verdict.PASS),
        (None, True, Verdict.PASS),
    ],
)
def test_a_dirty_tree_is_an_error_only_where_policy_says_so(
    dirty: bool | None, is_error: bool, verdict: Verdict
) -> None:
    subject = type(SUBJECT)(repository="orders", commit="c", dirty=dirty, tree="t")
    policy = PolicyInputs(effective_time=INPUTS.effective_time, dirty_is_error=is_error)
    assert decide(docket(subject=subject), [collected()], policy).verdict is verdict


def test_a_tree_that_changed_during_the_run_is_an_error_of_the_run() -> None:
    changed = (Problem(what="src/a.py changed while the gates ran"),)
    report = run(results=[collected()], changed_during_run=changed)
    assert report.verdict is Verdict.ERROR
    assert "src/a.py changed" in report.reason


def test_the_reason_of_a_run_names_one_changed_file_and_counts_the_rest() -> None:
    changed = tuple(Problem(what=f"{name}.so appeared") for name in "abc")
    report = run(results=[collected()], changed_during_run=changed)
    assert report.reason == "a.so appeared and 2 more"
    assert report.problems == changed


def test_the_reason_of_a_run_counts_what_blocks_and_what_could_not_be_judged() -> None:
    report = run(
        gate(),
        gate("lint"),
        gate("types"),
        results=[collected(findings=(finding(),)), failed("lint"), collected("types")],
    )
    assert report.reason == "1 gate blocks, 1 gate could not be judged"


def test_findings_are_sorted_new_first_then_by_severity_and_place() -> None:
    known = finding(rule_id="B101", severity=Severity.CRITICAL)
    low, high = finding(line=1, severity=Severity.LOW), finding(line=9)
    result = judge_one(collected(findings=(known, low, high)), baseline=accept(known))
    assert [item.finding for item in result.findings] == [high, low, known]


def test_a_finding_on_a_changed_line_says_that_it_came_with_the_change() -> None:
    result = judge_one(collected(findings=(finding(in_change=True),)))
    assert result.findings[0].since == "this change"


def test_the_same_inputs_give_the_same_report() -> None:
    arguments = (docket(), [collected(findings=(finding(),))], INPUTS)
    assert decide(*arguments) == decide(*arguments)


def test_the_effective_time_is_recorded() -> None:
    policy = PolicyInputs(effective_time=datetime(2027, 5, 6, tzinfo=UTC))
    assert decide(docket(), [collected()], policy).effective_time == "2027-05-06T00:00:00+00:00"
