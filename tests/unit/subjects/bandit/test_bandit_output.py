"""Reading bandit's report: whole, at one with itself and the exit code, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from release_gate.api import Completed, ToolProblem
from release_gate.subjects.bandit.output import read_report

pytestmark = pytest.mark.unit

RESULT = {
    "filename": "./src/a.py",
    "test_id": "B101",
    "test_name": "assert_used",
    "issue_severity": "LOW",
    "issue_confidence": "HIGH",
    "issue_text": "Use of assert detected.",
    "line_number": 1,
    "line_range": [1],
    "more_info": "https://bandit.readthedocs.io/",
}
TOTALS = {"SEVERITY.LOW": 1, "nosec": 2, "skipped_tests": 1, "loc": 3}


def document(**changes: Any) -> dict[str, Any]:
    metrics = {"./src/a.py": TOTALS, "_totals": TOTALS}
    return {"errors": [], "metrics": metrics, "results": [RESULT], **changes}


def completed(code: int) -> Completed:
    return Completed(
        argv=("python",),
        exit_code=code,
        stdout=b"",
        stderr=b"",
        duration_s=0.1,
        log=Path("gate.log"),
    )


def written(folder: Path, content: bytes | dict[str, Any]) -> Path:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "report.json").write_bytes(data)
    return folder / "report.json"


def test_a_whole_report_is_read(tmp_path: Path) -> None:
    report = read_report(written(tmp_path, document()), completed(1))
    assert ({"./src/a.py"}, 3, ["B101"]) == (
        set(report.opened),
        report.hidden,
        [item.test_id for item in report.results],
    )


def test_a_missing_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="exit code 1 and left no report"):
        read_report(tmp_path / "report.json", completed(1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "wrote nothing"),
        (b'{"errors": [], "metr', "cut off"),
        (b"[]", "another shape"),
        (document(metrics={}), "no totals"),
        ({"errors": [], "results": []}, "another shape"),
        (document(results=[{**RESULT, "line_number": "1"}]), "another shape"),
        (document(results=[]), "counts 1 results and lists 0"),
        (document(results=[RESULT, RESULT]), "counts 1 results and lists 2"),
    ],
)
def test_a_report_that_is_not_whole_is_refused(
    tmp_path: Path, content: bytes | dict[str, Any], said: str
) -> None:
    with pytest.raises(ToolProblem, match=said):
        read_report(written(tmp_path, content), completed(1))


def test_an_exit_code_at_odds_with_the_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="one of them is wrong"):
        read_report(written(tmp_path, document()), completed(0))
