"""The record of a test session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ToolProblem
from release_gate.subjects.testrun import events
from release_gate.subjects.testrun.events import Outcome

pytestmark = pytest.mark.unit


def start(root: Path, **facts: Any) -> dict[str, Any]:
    return {"event": "start", "pytest": "9.0", "rootdir": str(root), "worker": None, **facts}


def selected(*ids: str) -> dict[str, Any]:
    return {"event": "selected", "ids": list(ids)}


def report(name: str, outcome: str = "passed", when: str = "call", **facts: Any) -> dict[str, Any]:
    return {"event": "report", "id": name, "when": when, "outcome": outcome, **facts}


def finish(status: int = 0) -> dict[str, Any]:
    return {"event": "finish", "status": status}


def record(folder: Path, *lines: dict[str, Any], name: str = "main-1.jsonl") -> Path:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / name).write_text(text)
    return folder


def outcome(tmp_path: Path, *phases: dict[str, Any]) -> Outcome:
    record(tmp_path, start(tmp_path), selected("t.py::a"), *phases, finish())
    run = events.read(tmp_path, tmp_path)
    assert run is not None
    return run.tests[0].outcome


def test_no_record_is_no_session(tmp_path: Path) -> None:
    assert events.read(tmp_path, tmp_path) is None


def test_an_empty_record_is_no_session(tmp_path: Path) -> None:
    record(tmp_path)
    assert events.read(tmp_path, tmp_path) is None


def test_a_record_without_its_end_is_cut_off(tmp_path: Path) -> None:
    record(tmp_path, start(tmp_path), selected("t.py::a"), report("t.py::a"))
    with pytest.raises(ToolProblem, match="cut off"):
        events.read(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        b'{"event": "rep',
        b"rubbish",
        b'{"event": "of tomorrow"}',
        b'{"event": "finish"}',
        b'{"event": "finish", "status": "0"}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_record_is_refused(tmp_path: Path, line: bytes) -> None:
    file = record(tmp_path, start(tmp_path), finish()) / "main-1.jsonl"
    file.write_bytes(file.read_bytes() + line)
    with pytest.raises(ToolProblem, match="damaged"):
        events.read(tmp_path, tmp_path)


def test_two_sessions_are_refused(tmp_path: Path) -> None:
    record(tmp_path, start(tmp_path), finish())
    record(tmp_path, start(tmp_path), finish(), name="main-2.jsonl")
    with pytest.raises(ToolProblem, match="2 test sessions"):
        events.read(tmp_path, tmp_path)


def test_a_word_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="reported as 'fine', which is not known"):
        outcome(tmp_path, report("t.py::a", "fine"))


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ([report("t.py::a")], Outcome.PASSED),
        ([report("t.py::a", when="setup"), report("t.py::a")], Outcome.PASSED),
        ([report("t.py::a", "failed", "setup")], Outcome.ERROR),
        ([report("t.py::a"), report("t.py::a", "failed", "teardown")], Outcome.ERROR),
        ([report("t.py::a", "failed")], Outcome.FAILED),
        ([report("t.py::a", "failed", "???")], Outcome.FAILED),
        ([report("t.py::a", "skipped", "setup")], Outcome.SKIPPED),
        ([report("t.py::a", "skipped", xfail="known")], Outcome.XFAILED),
        ([report("t.py::a", xfail="known")], Outcome.XPASSED),
        ([report("t.py::a", "rerun"), report("t.py::a")], Outcome.PASSED),
        ([report("t.py::a", "failed"), report("t.py::a")], Outcome.FAILED),
        ([report("t.py::a", "skipped"), report("t.py::a")], Outcome.PASSED),
    ],
)
def test_the_worst_phase_decides(
    tmp_path: Path, phases: list[dict[str, Any]], expected: Outcome
) -> None:
    assert outcome(tmp_path, *phases) is expected


@pytest.mark.parametrize(
    ("own", "parts", "expected"),
    [
        ("skipped", ["passed", "passed"], Outcome.SKIPPED),
        ("passed", ["passed", "skipped"], Outcome.PASSED),
        ("passed", ["passed", "failed"], Outcome.FAILED),
        ("skipped", ["failed"], Outcome.FAILED),
        ("failed", ["passed"], Outcome.FAILED),
    ],
)
def test_a_subtest_makes_a_test_worse_and_never_better(
    tmp_path: Path, own: str, parts: list[str], expected: Outcome
) -> None:
    phases = [report("t.py::a", part, subtest=True) for part in parts]
    assert outcome(tmp_path, *phases, report("t.py::a", own)) is expected


def test_a_test_expected_to_fail_stays_so_when_its_subtests_pass(tmp_path: Path) -> None:
    own = report("t.py::a", "skipped", xfail="known")
    assert outcome(tmp_path, report("t.py::a", subtest=True), own) is Outcome.XFAILED


def test_a_test_of_which_only_subtests_were_reported_was_not_run(tmp_path: Path) -> None:
    record(
        tmp_path, start(tmp_path), selected("t.py::a"), report("t.py::a", subtest=True), finish()
    )
    run = events.read(tmp_path, tmp_path)

    assert run is not None
    assert (run.ran, run.not_run) == (0, ("t.py::a",))


def test_skipped_subtests_count_as_skipped_with_their_reason(tmp_path: Path) -> None:
    record(
        tmp_path,
        start(tmp_path),
        selected("t.py::a"),
        report("t.py::a", "skipped", message="no parser", subtest=True),
        report("t.py::a", subtest=True),
        report("t.py::a", "skipped", message="no server", subtest=True),
        report("t.py::a"),
        finish(),
    )
    run = events.read(tmp_path, tmp_path)

    assert run is not None
    assert (run.ran, run.skipped) == (1, 2)
    assert run.tests[0].skipped_subtests == ("no parser", "no server")


def test_a_test_whose_own_phase_is_missing_was_not_run(tmp_path: Path) -> None:
    record(
        tmp_path,
        start(tmp_path),
        selected("t.py::a", "t.py::b"),
        report("t.py::a", when="setup"),
        report("t.py::a", when="teardown"),
        finish(),
    )
    run = events.read(tmp_path, tmp_path)

    assert run is not None
    assert (run.ran, run.not_run) == (0, ("t.py::a", "t.py::b"))


def test_names_are_relative_to_the_root_wherever_pytest_has_its_own(tmp_path: Path) -> None:
    root = tmp_path / "project"
    folder = tmp_path / "events"
    folder.mkdir()
    record(
        folder,
        start(root / "backend"),
        selected("tests/t.py::a", "../t.py::b"),
        report("tests/t.py::a", path=str(root / "backend/tests/t.py"), line=3),
        report("../t.py::b", path=str(tmp_path / "elsewhere.py"), line=4),
        finish(),
    )
    run = events.read(folder, root)

    assert run is not None
    assert run.selected == {"backend/tests/t.py::a", "t.py::b"}
    assert [(test.id, test.path) for test in run.tests] == [
        ("backend/tests/t.py::a", "backend/tests/t.py"),
        ("t.py::b", None),
    ]


def test_workers_add_what_they_collected_once(tmp_path: Path) -> None:
    record(tmp_path, start(tmp_path), report("t.py::a"), finish())
    for worker in ("gw0", "gw1"):
        record(
            tmp_path,
            start(tmp_path, worker=worker),
            selected("t.py::a"),
            {"event": "deselected", "ids": ["t.py::b"]},
            {"event": "collect-skip", "id": "s.py", "message": "no broker"},
            {"event": "collect-error", "id": "e.py", "message": "SyntaxError"},
            name=f"{worker}-2.jsonl",
        )
    run = events.read(tmp_path, tmp_path)

    assert run is not None
    assert run.selected == {"t.py::a"}
    assert run.deselected == {"t.py::b"}
    assert run.skipped_modules == (("s.py", "no broker"),)
    assert [error.path for error in run.collection_errors] == ["e.py"]
    assert (run.ran, run.skipped) == (1, 1)
