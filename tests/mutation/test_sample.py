"""A sample of ``nox -s mutants``: the verdict table, with the real mutmut."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        importlib.util.find_spec("mutmut") is None or sys.platform == "win32",
        reason="mutmut is not installed, or cannot fork here",
    ),
]

SCRIPT = Path(__file__).with_name("mutants.py")


def run(*modules: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *modules], capture_output=True, text=True, check=False
    )


def test_no_mutant_of_the_verdict_table_and_of_the_limits_survives() -> None:
    done = run("verdicts", "limits")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdicts: 4 mutants, 0 survived" in done.stdout


def test_a_module_that_is_not_there_is_no_success() -> None:
    assert run("never_was").returncode != 0
