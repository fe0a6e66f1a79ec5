"""What a Python interpreter says of itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from release_gate.errors import ProjectEnvironmentProblem, ToolProblem
from release_gate.ports import Runner

_DEADLINE_S = 60.0
_QUESTION = (
    "import json, sys; "
    "print(json.dumps({'version': '.'.join(map(str, sys.version_info[:3])), "
    "'base': getattr(sys, '_base_executable', '') or sys.executable, "
    "'build': sys.version}))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """An interpreter that runs.

    Args:
        executable: As it is called; a link into an environment is not resolved.
        version: As in ``3.12.1``; of a release candidate without its suffix, as for pip.
        base: The interpreter that the environment was made of.
        build: Its full description, which tells two builds of one version apart.
    """

    executable: Path
    version: str
    base: str
    build: str


def ask(runner: Runner, executable: Path) -> Interpreter:
    """Run an interpreter and have it say what it is.

    Args:
        runner: Runs it.
        executable: Path of the interpreter.

    Raises:
        ProjectEnvironmentProblem: If it does not run or does not answer like Python.
    """
    try:
        # Isolated: nothing of the project is imported by the question.
        done = runner.run([str(executable), "-I", "-c", _QUESTION], timeout=_DEADLINE_S)
    except ToolProblem as error:
        raise _unusable(executable, error.what) from error
    facts = _facts(done.stdout)
    if done.exit_code or facts is None:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit {done.exit_code} and no answer"
        raise _unusable(executable, reason)
    return Interpreter(
        executable=executable,
        version=facts["version"],
        base=facts["base"],
        build=facts["build"],
    )


def in_folder(environment: Path) -> Path:
    """Where the interpreter of a virtual environment lies."""
    if sys.platform == "win32":  # pragma: no cover - Windows
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def required(pyproject: Mapping[str, Any]) -> SpecifierSet:
    """The versions that the project's ``requires-python`` allows; all if it says nothing.

    Raises:
        ProjectEnvironmentProblem: If it is no version specifier.
    """
    project = pyproject.get("project")
    written = project.get("requires-python", "") if isinstance(project, dict) else ""
    try:
        return SpecifierSet(written if isinstance(written, str) else repr(written))
    except InvalidSpecifier as error:
        raise ProjectEnvironmentProblem(
            f"requires-python in pyproject.toml is no version specifier: {written!r}",
            remedy='Write it as in requires-python = ">=3.11".',
        ) from error


def _facts(output: bytes) -> dict[str, str] | None:
    try:
        facts = json.loads(output)
    except ValueError:
        return None
    names = ("version", "base", "build")
    if not isinstance(facts, dict) or not all(isinstance(facts.get(one), str) for one in names):
        return None
    return facts


def _unusable(executable: Path, reason: str) -> ProjectEnvironmentProblem:
    return ProjectEnvironmentProblem(
        f"the project's interpreter {executable.name} cannot be used: {reason}",
        remedy="Name another with --project-python or project-python, or make the environment "
        "anew.",
    )
