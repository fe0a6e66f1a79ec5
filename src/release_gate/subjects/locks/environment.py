"""The project's environment as a lock: what is installed is what is looked up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from release_gate.errors import ToolProblem
from release_gate.ports import Completed, Runner
from release_gate.subjects.locks.types import (
    Lock,
    LockProblem,
    Origin,
    Pin,
    Unpinned,
    checked_version,
    normalised,
)

WORKER = Path(__file__).with_name("worker_environment.py")
CALLED = "the project environment"


def load(runner: Runner, python: Path, own: str) -> Lock:
    """Every distribution that is installed, each once.

    Args:
        runner: Starts the worker.
        python: Interpreter of the project environment.
        own: Normalised name of the project itself.

    Raises:
        ToolProblem: If the worker fails or its answer is missing, cut off or unusable.
    """
    # -I, not -P: the project may be on a Python before 3.11.
    done = runner.run([str(python), "-I", "-X", "utf8", str(WORKER)])
    pins: dict[str, Pin] = {}
    unpinned: dict[str, Unpinned] = {}
    for row in _rows(done):
        # The first one found is the one that is imported.
        name = normalised(row.get("name"), CALLED)
        if name in pins or name in unpinned:
            continue
        address = row.get("direct_url") or {}
        if name == own:
            unpinned[name] = Unpinned(name=name, reason="part of the project itself", own=True)
        elif row.get("developed") or address.get("dir_info", {}).get("editable"):
            unpinned[name] = Unpinned(name=name, reason="installed as editable")
        else:
            version = checked_version(row.get("version"), name, CALLED)
            pins[name] = Pin(name=name, version=version, origin=_origin(address))
    return Lock(
        path=CALLED,
        kind="environment",
        pins=tuple(pins[name] for name in sorted(pins)),
        unpinned=tuple(unpinned[name] for name in sorted(unpinned)),
    )


def _origin(address: dict[str, Any]) -> Origin:
    if "vcs_info" in address:
        return "git"
    if "dir_info" in address:
        return "path"
    return "url" if address else "index"


def _rows(done: Completed) -> list[dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    except ValueError as error:
        raise _problem(f"unusable answer ({type(error).__name__})", done) from error
    if done.exit_code != 0 or not rows or rows[-1] != {"end": True, "count": len(rows) - 1}:
        raise _problem(f"exit code {done.exit_code}, answer missing or cut off", done)
    if not all(isinstance(row, dict) for row in rows):
        raise LockProblem("a distribution that is no object", path=CALLED)
    return rows[:-1]


def _problem(what: str, done: Completed) -> ToolProblem:
    return ToolProblem(
        f"the packages of {CALLED} cannot be listed: {what}",
        done.log,
        remedy="Check the interpreter named by project-python.",
    )
