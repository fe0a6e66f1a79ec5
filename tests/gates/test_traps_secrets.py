"""A native baseline that keeps secrets from being found says so in plan and evidence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release_gate.judge.baseline import Baseline
from release_gate.judge.baseline_layout import render
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for
from release_gate.judge.types import Verdict
from release_gate.testing import collect, judge, project
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


@pytest.mark.parametrize("paths", [("gone",), ("src/gone",)])
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, paths: tuple[str, ...]) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": SECRET}, paths=paths)
    assert result.verdict == Verdict.ERROR
    assert "detect-secrets read none of 0 files" in result.problems[0].what


def stock(root: Path) -> dict[str, Any]:
    """What detect-secrets itself would write into a baseline."""
    done = subprocess.run(
        [sys.executable, "-m", "detect_secrets", "scan", "--no-verify", "--all-files", "."],
        cwd=root,
        capture_output=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_secret_that_moves_changes_the_native_baseline_and_not_ours(tmp_path: Path) -> None:
    written, native_lines = [], []
    for name, before in (("old", ""), ("new", "# one line more\n")):
        root = tmp_path / name
        root.mkdir()
        found = collect(GATE, root, {"a.py": before + SECRET}, secret_key=b"fixed").findings
        pairs = zip(found, fingerprints(found), strict=True)
        entries = tuple(entry_for("secrets", one, digest) for one, digest in pairs)
        written.append(render(Baseline(salt="s", entries=entries)))
        document = stock(root)
        native_lines.append(document["results"]["a.py"][0]["line_number"])
        assert document["generated_at"]
    assert native_lines == [1, 2]
    assert written[0] == written[1]
    assert "aws-access-key" in written[0]
    assert not {"line", "line_number", "generated_at"} & set(json.loads(written[0].split("\n")[1]))


def test_providers_are_not_asked_whether_a_secret_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With an address that nobody listens on, a question would take the secret out or fail.
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    evidence = collect(GATE, tmp_path, {"a.py": SECRET})
    assert [one.rule_id for one in evidence.findings] == ["aws-access-key"]
    assert "providers asked" not in evidence.notes
