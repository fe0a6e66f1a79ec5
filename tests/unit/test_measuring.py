"""Which children of the tests are measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.measuring import ROOT, measure_only_our_code, runs_our_code

pytestmark = pytest.mark.unit

SHOW = "import json, os; print(json.dumps(sorted(os.environ)))"
OURS = f"{SHOW}  # release_gate"


@pytest.mark.parametrize(
    ("args", "cwd", "expected"),
    [
        ([sys.executable, "-m", "release_gate", "run"], None, True),
        ([sys.executable, str(ROOT / "src/release_gate/subjects/secrets/worker.py")], "/", True),
        ([sys.executable, ROOT / "docs" / "generate.py"], None, True),
        ([sys.executable, "docs/generate.py"], ROOT, True),
        ([sys.executable, "-m", "mypy", "/var/release-gate-test-1/a.py"], "/var", False),
        ([str(ROOT / ".venv/bin/python"), "-m", "bandit"], None, False),
        ([sys.executable, "src/release_gate/subjects/testrun/worker_probe.py"], ROOT, False),
        ("python -m release_gate", None, True),
        ([b"git", b"status"], b"/var", False),
    ],
)
def test_a_child_is_ours_by_what_it_runs_and_where(
    args: object, cwd: object, *, expected: bool
) -> None:
    assert runs_our_code(args, cwd) is expected


def names(code: str, folder: Path, env: dict[str, str] | None = None) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, check=True, env=env
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_only_children_of_ours_see_the_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COVERAGE_PROCESS_MARK", "kept")
    monkeypatch.setattr("support.measuring.VARIABLES", frozenset({"COVERAGE_PROCESS_MARK"}))
    measure_only_our_code(monkeypatch)

    assert "COVERAGE_PROCESS_MARK" in names(OURS, tmp_path)
    assert "COVERAGE_PROCESS_MARK" not in names(SHOW, tmp_path)
    # What a test hands over stays as it is; an empty environment is not filled up.
    assert "KEPT" in names(SHOW, tmp_path, env={"KEPT": "1", "COVERAGE_PROCESS_MARK": "1"})
    assert "PATH" not in names(SHOW, tmp_path, env={})


def test_without_a_measurement_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.measuring.VARIABLES", frozenset({"COVERAGE_PROCESS_NONE"}))
    before = subprocess.Popen.__init__
    measure_only_our_code(monkeypatch)

    assert subprocess.Popen.__init__ is before
