"""Two reports: which verdicts differ, and what is named as the first cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from release_gate.judge.compare import CauseKind, Comparison, compare
from release_gate.judge.decide import decide
from release_gate.judge.types import Report, ToolInfo, Verdict
from release_gate.model import BaseRef, Fact, Surroundings, ToolRun
from support.judging import INPUTS, SUBJECT, collected, docket, finding, gate

pytestmark = pytest.mark.unit

TOOL = ToolInfo(name="release-gate", version="1.0", python="3.12.1", platform="Linux x86_64")
RUFF = ToolRun(name="ruff", version="0.17.5", command=("ruff",), exit_code=0)


def report(
    *, wrong: bool = False, tools: tuple[ToolRun, ...] = (RUFF,), **of_the_gate: Any
) -> Report:
    found = (finding(),) if wrong else ()
    planned = gate(surroundings=Surroundings(files="aa"))
    seen = collected(findings=found, tools=tools)
    made = decide(docket(planned, tool=TOOL), [seen], INPUTS)
    return replace(made, gates=(replace(made.gates[0], **of_the_gate),), notes=())


def first_cause(first: Report, second: Report, **more: Any) -> tuple[CauseKind, str]:
    found = compare(first, second, **more)
    assert [one.gate_id for one in found.gates] == [first.gates[0].gate_id]
    cause = found.gates[0].causes[0]
    return cause.kind, cause.what


def test_equal_reports_are_the_same_and_name_nothing() -> None:
    found = compare(report(), report())
    assert found == Comparison(
        verdicts=(Verdict.PASS, Verdict.PASS),
        reasons=("1 gate passed", "1 gate passed"),
        gates=(),
        silent={},
    )
    assert found.same


def test_a_differing_gate_names_both_verdicts_and_the_findings_of_each_side() -> None:
    found = compare(report(), report(wrong=True))
    assert not found.same
    assert found.gates[0].verdicts == (Verdict.PASS, Verdict.FAIL)
    assert found.gates[0].only_first == ()
    assert found.gates[0].only_second == (f"{finding().rule_id} {finding().path}",)


def test_without_any_recorded_difference_the_cause_is_said_to_be_unknown() -> None:
    kind, what = first_cause(report(), report(wrong=True))
    assert kind is CauseKind.UNKNOWN
    assert "time, chance or a service" in what


def settings(value: str) -> Surroundings:
    return Surroundings(settings=(Fact(name="select", value=value),), files="aa")


def variables(*facts: Fact) -> Surroundings:
    return Surroundings(variables=facts, files="aa")


@pytest.mark.parametrize(
    ("first", "second", "kind", "what"),
    [
        pytest.param(
            {},
            {"tools": (replace(RUFF, version="0.18.0"),)},
            CauseKind.TOOL,
            "ruff: 0.17.5 in the first, 0.18.0 in the second",
            id="tool",
        ),
        pytest.param(
            {},
            {"tools": ()},
            CauseKind.TOOL,
            "ruff: 0.17.5 in the first, did not run in the second",
            id="tool that did not run",
        ),
        pytest.param(
            {"surroundings": settings("E")},
            {"surroundings": settings("ALL")},
            CauseKind.SETTINGS,
            "select: E in the first, ALL in the second",
            id="settings",
        ),
        pytest.param(
            {},
            {"surroundings": Surroundings(files="bb")},
            CauseKind.FILES,
            "the files that it read differ",
            id="files",
        ),
        pytest.param(
            {"surroundings": variables()},
            {"surroundings": variables(Fact(name="RUFF_CONFIG", value="set (12ab)"))},
            CauseKind.VARIABLE,
            "RUFF_CONFIG: not set in the first, set (12ab) in the second",
            id="variable",
        ),
        pytest.param(
            {"data": (Fact(name="advisories", value="archive of 2026-10-01"),)},
            {"data": (Fact(name="advisories", value="archive of 2026-11-01"),)},
            CauseKind.DATA,
            "advisories: archive of 2026-10-01 in the first, archive of 2026-11-01 in the second",
            id="data",
        ),
    ],
)
def test_what_differs_for_the_gate_is_the_first_cause(
    first: dict[str, Any], second: dict[str, Any], kind: CauseKind, what: str
) -> None:
    assert first_cause(report(**first), report(wrong=True, **second)) == (kind, what)


@pytest.mark.parametrize(
    ("changes", "kind", "what"),
    [
        pytest.param(
            {"base": BaseRef(ref="main", commit="c" * 40)},
            CauseKind.BASE,
            "base: none in the first, cccccccccccc in the second",
            id="base",
        ),
        pytest.param(
            {"policy_digest": "d" * 64},
            CauseKind.POLICY,
            "configuration, baseline and waivers:",
            id="policy",
        ),
        pytest.param(
            {"tool": replace(TOOL, python="3.11.7")},
            CauseKind.PLATFORM,
            "Python: 3.12.1 in the first, 3.11.7 in the second",
            id="python",
        ),
        pytest.param(
            {"tool": replace(TOOL, platform="Darwin arm64")},
            CauseKind.PLATFORM,
            "system: Linux x86_64 in the first, Darwin arm64 in the second",
            id="system",
        ),
        pytest.param(
            {"tool": replace(TOOL, version="2.0")},
            CauseKind.TOOL,
            "release-gate: 1.0 in the first, 2.0 in the second",
            id="release-gate",
        ),
        pytest.param(
            {"effective_time": "2031-01-01T00:00:00+00:00"},
            CauseKind.TIME,
            "judged at:",
            id="time",
        ),
    ],
)
def test_what_differs_for_the_run_is_a_cause_of_every_differing_gate(
    changes: dict[str, Any], kind: CauseKind, what: str
) -> None:
    found, said = first_cause(report(), replace(report(wrong=True), **changes))
    assert found is kind
    assert said.startswith(what)


def test_causes_come_in_the_fixed_order() -> None:
    second = report(
        wrong=True,
        tools=(replace(RUFF, version="2"),),
        surroundings=Surroundings(
            settings=(Fact(name="a", value="1"),),
            variables=(Fact(name="V", value="set"),),
            files="bb",
        ),
        data=(Fact(name="d", value="1"),),
    )
    second = replace(
        second,
        base=BaseRef(ref="main", commit="c" * 40),
        policy_digest="d",
        tool=replace(TOOL, python="3.13.0"),
        effective_time="2031-01-01T00:00:00+00:00",
    )
    (gate_difference,) = compare(report(), second).gates
    order = [kind for kind in CauseKind if kind is not CauseKind.UNKNOWN]
    assert [one.kind for one in gate_difference.causes] == order


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"a.py": "1"}, {"a.py": "2"}, "a.py: other content"),
        ({"a.py": "1"}, {"a.py": "1", "b.py": "1"}, "b.py: only in the second"),
        ({"a.py": "1", "b.py": "1"}, {"a.py": "1"}, "b.py: only in the first"),
        ({"a.py": "1", "b.py": "1"}, {"c.py": "1"}, "a.py: only in the first, and 2 more"),
    ],
)
def test_with_both_listings_the_first_differing_file_is_named(
    before: dict[str, str], after: dict[str, str], said: str
) -> None:
    second = report(wrong=True, surroundings=Surroundings(files="bb"))
    name = second.gates[0].gate_id
    kind, what = first_cause(report(), second, listings=({name: before}, {name: after}))
    assert (kind, what) == (CauseKind.FILES, said)


def test_without_listings_the_commits_are_named() -> None:
    second = report(wrong=True, surroundings=Surroundings(files="bb"))
    second = replace(second, subject=replace(SUBJECT, commit="e" * 40, dirty=True))
    kind, what = first_cause(replace(report(), subject=replace(SUBJECT, commit=None)), second)
    assert (kind, what) == (CauseKind.FILES, "commit none and commit eeeeeeeeeeee with changes")


def test_a_recorded_difference_that_changed_no_verdict_is_told_apart() -> None:
    found = compare(report(), report(tools=(replace(RUFF, version="0.18.0"),)))
    assert found.same
    assert [one.kind for causes in found.silent.values() for one in causes] == [CauseKind.TOOL]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"policy_digest": "d"}, CauseKind.POLICY),
        ({"phase": "day-1"}, CauseKind.SETTINGS),
        ({"partial": True}, CauseKind.SETTINGS),
        ({"subject": replace(SUBJECT, environment="staging")}, CauseKind.SETTINGS),
        ({"subject": replace(SUBJECT, tree="other")}, CauseKind.FILES),
        ({}, CauseKind.UNKNOWN),
    ],
)
def test_a_gate_that_only_one_report_has_is_a_difference(
    changes: dict[str, Any], kind: CauseKind
) -> None:
    (found,) = compare(report(), replace(report(), gates=(), **changes)).gates
    assert found.verdicts == (Verdict.PASS, None)
    assert found.reasons[1] == "not in this report"
    assert found.causes[0].kind is kind


def test_runs_that_differ_without_a_differing_gate_are_not_the_same() -> None:
    found = compare(report(), replace(report(), verdict=Verdict.ERROR, reason="a dirty tree"))
    assert found.gates == ()
    assert not found.same
    assert found.reasons == ("1 gate passed", "a dirty tree")
