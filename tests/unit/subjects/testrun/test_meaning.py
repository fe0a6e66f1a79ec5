"""What a run and a measurement mean: problems, shortfalls, reach, shares."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.testrun import changes, findings, reach, share, text
from release_gate.subjects.testrun.config import CoverageConfig
from release_gate.subjects.testrun.events import CollectionError, Outcome, Test, TestRun
from release_gate.subjects.testrun.measured import MeasuredFile, Measurement, Summary
from release_gate.subjects.testrun.required import Required, shortfalls
from release_gate.subjects.testrun.scope import Scope

pytestmark = pytest.mark.unit


def run(**facts: Any) -> TestRun:
    tests = facts.pop("tests", (Test(id="t.py::a", outcome=Outcome.PASSED),))
    values: dict[str, Any] = {
        "tests": tests,
        "selected": frozenset(test.id for test in tests),
        "deselected": frozenset(),
        "skipped_modules": (),
        "collection_errors": (),
        "status": 0,
        "pytest": "9.0",
    }
    return TestRun(**{**values, **facts})


def said(record: TestRun, exit_code: int | None = None) -> list[str]:
    code = record.status if exit_code is None else exit_code
    return [problem.what for problem in findings.problems(record, code)]


def test_a_whole_run_has_no_problem() -> None:
    failed = (Test(id="t.py::a", outcome=Outcome.FAILED),)

    assert said(run()) == []
    assert said(run(tests=failed, status=1)) == []


@pytest.mark.parametrize(
    ("facts", "code", "expected"),
    [
        ({"tests": (), "status": 5}, 5, "no test was collected"),
        ({"status": 1}, 1, "pytest ended with status 1, but no test was reported as failed"),
        ({"status": 2}, 2, "pytest was interrupted before its end"),
        ({"status": 3}, 3, "pytest met an internal error"),
        ({"status": 4}, 4, "pytest was used wrongly"),
        ({"status": 5}, 5, "pytest collected no test"),
        ({"status": 77}, 77, "pytest ended with status 77, not a known one"),
        ({}, -11, "pytest left with exit -11, but its session ended with status 0"),
        ({}, 1, "pytest left with exit 1, but its session ended with status 0"),
        (
            {"selected": frozenset({"t.py::a", "t.py::b"})},
            0,
            "the run stopped early: 1 of 2 selected tests were not run",
        ),
        (
            {"tests": (), "deselected": frozenset({"t.py::a"}), "status": 5},
            5,
            "no test was run: all 1 were deselected",
        ),
        (
            {"tests": (), "skipped_modules": (("t.py", "no"),), "status": 0},
            0,
            "no test was run: all 1 were skipped",
        ),
    ],
)
def test_a_run_that_is_not_whole_says_why(facts: dict[str, Any], code: int, expected: str) -> None:
    assert said(run(**facts), code) == [expected]


def test_a_file_that_was_not_collected_is_named_once() -> None:
    broken = CollectionError(path="t.py", message="SyntaxError:\nbad")
    record = run(tests=(), collection_errors=(broken,), status=2, selected=frozenset({"u.py::a"}))
    (problem,) = findings.problems(record, 2)

    assert problem.what == "t.py could not be collected: SyntaxError: bad"
    assert (problem.path, problem.remedy) == ("t.py", "pytest t.py shows the whole error.")


def test_the_line_for_the_screen_counts_what_stands_out() -> None:
    tests = (
        Test(id="a", outcome=Outcome.PASSED, reruns=2),
        Test(id="b", outcome=Outcome.FAILED),
        Test(id="c", outcome=Outcome.SKIPPED),
        Test(id="d", outcome=Outcome.XFAILED),
    )
    record = run(tests=tests, deselected=frozenset({"e"}), skipped_modules=(("f", ""),))

    assert (
        findings.summary(record) == "3 tests, 1 failed, 2 skipped, 1 deselected, 1 xfailed, 1 rerun"
    )
    assert findings.summary(run()) == "1 test"


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        ("t.py", None),
        ("t.py::a", None),
        ("folder", None),
        ("folder/", None),
        ("t.py::case", None),
        ("t.p", "missing"),
        ("t.py::cas", "missing"),
        ("never.py", "not-run"),
        ("left.py", "deselected"),
        ("skip.py", "skipped"),
        ("fails.py", "not-passed"),
    ],
)
def test_a_named_test_is_found_by_whole_parts_of_its_name(wanted: str, rule: str | None) -> None:
    tests = (
        Test(id="t.py::a", outcome=Outcome.PASSED),
        Test(id="t.py::case[1]", outcome=Outcome.PASSED),
        Test(id="folder/u.py::a", outcome=Outcome.PASSED),
        Test(id="fails.py::a", outcome=Outcome.ERROR),
    )
    record = run(
        tests=tests,
        selected=frozenset({*(test.id for test in tests), "never.py::a"}),
        deselected=frozenset({"left.py::a"}),
        skipped_modules=(("skip.py", ""),),
    )
    found = shortfalls(record, [Required(id=wanted)])

    assert [shortfall.rule for shortfall in found] == ([rule] if rule else [])


def file(executed: int, missing: int) -> MeasuredFile:
    return MeasuredFile(
        executed_lines=tuple(range(1, executed + 1)),
        missing_lines=tuple(range(executed + 1, executed + missing + 1)),
        excluded_lines=(),
        summary=Summary(
            covered_lines=executed,
            num_statements=executed + missing,
            missing_lines=missing,
            excluded_lines=0,
        ),
    )


def measurement(*outside: str, **files: MeasuredFile) -> Measurement:
    named = {name.replace("__", "/") + ".py": measured for name, measured in files.items()}
    total = Summary(covered_lines=0, num_statements=0, missing_lines=0, excluded_lines=0)
    return Measurement(version="7", branch=False, files=named, outside=outside, totals=total)


def reached(
    found: Measurement, tmp_path: Path, config: CoverageConfig, source: tuple[str, ...] = ()
) -> list[str]:
    (tmp_path / "src").mkdir(exist_ok=True)
    scope = Scope(source=source, shipped=(), omitted=())
    return [problem.what for problem in reach.problems(found, config, scope, tmp_path)]


def test_packages_in_a_folder_are_looked_at_one_by_one(tmp_path: Path) -> None:
    found = measurement(
        src__used__a=file(1, 9),
        src__idle__a=file(0, 1),
        src__empty__a=file(0, 0),
        src__m=file(0, 1),
    )
    problems = reached(found, tmp_path, CoverageConfig(source=("src",)))

    assert problems == ["src/idle is to be measured and was never imported"]


def test_a_folder_that_is_a_package_counts_as_one(tmp_path: Path) -> None:
    init = {"src____init__": file(1, 0)}
    found = Measurement(
        version="7",
        branch=False,
        files={"src/__init__.py": init["src____init__"], "src/sub/a.py": file(0, 1)},
        outside=(),
        totals=Summary(covered_lines=1, num_statements=2, missing_lines=1, excluded_lines=0),
    )
    assert reached(found, tmp_path, CoverageConfig(folders=("src",))) == []


def test_a_package_is_found_by_its_dotted_name(tmp_path: Path) -> None:
    found = measurement(src__a__b__c=file(1, 0), src__a__d=file(0, 1))
    config = CoverageConfig(packages=("a.b", "a.d", "b.c", "a.x"))

    assert reached(found, tmp_path, config) == [
        "a.d is to be measured and was never imported",
        "a.x is to be measured and was never imported",
    ]


def test_files_outside_of_the_source_are_named(tmp_path: Path) -> None:
    found = measurement(src__p__a=file(1, 0), tests__t=file(1, 0))

    assert reached(found, tmp_path, CoverageConfig(), ("src",)) == [
        "measured, and outside of the source: 1 file (tests/t.py, …)"
    ]


def test_copies_elsewhere_are_named_without_their_folder(tmp_path: Path) -> None:
    found = measurement("/opt/lib/site-packages/p/a.py", src__p__b=file(1, 0))

    assert reached(found, tmp_path, CoverageConfig(source=("src",))) == [
        "not the checkout's: 1 measured file (a.py, …)"
    ]


def test_nothing_run_at_all_is_said_first(tmp_path: Path) -> None:
    found = measurement(src__p__a=file(0, 3))
    assert reached(found, tmp_path, CoverageConfig(source=("src",))) == [reach.NO_DATA]


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (159, 200, "79.50 %"),
        (19999, 25000, "79.99 %"),
        (7999999, 10000000, "79.99 %"),
        (1, 1, "100.00 %"),
        (999999, 1000000, "99.99 %"),
        (0, 5, "0.00 %"),
        (0, 0, "-"),
    ],
)
def test_a_share_is_never_shown_rounded_up(part: int, whole: int, expected: str) -> None:
    assert share.shown(part, whole) == expected


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_what_is_shown_is_never_above_the_share(counts: tuple[int, int]) -> None:
    part, whole = counts
    digits = share.shown(part, whole).removesuffix(" %").replace(".", "")
    assert int(digits) * whole <= part * 10_000 < (int(digits) + 1) * whole


@given(st.sets(st.integers(1, 60)))
def test_runs_of_lines_hold_each_line_once(lines: set[int]) -> None:
    pairs = changes.runs(sorted(lines))

    assert [n for first, last in pairs for n in range(first, last + 1)] == sorted(lines)
    assert all(b[0] - a[1] > 1 for a, b in itertools.pairwise(pairs))


def test_foreign_text_becomes_one_line_without_our_paths(tmp_path: Path) -> None:
    raw = f"{tmp_path}/src/a.py:1:\n\x1b[31m bad\tthing {tmp_path}"

    assert text.one_line(raw, tmp_path) == "src/a.py:1: [31m bad thing ."


def test_a_long_line_is_cut_between_words() -> None:
    cut = text.one_line("word " * 100 + "secret")

    assert len(cut) <= text.LONGEST + 2
    assert cut.endswith("word …")
    assert text.one_line("x" * 400) == "…"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b"", ""),
        (b"one\n\ntwo\n", "two"),
        (b"conftest:1\nE   RuntimeError: no\nx: CoverageWarning: y\n", "E   RuntimeError: no"),
        (
            b"x.py: error: unrecognized arguments: --q\n  inifile: none\n",
            "x.py: error: unrecognized arguments: --q",
        ),
        (b"\xff\xfe error", "\ufffd\ufffd error"),
    ],
)
def test_the_telling_line_of_an_output(output: bytes, expected: str) -> None:
    assert text.telling_line(output) == expected
