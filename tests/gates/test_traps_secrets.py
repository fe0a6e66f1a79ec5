"""A native baseline that keeps secrets from being found says so in plan and evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from release_gate.judge.types import Verdict
from release_gate.testing import judge, project
from support.source_gates import load

pytestmark = pytest.mark.gates

GATE = load("secrets").GATE
# Put together, so that a scan of this file does not find it.
SECRET = 'KEY = "AKIA' + 'Q3J7ZK5XW2P8M4TN"\n'


def native(*filters: dict[str, Any], plugin: str = "AWSKeyDetector") -> str:
    document = {
        "version": "1.5.0",
        "plugins_used": [{"name": plugin}],
        "filters_used": list(filters),
        "results": {},
    }
    return json.dumps(document)


def by_line(pattern: str) -> dict[str, Any]:
    return {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": [pattern]}


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        (native(by_line("^KEY")), "should_exclude_line: ^KEY (.secrets.baseline)"),
        (native(plugin="BasicAuthDetector"), "settings of .secrets.baseline: 1 named plugins"),
        (native({"path": "file://own.py::skip"}), "filter: file://own.py::skip"),
    ],
    ids=["line", "plugin", "filter"],
)
def test_what_hides_a_secret_is_said(tmp_path: Path, baseline: str, said: str) -> None:
    files = {
        ".secrets.baseline": baseline,
        "own.py": "def skip(filename, secret):\n    return filename == 'a.py'\n",
        "a.py": SECRET,
    }
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.PASS
    assert said in " | ".join(result.notes)
    origins = GATE.inputs(project(tmp_path, {}), GATE.settings()).origins
    assert any(item.origin == ".secrets.baseline" for item in origins)


@pytest.mark.parametrize("row", [by_line("^#"), {"path": "file://own.py::skip"}])
def test_evidence_is_not_reused_where_code_of_the_project_filters(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    the_project = project(tmp_path, {".secrets.baseline": native(row), "a.py": SECRET})
    reusable = GATE.inputs(the_project, GATE.settings()).reusable
    assert reusable == ("pattern" in row)
