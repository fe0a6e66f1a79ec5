"""The JSON that coverage writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ToolProblem
from release_gate.subjects.testrun import measured

pytestmark = pytest.mark.unit


def summary(covered: int = 1, missing: int = 1) -> dict[str, Any]:
    return {
        "covered_lines": covered,
        "num_statements": covered + missing,
        "missing_lines": missing,
        "excluded_lines": 0,
        "percent_covered": 50.0,
    }


def document(**files: Any) -> dict[str, Any]:
    file = {
        "executed_lines": [1],
        "missing_lines": [2],
        "excluded_lines": [],
        "summary": summary(),
        "functions": {},
    }
    files = files or {"src/a.py": file}
    return {
        "meta": {"format": 3, "version": "7.17.3", "branch_coverage": False, "timestamp": "now"},
        "files": files,
        "totals": summary(len(files), len(files)),
    }


def read(tmp_path: Path, content: Any) -> measured.Measurement:
    target = tmp_path / "coverage.json"
    target.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return measured.read(target, tmp_path)


def test_a_report_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, document())

    assert (found.version, found.branch, found.outside) == ("7.17.3", False, ())
    assert found.files["src/a.py"].missing_lines == (2,)
    assert (found.totals.covered, found.totals.whole) == (1, 2)


def test_a_missing_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="it was not written"):
        measured.read(tmp_path / "none.json", tmp_path)


def _with(**changes: Any) -> dict[str, Any]:
    return {**document(), **changes}


def _meta(**changes: Any) -> dict[str, Any]:
    whole = document()
    return {**whole, "meta": {**whole["meta"], **changes}}


def _file(**changes: Any) -> dict[str, Any]:
    whole = document()
    whole["files"]["src/a.py"] |= changes
    return whole


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "truncated"),
        (json.dumps(document()).encode()[:-20], "truncated"),
        (b"[]", "Expected `object`"),
        (b'{"files": {}}', "missing required field `meta`"),
        (_meta(format=4), r"format 4 is not one of \(2, 3\)"),
        (_meta(format=1), "format 1 is not one of"),
        (_meta(branch_coverage="yes"), "Expected `bool`"),
        (_with(files={}, totals=summary(0, 0)), "it holds no file"),
        (_with(totals=summary(2, 0)), "total of covered_lines is not the sum"),
        (_file(missing_lines=[2, 3]), "2 missing lines are listed, not 1"),
        (
            _file(summary={**summary(), "num_statements": 5}),
            "covered and missing lines are not all statements",
        ),
        (
            _file(summary={**summary(), "num_branches": 4}),
            "covered and missing branches are not all branches",
        ),
        (_file(summary={}), "missing required field"),
    ],
)
def test_a_report_that_cannot_be_trusted_is_refused(tmp_path: Path, content: Any, why: str) -> None:
    with pytest.raises(ToolProblem, match=why):
        read(tmp_path, content)


def test_files_of_other_places_are_told_apart(tmp_path: Path) -> None:
    file = document()["files"]["src/a.py"]
    names = (
        "src/../src/a.py",
        str(tmp_path / "src" / "b.py"),
        str(tmp_path.parent / "c.py"),
        "venv/lib/site-packages/d.py",
    )
    found = read(tmp_path, document(**dict.fromkeys(names, file)))

    assert list(found.files) == ["src/a.py", "src/b.py"]
    assert found.outside == tuple(sorted(names[2:]))
