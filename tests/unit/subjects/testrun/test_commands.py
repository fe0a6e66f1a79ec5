"""The commands of a run and what they get."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ToolProblem
from release_gate.subjects.testrun import commands
from release_gate.subjects.testrun.commands import Request, Workplace
from release_gate.subjects.testrun.probe import Environment

pytestmark = pytest.mark.unit


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace.create(tmp_path, b"# plug-in")


def environment(tmp_path: Path, **facts: Any) -> Environment:
    values: dict[str, Any] = {
        "python": tmp_path / "bin" / "python",
        "python_version": (3, 12),
        "prefix": tmp_path,
        "pytest": "9.0",
        "pytest_cov": None,
        "coverage": "7.17",
    }
    return Environment(**{**values, **facts})


def test_the_plugin_lies_in_a_folder_of_its_own(place: Workplace) -> None:
    assert [p.name for p in place.plugin.iterdir()] == ["release_gate_events.py"]
    assert place.no_settings.read_bytes() == b""


def test_a_folder_with_an_earlier_run_is_refused(tmp_path: Path, place: Workplace) -> None:
    with pytest.raises(FileExistsError):
        Workplace.create(tmp_path, b"")


def test_pytest_is_run_under_coverage(tmp_path: Path, place: Workplace) -> None:
    request = Request(
        arguments=("tests/unit", "-q"),
        markers="not slow",
        branch=True,
        source=("src", "more"),
        rcfile="setup.cfg",
    )
    python = environment(tmp_path, pytest_cov="7.0")
    found = commands.pytest_command(python, request, place)

    assert found == [
        str(python.python),
        *("-m", "coverage", "run", "--rcfile=setup.cfg", "--parallel-mode", "--branch"),
        *("--source=src,more", "-m", "pytest", "-p", "release_gate_events"),
        *("-o", f"cache_dir={place.cache / 'pytest'}", "--no-cov"),
        *("-m", "not slow", "tests/unit", "-q"),
    ]


def test_an_option_of_a_plugin_that_is_not_loaded_is_left_out(
    tmp_path: Path, place: Workplace
) -> None:
    python = environment(tmp_path, pytest_cov="7.0")
    assert "--no-cov" not in commands.pytest_command(python, Request(), place, autoload=False)


def test_without_pytest_there_is_a_remedy(tmp_path: Path, place: Workplace) -> None:
    with pytest.raises(ToolProblem, match="has no pytest") as caught:
        commands.pytest_command(environment(tmp_path, pytest=None), Request(), place)
    assert "unittest" in caught.value.remedy


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (["python", "-m", "unittest"], [], ["-m", "unittest"]),
        (["python3", "run.py", "-v"], [], ["run.py", "-v"]),
        (["{python}", "-c", "pass"], [], ["-c", "pass"]),
        (
            ["python", "-W", "error", "-X", "dev", "-B", "-m", "x", "-W"],
            ["-W", "error", "-X", "dev", "-B"],
            ["-m", "x", "-W"],
        ),
        (["python"], [], []),
    ],
)
def test_a_command_of_python_is_measured(
    tmp_path: Path, place: Workplace, command: list[str], before: list[str], after: list[str]
) -> None:
    python = environment(tmp_path)
    request = Request(command=tuple(command))
    found = commands.user_command(python, request, place)

    run = ["-m", "coverage", "run", f"--rcfile={place.no_settings}", "--parallel-mode"]
    assert found == [str(python.python), *before, *run, *after]


def test_a_script_of_the_environment_is_measured(tmp_path: Path, place: Workplace) -> None:
    python = environment(tmp_path)
    python.python.parent.mkdir()
    script = python.python.parent / "stestr"
    script.write_bytes(b"#!/some/bin/python3\nimport x\n")
    found = commands.user_command(python, Request(command=("stestr", "run")), place)

    assert found[-2:] == [str(script), "run"]
    assert found[1:3] == ["-m", "coverage"]


@pytest.mark.parametrize("content", [None, b"#!/bin/sh\n", b"\x7fELF"])
def test_any_other_command_is_started_as_it_is(
    tmp_path: Path, place: Workplace, content: bytes | None
) -> None:
    python = environment(tmp_path)
    python.python.parent.mkdir()
    if content is not None:
        (python.python.parent / "make").write_bytes(content)
    found = commands.user_command(python, Request(command=("make", "test")), place)

    assert found == ["make", "test"]


def changes(tmp_path: Path, place: Workplace, request: Request, **facts: Any) -> dict[str, Any]:
    inherited = facts.pop("inherited", {})
    python = environment(tmp_path, **facts)
    return commands.variables(python, request, place, inherited, tmp_path)


def test_data_and_events_go_to_the_workplace(tmp_path: Path, place: Workplace) -> None:
    found = changes(tmp_path, place, Request(source=("src",), branch=True))

    assert found["COVERAGE_FILE"] == str(place.data_file)
    assert found["RELEASE_GATE_EVENTS"] == str(place.events)
    assert found["PYTHONPATH"] == str(place.plugin)
    assert json.loads(found["RELEASE_GATE_MEASURE"]) == {
        "data_file": str(place.data_file),
        "config_file": str(place.no_settings),
        "source": ["src"],
        "branch": True,
    }
    assert found["PYTEST_ADDOPTS"] is None
    assert found["COVERAGE_PROCESS_START"] is None


def test_an_inherited_path_comes_after_ours(tmp_path: Path, place: Workplace) -> None:
    lent = tmp_path / "lent"
    found = changes(tmp_path, place, Request(), lent=lent, inherited={"PYTHONPATH": "theirs"})

    assert found["PYTHONPATH"].split(os.pathsep) == [str(place.plugin), str(lent), "theirs"]


def test_a_foreign_command_is_measured_by_its_processes(tmp_path: Path, place: Workplace) -> None:
    request = Request(command=("make",), rcfile="setup.cfg", variables={"STAGE": "test"})
    found = changes(tmp_path, place, request)

    assert found["COVERAGE_PROCESS_START"] == str(tmp_path / "setup.cfg")
    assert found["STAGE"] == "test"


def test_the_report_can_be_limited(tmp_path: Path, place: Workplace) -> None:
    python = environment(tmp_path)
    found = commands.json_command(python, Request(), place, ("src/*", "more/*"))

    assert "--include=src/*,more/*" in found
    assert "--fail-under=0" in found
    assert "combine" in commands.combine_command(python, Request(), place)
