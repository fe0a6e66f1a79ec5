"""The example service: green as it is, and each planted fault turns exactly its gate red."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
ORDERS = ROOT / "examples" / "orders"
FAULTS = ROOT / "examples" / "faults"
IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
GATES = {"lint", "types", "security", "coverage", "secrets", "dependencies"}
WITH_BASE = {*GATES, "policy-change"}

# Fault, the gate it turns red, the rule and the file that the report must name.
PLANTED = [
    ("lint", "lint", "F401", "src/orders/pricing.py"),
    ("types", "types", "union-attr", "src/orders/api/deps.py"),
    ("injection", "security", "B602", "src/orders/export.py"),
    ("secret", "secrets", "", "src/orders/settings.toml"),
    ("vulnerable", "dependencies", "", "requirements.txt"),
]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all runs, so that the example's environment is built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".coverage*", "build")
    folder = tmp_path / "orders"
    shutil.copytree(ORDERS, folder, ignore=ignored)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "orders 1.8.0")
    return folder


def gate(folder: Path, cache: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run the chain; the exit code, gate.json, and what was printed."""
    environment = {
        k: v for k, v in os.environ.items() if k not in {"CI", "RELEASE_GATE_ADVISORIES"}
    }
    environment["RELEASE_GATE_CACHE"] = str(cache)
    command = [sys.executable, "-m", "release_gate", "run", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    stored = folder / "build" / "release-gate" / "gate.json"
    assert stored.is_file(), done.stdout + done.stderr
    return done.returncode, json.loads(stored.read_text("utf-8")), done.stdout


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in report["gates"]}


def test_the_example_passes_with_every_gate_judged_on_something(orders: Path, cache: Path) -> None:
    code, report, output = gate(orders, cache)
    assert verdicts(report) == dict.fromkeys(GATES, "pass"), output
    assert code == 0
    assert report["verdict"] == "pass"
    assert all(row["examined"]["count"] > 0 for row in report["gates"])
    assert "archive of 2024-10" in json.dumps(report["gates"])


@pytest.mark.parametrize(("fault", "red", "rule", "path"), PLANTED)
def test_a_planted_fault_turns_exactly_its_gate_red(
    orders: Path, cache: Path, fault: str, red: str, rule: str, path: str
) -> None:
    git(orders, "switch", "--quiet", "--create", "faulty")
    shutil.copytree(FAULTS / fault, orders, dirs_exist_ok=True)
    commit(orders, "a change with a fault")
    code, report, output = gate(orders, cache, "--base", "main")
    assert verdicts(report) == {**dict.fromkeys(WITH_BASE, "pass"), red: "fail"}, output
    assert code == 1
    (judged,) = (row for row in report["gates"] if row["id"] == red)
    found = [row for row in judged["findings"] if row["state"] == "new" and row["enforced"]]
    assert path in {row["path"] for row in found}
    assert not rule or rule in {row["rule_id"] for row in found}
    assert all(row["fix"] or row["help_url"] for row in found)
    assert path in output


def test_a_drop_in_coverage_turns_exactly_the_coverage_gate_red(orders: Path, cache: Path) -> None:
    git(orders, "switch", "--quiet", "--create", "faulty")
    shutil.copytree(FAULTS / "coverage", orders, dirs_exist_ok=True)
    commit(orders, "untested code")
    code, report, output = gate(orders, cache, "--base", "main")
    assert verdicts(report) == {**dict.fromkeys(WITH_BASE, "pass"), "coverage": "fail"}, output
    assert code == 1
    (judged,) = (row for row in report["gates"] if row["id"] == "coverage")
    (metric,) = (row for row in judged["metrics"] if row["name"] == "coverage")
    assert metric["value"] < 80
    assert "src/orders/statements.py" in json.dumps(judged)
