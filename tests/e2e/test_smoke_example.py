"""The example service as it runs: green as it is, and each bad deployment red by its own check."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
PACKS = {
    *("health", "readiness", "version", "security-headers", "request-id", "page-cap"),
    *("hostile-input", "idempotent-create"),
}

# Overlay, what turns red, and a part of what must be said.
DEPLOYED = [
    ("old-version", {"version/running"}, 'expected "1.8.0", actual "1.7.4"'),
    (
        "no-header",
        {"security-headers/api-v1-health-live", "security-headers/not-there"},
        'X-Frame-Options: expected one of "DENY", actual absent',
    ),
    (
        "uncapped",
        {"page-cap/api-v1-orders-500", "page-cap/api-v1-orders-1000"},
        "expected length exactly 100, actual of length 1",
    ),
    ("no-audit", {"audit-row"}, "count: expected 1, actual 0"),
]
LOADED = [("errors", "error-rate"), ("slow", "p95")]


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The checks, as a repository, and what serves the example."""

    checks: Path
    python: Path
    service: ModuleType
    folder: Path

    def judged(self, fault: str, *gates: str) -> tuple[int, dict[str, Any], str]:
        """Deploy a version; the exit code, gate.json, and what was printed."""
        code = self.folder / f"code-{fault}"
        shutil.copytree(self.checks, code, ignore=shutil.ignore_patterns(".git", "build"))
        if fault != "none":
            shutil.copytree(EXAMPLES / "faults" / fault, code, dirs_exist_ok=True)
        with self.service.running(code, self.python, self.folder / f"run-{fault}") as running:
            command = [sys.executable, "-m", "release_gate", "run", "--phase", "post-deploy"]
            command += ["--environment", "running"]
            command += [part for gate in gates for part in ("--gate", gate)]
            variables = {name: value for name, value in os.environ.items() if name != "CI"}
            done = subprocess.run(
                command,
                cwd=self.checks,
                env={**variables, **running.variables()},
                capture_output=True,
                text=True,
                check=False,
            )
        output = self.checks / "build" / "release-gate"
        stored = output / (f"parts/{gates[0]}.json" if gates else "gate.json")
        assert stored.is_file(), done.stdout + done.stderr
        written = stored.read_text("utf-8")
        assert running.admin_key not in written + done.stdout + done.stderr
        return done.returncode, json.loads(written), done.stdout


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("smoke-example")
    checks = folder / "orders"
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".coverage*", "build")
    shutil.copytree(EXAMPLES / "orders", checks, ignore=ignored)
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "-qm", "orders 1.8.0"]):
        subprocess.run(["git", *IDENTITY, *arguments], cwd=checks, check=True)
    service = example("service")
    return Stage(checks=checks, python=service.project_python(), service=service, folder=folder)


def red(report: dict[str, Any], gate: str) -> dict[str, str]:
    (judged,) = (row for row in report["gates"] if row["id"] == gate)
    return {
        one["rule_id"]: one["message"]
        for one in judged["findings"]
        if one["state"] == "new" and one["enforced"]
    }


def test_the_example_passes_every_check_and_every_pack_ran(stage: Stage) -> None:
    code, report, output = stage.judged("none")
    assert {row["id"]: row["verdict"] for row in report["gates"]} == {
        "smoke": "pass",
        "load": "pass",
    }, output
    assert code == 0
    (smoke,) = (row for row in report["gates"] if row["id"] == "smoke")
    (table,) = (one for one in smoke["tables"] if one["title"] == "Checks")
    names = {row[0] for row in table["rows"]}
    assert {name.partition("/")[0] for name in names} >= PACKS
    assert {"order", "order-completes", "cancel", "audit-row"} <= names
    assert {row[1] for row in table["rows"]} == {"passed"}


@pytest.mark.parametrize(("fault", "checks", "said"), DEPLOYED, ids=[row[0] for row in DEPLOYED])
def test_a_bad_deployment_is_red_by_its_own_check(
    stage: Stage, fault: str, checks: set[str], said: str
) -> None:
    code, report, output = stage.judged(fault, "smoke")
    found = red(report, "smoke")
    assert set(found) == checks, output
    assert code == 1
    assert all(said in message for message in found.values())


@pytest.mark.parametrize(("fault", "metric"), LOADED)
def test_a_deployment_that_fails_or_is_slow_is_red_under_load(
    stage: Stage, fault: str, metric: str
) -> None:
    code, report, output = stage.judged(fault, "load")
    (load,) = (row for row in report["gates"] if row["id"] == "load")
    missed = {row["name"] for row in load["metrics"] if row["met"] is False}
    assert missed == {metric}, output
    assert code == 1
