"""The two Python environments: the toolkit's, and the project's own, found or built."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from release_gate.adapters.environment_build import BuiltEnvironment
from release_gate.adapters.environment_recipes import find_recipe
from release_gate.adapters.interpreter import ask, in_folder, required
from release_gate.adapters.processes import Processes
from release_gate.errors import ProjectEnvironmentProblem
from release_gate.ports import ProjectEnvironment

UV_VARIABLE = "UV_PROJECT_ENVIRONMENT"
_DEADLINE_S = 120.0


class InstalledToolkit:
    """Implements :class:`release_gate.ports.Toolkit`: the environment this process runs in."""

    @property
    def python(self) -> Path:
        """Its interpreter; not resolved, since a link tells which environment it is."""
        if not sys.executable:
            raise ProjectEnvironmentProblem("this Python does not know where it lies")
        return Path(sys.executable)

    @property
    def python_version(self) -> tuple[int, int]:
        """Major and minor."""
        return sys.version_info[:2]

    def version(self, distribution: str) -> str | None:
        """Installed version of a distribution, by its metadata; ``None`` if it is not there."""
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return None


@dataclass(frozen=True, kw_only=True)
class GivenEnvironment:
    """Implements :class:`release_gate.ports.ProjectEnvironment` with one that exists.

    Args:
        executable: Its interpreter, where it should be.
        told_by: What names it.
        pyproject: The parsed ``pyproject.toml``.
        processes: Starts it once to see that it runs.
        log: Of that.
    """

    executable: Path
    told_by: str
    pyproject: Mapping[str, Any]
    processes: Processes
    log: Path

    def python(self) -> Path:
        """Its interpreter, which runs and has a version that the project allows.

        Raises:
            ProjectEnvironmentProblem: If not.
        """
        with _ONE_AT_A_TIME:
            return self._checked

    def origin(self) -> str:
        """What names it."""
        return self.told_by

    @cached_property
    def _checked(self) -> Path:
        versions = required(self.pyproject)
        if not self.executable.is_file():
            raise ProjectEnvironmentProblem(
                f"{self.told_by} has no interpreter: {self.executable.name} is not there",
                remedy="Make the environment anew, or name another with --project-python.",
            )
        with suppress(OSError):  # else it would grow with each run
            self.log.unlink(missing_ok=True)
        runner = self.processes.for_gate("project-environment", self.log, _DEADLINE_S)
        found = ask(runner, self.executable)
        if found.version not in versions:
            raise ProjectEnvironmentProblem(
                f"{self.told_by} is Python {found.version}, but requires-python is {versions}",
                remedy="Make the environment with an allowed version, or name another with "
                "--project-python.",
            )
        return self.executable


_ONE_AT_A_TIME = threading.RLock()


def find_project_environment(
    root: Path,
    pyproject: Mapping[str, Any],
    environment: Mapping[str, str],
    requested: Path | None,
    configured: str | None,
    cache: Path,
    processes: Processes,
) -> ProjectEnvironment:
    """The project's environment; starts nothing and builds nothing yet.

    In this order: ``requested``, ``configured``, ``UV_PROJECT_ENVIRONMENT`` (if it is set it
    must be there), ``.venv``, else one that is built in the cache folder.

    Args:
        root: The project's root.
        pyproject: The parsed ``pyproject.toml``.
        environment: The process environment as injected.
        requested: Interpreter or environment folder of ``--project-python``.
        configured: The same of the key ``project-python``, relative to the root; a bare name
            that is no file there is looked up in ``PATH``.
        cache: The cache folder.
        processes: Starts interpreters and installers.
    """
    log = cache / "environments" / "interpreter.log"

    def given(place: Path, told_by: str) -> ProjectEnvironment:
        executable = in_folder(place) if place.is_dir() else place
        return GivenEnvironment(
            executable=executable,
            told_by=told_by,
            pyproject=pyproject,
            processes=processes,
            log=log,
        )

    if requested is not None:
        return given(root / requested, "--project-python")
    if configured:
        return given(_configured(root, configured, environment), f"project-python = {configured}")
    if environment.get(UV_VARIABLE):
        return given(in_folder(root / environment[UV_VARIABLE]), UV_VARIABLE)
    if (root / ".venv").exists() or (root / ".venv").is_symlink():
        return given(in_folder(root / ".venv"), ".venv")
    recipe = find_recipe(root, pyproject, environment)
    return BuiltEnvironment(root, pyproject, environment, recipe, cache, processes)


def _configured(root: Path, configured: str, environment: Mapping[str, str]) -> Path:
    place = root / configured
    if not place.exists() and Path(configured).name == configured:
        found = shutil.which(configured, path=environment.get("PATH", ""))
        return Path(found) if found else place
    return place
