"""Under coverage only children that run code of ours are measured.

The setting ``patch = ["subprocess"]`` lets every Python process below a test measure itself,
mypy, bandit and pip as well. Each of them then imports coverage and lists the whole source for
no line of it: a tenth of a second for one process, minutes for all tests.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = frozenset({"COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"})
# Every test of the coverage gate starts it; tests/unit runs it in the test's own process.
MEASURED_ELSEWHERE = "worker_probe.py"


def runs_our_code(args: Any, cwd: Any = None) -> bool:
    """Whether a command names the package or a file of this checkout, or works in it.

    Args:
        args: As for :class:`subprocess.Popen`.
        cwd: Folder that it starts in; ``None``: the present one.
    """
    parts = [args] if isinstance(args, str | bytes | os.PathLike) else list(args)[1:]
    words = [os.fsdecode(part) for part in parts]
    if any(word.endswith(MEASURED_ELSEWHERE) for word in words):
        return False
    if cwd is not None and Path(os.fsdecode(cwd)) == ROOT:
        return True
    return any("release_gate" in word or str(ROOT) in word for word in words)


def measure_only_our_code(patch: pytest.MonkeyPatch) -> None:
    """Take the measurement out of the environment of all other children, if there is one."""
    if VARIABLES.isdisjoint(os.environ):
        return
    start = subprocess.Popen.__init__

    def start_unmeasured(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        if not runs_our_code(args, options.get("cwd")):
            given = options.get("env")
            options["env"] = _without(os.environ if given is None else given)
        start(self, args, *rest, **options)

    patch.setattr(subprocess.Popen, "__init__", start_unmeasured)


def _without(environment: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in environment.items() if name not in VARIABLES}
