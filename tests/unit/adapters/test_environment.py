from __future__ import annotations

import os
import sys
import venv
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters.environment import InstalledToolkit, find_project_environment
from release_gate.adapters.interpreter import in_folder
from release_gate.adapters.processes import Processes
from release_gate.errors import ProjectEnvironmentProblem
from release_gate.ports import ProjectEnvironment

pytestmark = pytest.mark.unit

Find = Callable[..., ProjectEnvironment]


@pytest.fixture
def find(tmp_path: Path, processes: Processes) -> Find:
    root = tmp_path / "project"
    root.mkdir()

    def found(
        pyproject: Mapping[str, Any] | None = None,
        variables: Mapping[str, str] | None = None,
        requested: Path | None = None,
        configured: str | None = None,
    ) -> ProjectEnvironment:
        environment = {"PATH": os.environ["PATH"], **(variables or {})}
        return find_project_environment(
            root, pyproject or {}, environment, requested, configured, tmp_path / "cache", processes
        )

    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "project"


def make(folder: Path) -> Path:
    """A virtual environment without pip."""
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    return in_folder(folder)


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_toolkit_is_the_environment_of_this_process() -> None:
    toolkit = InstalledToolkit()
    assert Path(sys.executable) == toolkit.python
    assert sys.version_info[:2] == toolkit.python_version
    assert metadata.version("ruff") == toolkit.version("ruff")
    assert toolkit.version("not-a-distribution") is None


def test_a_python_that_does_not_know_where_it_lies_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(ProjectEnvironmentProblem):
        _ = InstalledToolkit().python


def test_the_order_in_which_an_environment_is_found(find: Find, root: Path) -> None:
    for name in ("asked", "set", "uv", ".venv"):
        make(root / name)
    (root / "requirements.txt").write_text("")
    uv = {"UV_PROJECT_ENVIRONMENT": "uv"}
    by_all = find(variables=uv, requested=root / "asked", configured="set")
    by_key = find(variables=uv, configured="set")
    by_uv, by_folder = find(variables=uv), find()
    assert [in_folder(root / name) for name in ("asked", "set", "uv", ".venv")] == [
        one.python() for one in (by_all, by_key, by_uv, by_folder)
    ]
    assert [one.origin() for one in (by_all, by_key, by_uv, by_folder)] == [
        "--project-python",
        "project-python = set",
        "UV_PROJECT_ENVIRONMENT",
        ".venv",
    ]


def test_an_interpreter_may_be_given_itself(find: Find) -> None:
    assert Path(sys.executable) == find(requested=Path(sys.executable)).python()


def test_a_bare_name_in_the_configuration_is_looked_up(find: Find, tmp_path: Path) -> None:
    tool = program(tmp_path / "bin" / "python-of-ours", f'exec {sys.executable} "$@"')
    found = find(variables={"PATH": str(tool.parent)}, configured="python-of-ours")
    assert tool == found.python()


@pytest.mark.parametrize(
    "arguments",
    [
        {"requested": Path("nowhere")},
        {"configured": "nowhere"},
        {"configured": "no/where"},
        {"variables": {"UV_PROJECT_ENVIRONMENT": "nowhere"}},
    ],
)
def test_what_is_named_must_be_there(find: Find, arguments: Any) -> None:
    environment = find(**arguments)
    with pytest.raises(ProjectEnvironmentProblem, match="is not there") as caught:
        environment.python()
    assert "--project-python" in caught.value.remedy


@pytest.mark.parametrize("kind", ["empty folder", "dangling link", "file"])
def test_a_broken_venv_is_an_error_and_not_passed_over(find: Find, root: Path, kind: str) -> None:
    if kind == "empty folder":
        (root / ".venv").mkdir()
    elif kind == "dangling link":
        (root / ".venv").symlink_to("nowhere")
    else:
        (root / ".venv").write_text("nowhere")
    (root / "requirements.txt").write_text("")
    with pytest.raises(ProjectEnvironmentProblem, match=r"\.venv has no interpreter"):
        find().python()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo boom >&2; exit 3", "boom"),
        ("exit 0", "exit 0 and no answer"),
        ("echo '[]'", "exit 0 and no answer"),
        ("echo '{\"version\": 3}'", "exit 0 and no answer"),
        ("kill -9 $$", "exit -9"),
    ],
)
def test_an_interpreter_that_does_not_answer_like_python(
    find: Find, root: Path, text: str, reason: str
) -> None:
    fake = program(root / "fake", text)
    with pytest.raises(ProjectEnvironmentProblem, match=reason):
        find(requested=fake).python()


def test_an_interpreter_that_cannot_be_started(find: Find, root: Path) -> None:
    (root / "fake").write_bytes(b"\0")
    with pytest.raises(ProjectEnvironmentProblem, match="could not be started"):
        find(requested=root / "fake").python()


def test_an_interpreter_that_the_project_does_not_allow(find: Find) -> None:
    old = find({"project": {"requires-python": ">=99"}}, requested=Path(sys.executable))
    with pytest.raises(ProjectEnvironmentProblem, match=r"requires-python is >=99"):
        old.python()


@pytest.mark.parametrize("written", ["newer", 3.11, ["x"]])
def test_a_requires_python_that_means_nothing_is_an_error(find: Find, written: object) -> None:
    environment = find({"project": {"requires-python": written}}, requested=Path(sys.executable))
    with pytest.raises(ProjectEnvironmentProblem, match="no version specifier"):
        environment.python()


def test_it_is_asked_only_once(find: Find, tmp_path: Path) -> None:
    count = tmp_path / "count"
    tool = program(tmp_path / "py", f'echo x >> {count}; exec {sys.executable} "$@"')
    environment = find(requested=tool)
    assert environment.python() == environment.python()
    assert count.read_text() == "x\n"
