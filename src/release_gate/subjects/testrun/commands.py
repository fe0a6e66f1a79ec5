"""The commands of a measured test run and the environment they get."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from release_gate.errors import ToolProblem
from release_gate.subjects.testrun.probe import Environment

PLUGIN = "release_gate_events"
# What these hold would change the run without standing in the project: nested measurement,
# options of someone's shell, another settings file.
_FOREIGN = (
    "COVERAGE_CORE",
    "COVERAGE_DEBUG",
    "COVERAGE_FORCE_CONFIG",
    "COVERAGE_PROCESS_CONFIG",
    "COVERAGE_PROCESS_START",
    "COVERAGE_RCFILE",
    "COV_CORE_CONFIG",
    "COV_CORE_DATAFILE",
    "COV_CORE_SOURCE",
    "PYTEST_ADDOPTS",
    "PYTEST_CURRENT_TEST",
    "PYTEST_PLUGINS",
    "PYTEST_XDIST_TESTRUNUID",
    "PYTEST_XDIST_WORKER",
    "PYTEST_XDIST_WORKER_COUNT",
)
_INTERPRETER = {"python", "python3", "{python}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be run, as the gate's settings say it.

    Args:
        arguments: For pytest, after ours.
        markers: Expression for ``-m``; empty: none.
        command: A command of the user's in place of pytest.
        branch: Whether branches are measured where the project's settings do not ask for it.
        source: For ``--source``; empty where the project's settings name it.
        rcfile: Coverage's settings file, relative to the root; ``None``: the project has none.
        variables: Environment variables for the tests.
    """

    arguments: tuple[str, ...] = ()
    markers: str = ""
    command: tuple[str, ...] = ()
    branch: bool = False
    source: tuple[str, ...] = ()
    rcfile: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Workplace:
    """Folders of one run, all new, all outside the project.

    Args:
        data: Where coverage writes its data.
        events: Where the plug-in writes.
        plugin: Where the plug-in lies.
        cache: For tools that would leave a cache in the project.
        result: The JSON report that coverage is to write.
        no_settings: An empty coverage settings file.
    """

    data: Path
    events: Path
    plugin: Path
    cache: Path
    result: Path
    no_settings: Path

    @classmethod
    def create(cls, work: Path, plugin: bytes) -> Workplace:
        """Make the folders.

        Args:
            work: An existing folder.
            plugin: Source of the plug-in.

        Raises:
            FileExistsError: If an earlier run was there: its data would be taken for ours.
        """
        place = cls(
            data=work / "data",
            events=work / "events",
            plugin=work / "plugin",
            cache=work / "cache",
            result=work / "coverage.json",
            no_settings=work / "no-settings.ini",
        )
        for folder in (place.data, place.events, place.plugin, place.cache):
            folder.mkdir()
        (place.plugin / f"{PLUGIN}.py").write_bytes(plugin)
        place.no_settings.write_bytes(b"")
        return place

    @property
    def data_file(self) -> Path:
        """Prefix of the data files of all processes."""
        return self.data / "coverage"


def _rcfile(request: Request, place: Workplace) -> str:
    return f"--rcfile={request.rcfile or place.no_settings}"


def _measured(environment: Environment, request: Request, place: Workplace) -> list[str]:
    options = ["run", _rcfile(request, place), "--parallel-mode"]
    if request.branch:
        options.append("--branch")
    if request.source:
        options.append(f"--source={','.join(request.source)}")
    return [str(environment.python), "-m", "coverage", *options]


