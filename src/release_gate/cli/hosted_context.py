"""What a hosted gate gets to work with, put together again in its own process."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from release_gate.adapters.clock import SystemClock
from release_gate.adapters.environment import (
    GivenEnvironment,
    InstalledToolkit,
    find_project_environment,
)
from release_gate.adapters.git import GitRepository
from release_gate.adapters.paths import cache_folder
from release_gate.adapters.processes import Processes
from release_gate.errors import GateFileError
from release_gate.plan.hosted import HostRequest
from release_gate.plan.project import PlannedProject
from release_gate.ports import CHANNEL, Context, ProjectEnvironment
from release_gate.redact import Redactor, secrets_of


def context_for(request: HostRequest, log: Path, progress: Callable[[str], None]) -> Context:
    """The gate's context.

    Args:
        request: What the parent sent.
        log: Where programs that the gate starts are logged.
        progress: Takes the gate's words on how far it is.
    """
    root = Path(request.root)
    environment = {name: value for name, value in os.environ.items() if name != CHANNEL}
    clock = SystemClock()
    redactor = Redactor(secrets_of(environment))
    processes = Processes(root, environment, clock, redactor=redactor)
    project = _project(request, root)
    base = GitRepository(root, environment).base(request.base) if request.base else None
    return Context(
        gate_id=request.gate_id,
        project=project,
        base=base,
        runner=processes.for_gate(request.gate_id, log, request.deadline_s),
        toolkit=InstalledToolkit(),
        project_environment=_environment(request, project, environment, processes),
        work=Path(request.work),
        artifacts=Path(request.artifacts),
        progress=progress,
        clock=clock,
        environment=environment,
        secret_key=request.secret_key,
        paths=request.paths,
        hide=redactor.learn,
    )


def _project(request: HostRequest, root: Path) -> PlannedProject:
    return PlannedProject(
        root=root,
        name=request.name,
        files=tuple(one.entry() for one in request.files),
        source=request.source,
        requires_python=request.requires_python,
        pyproject=_pyproject(root / "pyproject.toml"),
        deployment=request.deployment,
    )


def _environment(
    request: HostRequest,
    project: PlannedProject,
    environment: Mapping[str, str],
    processes: Processes,
) -> ProjectEnvironment:
    """The same that the parent has; one that has to be built is built by the first who needs it."""
    cache = cache_folder(environment)
    if request.project_python is None:
        return find_project_environment(
            project.root, project.pyproject, environment, None, None, cache, processes
        )
    return GivenEnvironment(
        executable=Path(request.project_python),
        told_by=request.project_environment,
        pyproject=project.pyproject,
        processes=processes,
        log=cache / "environments" / "interpreter.log",
    )


def _pyproject(file: Path) -> Mapping[str, Any]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise GateFileError(f"pyproject.toml has changed since the plan: {error}") from error
