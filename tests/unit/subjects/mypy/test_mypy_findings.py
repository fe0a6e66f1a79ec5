"""From mypy's messages to findings and problems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release_gate.api import Severity
from release_gate.subjects.mypy.findings import findings, unparsed
from release_gate.subjects.mypy.output import Message
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.source.names import Names
from release_gate.testing import context, project

pytestmark = pytest.mark.unit


def message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "file": "a.py",
        "line": 1,
        "column": 0,
        "message": "no",
        "hint": None,
        "code": "misc",
        "severity": "error",
    }
    return Message(**{**values, **changes})


def test_a_file_that_mypy_went_on_without_is_a_problem_and_told_once(tmp_path: Path) -> None:
    said = [message(code="syntax", line=3), message(code="syntax", line=4), message()]
    names = Names(tmp_path, ["a.py"])
    (problem,) = unparsed(names, said)
    assert (problem.path, problem.what) == ("a.py", "mypy could not parse a.py:3: no")
    ctx = context(project(tmp_path, {"a.py": "x = 1\n"}))
    assert len(findings(ctx, SourceFiles(ctx.project), names, said)) == 1


def test_syntax_newer_than_the_target_is_a_finding(tmp_path: Path) -> None:
    said = [message(code="syntax", message="Type statement: requires Python 3.12 or newer")]
    assert unparsed(Names(tmp_path, ["a.py"]), said) == ()


@pytest.mark.parametrize(
    ("word", "severity"),
    [("error", Severity.MEDIUM), ("note", Severity.INFO), ("fatal", Severity.UNKNOWN)],
)
def test_a_word_that_is_not_known_counts_as_high(
    tmp_path: Path, word: str, severity: Severity
) -> None:
    ctx = context(project(tmp_path, {"a.py": "x = 1\n"}))
    said = [message(severity=word)]
    (finding,) = findings(ctx, SourceFiles(ctx.project), Names(tmp_path, ["a.py"]), said)
    assert finding.severity == severity


def test_a_message_without_a_place_has_none(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {"a.py": "x = 1\n"}))
    said = [message(file="/elsewhere/b.py", line=-1, column=-1, code=None, hint="try\n  this")]
    (finding,) = findings(ctx, SourceFiles(ctx.project), Names(tmp_path, ["a.py"]), said)
    assert (finding.path, finding.line, finding.column) == (None, None, None)
    assert (finding.rule_id, finding.why, finding.reproduce) == ("misc", "try this", "")