def pytest_command(
    environment: Environment, request: Request, place: Workplace, *, autoload: bool = True
) -> list[str]:
    """Pytest under coverage, with the plug-in that says what the tests did.

    Args:
        environment: The project environment.
        request: What is to be run.
        place: Where its files go.
        autoload: Whether pytest loads the plug-ins that are installed there.

    Raises:
        ToolProblem: If the project environment has no pytest, or the arguments would measure
            a second time.
    """
    if environment.pytest is None:
        raise ToolProblem(
            "the project environment has no pytest",
            remedy='Install it there, or set command, as in ["python", "-m", "unittest"].',
        )
    if any(argument.startswith("--cov") for argument in request.arguments):
        raise ToolProblem(
            "the setting tests holds options of pytest-cov, which would measure a second time",
            remedy="Take them out: the gate measures by itself.",
        )
    command = [*_measured(environment, request, place), "-m", "pytest", "-p", PLUGIN]
    command += ["-o", f"cache_dir={place.cache / 'pytest'}"]
    if environment.pytest_cov is not None and autoload:
        command.append("--no-cov")
    if request.markers:
        command += ["-m", request.markers]
    return [*command, *request.arguments]


def user_command(environment: Environment, request: Request, place: Workplace) -> list[str]:
    """A command of the user's under coverage.

    ``python …`` and scripts of the project environment are run by coverage. Anything else is
    started as it is and measured through the start-up file that coverage installs.
    """
    first, rest = request.command[0], list(request.command[1:])
    if first in _INTERPRETER:
        measured = _measured(environment, request, place)
        options = _interpreter_options(rest)
        return [measured[0], *options, *measured[1:], *rest[len(options) :]]
    script = environment.python.parent / first
    if Path(first).name == first and _is_python_script(script):
        return [*_measured(environment, request, place), str(script), *rest]
    return [*request.command]


def _interpreter_options(words: list[str]) -> list[str]:
    """The leading options that are for the interpreter itself, as in ``-W error``."""
    count = 0
    while count < len(words) and words[count].startswith("-") and words[count] not in {"-m", "-c"}:
        count += 2 if words[count] in {"-W", "-X"} else 1
    return words[:count]


def _is_python_script(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            first = stream.readline(200)
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first


def combine_command(environment: Environment, request: Request, place: Workplace) -> list[str]:
    """Make one data file of those of all processes."""
    python = str(environment.python)
    command = [python, "-m", "coverage", "combine", _rcfile(request, place), "-q"]
    # A process that was not started in parallel mode wrote the main file: it counts as well.
    return [*command, "--append"] if place.data_file.exists() else command


def json_command(
    environment: Environment, request: Request, place: Workplace, include: tuple[str, ...] = ()
) -> list[str]:
    """Write the data as JSON; the limit is ours to judge."""
    python = str(environment.python)
    command = [python, "-m", "coverage", "json", _rcfile(request, place), "-q", "--fail-under=0"]
    if include:
        command.append(f"--include={','.join(include)}")
    return [*command, "-o", str(place.result)]


def variables(
    environment: Environment,
    request: Request,
    place: Workplace,
    inherited: Mapping[str, str],
    root: Path,
) -> dict[str, str | None]:
    """Changes to the environment of every command of the run.

    Args:
        environment: The project environment.
        request: What is to be run.
        place: Where its files go.
        inherited: The process environment as injected.
        root: The project's root.
    """
    path = [str(place.plugin)]
    if environment.lent is not None:
        path.append(str(environment.lent))
    if inherited.get("PYTHONPATH"):
        path.append(inherited["PYTHONPATH"])
    measure = {
        "data_file": str(place.data_file),
        "config_file": str(root / request.rcfile if request.rcfile else place.no_settings),
        "source": list(request.source) or None,
        "branch": request.branch or None,
    }
    changes: dict[str, str | None] = dict.fromkeys(_FOREIGN)
    changes |= {
        "COVERAGE_FILE": str(place.data_file),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(place.cache / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(path),
        "RELEASE_GATE_EVENTS": str(place.events),
        "RELEASE_GATE_MEASURE": json.dumps(measure),
    }
    if request.command and request.rcfile is not None:
        changes["COVERAGE_PROCESS_START"] = str(root / request.rcfile)
    return changes | dict(request.variables)
