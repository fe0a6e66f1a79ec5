"""Two runs over the same input are the same bytes, and the number of jobs changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release_gate.cli import main, wiring
from release_gate.testing import FixedClock

pytestmark = pytest.mark.e2e

IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
FILES = {
    ".gitignore": "build/\n",
    "pyproject.toml": """\
[project]
name = "small"
version = "1"
requires-python = ">=3.11"

[tool.pytest.ini_options]
pythonpath = ["src"]

[tool.release-gate]
source = ["src"]
expected = ["lint", "types", "security", "coverage", "secrets", "dependencies"]
""",
    "requirements.txt": f"idna==3.6 --hash=sha256:{'0' * 64}\n",
    "src/small/__init__.py": "",
    "src/small/run.py": """\
import os
import subprocess


def run(name: str) -> int:
    return subprocess.call("echo " + name, shell=True)


def twin(name):
    return subprocess.call("echo " + name, shell=True)
""",
    "src/small/settings.py": 'key = "AKIA' + "Z3" * 8 + '"\n',
    "tests/test_run.py": """\
from small.run import run


def test_run():
    assert run("x") == 0
""",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    root = tmp_path / "small"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "one"]):
        subprocess.run(["git", *IDENTITY, *arguments], cwd=root, check=True)
    return root


def run(
    root: Path, monkeypatch: pytest.MonkeyPatch, archive: Path, jobs: int = 2
) -> tuple[int, bytes]:
    """One run with a clock that stands still; exit code and gate.json."""
    monkeypatch.setattr(wiring, "SystemClock", FixedClock)
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(root.parent / "cache"))
    monkeypatch.setenv("RELEASE_GATE_ADVISORIES", str(archive))
    monkeypatch.setenv("RELEASE_GATE_ADVISORIES_MAX_AGE", "any")
    arguments = ["run", "--root", str(root), "--no-cache", "--quiet", "--jobs", str(jobs)]
    code = main([*arguments, "--project-python", sys.executable])
    return code, (root / "build/release-gate/gate.json").read_bytes()


@pytest.fixture
def archive() -> Path:
    (found,) = (Path(__file__).parents[2] / "examples/orders/advisories").glob("*.zip")
    return found


def test_two_runs_with_a_fixed_clock_are_the_same_bytes(
    small: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (run(small, monkeypatch, archive) for _ in range(2))
    assert first == second
    assert first[0] == 1
    assert str(small).encode() not in first[1]


def test_one_job_and_two_give_the_same_findings(
    small: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def findings(jobs: int) -> dict[str, Any]:
        report = json.loads(run(small, monkeypatch, archive, jobs)[1])
        return {gate["id"]: (gate["verdict"], gate["findings"]) for gate in report["gates"]}

    one = findings(1)
    assert one == findings(2)
    assert {gate for gate, (verdict, _) in one.items() if verdict == "fail"} == {
        "lint",
        "types",
        "security",
        "coverage",
        "secrets",
        "dependencies",
    }
