"""Running a Python tool and telling of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from release_gate.api import Completed, ToolProblem
from release_gate.subjects.source import commands
from release_gate.testing import context, project

pytestmark = pytest.mark.unit


def completed(stdout: bytes = b"", stderr: bytes = b"") -> Completed:
    return Completed(
        argv=("p",), exit_code=3, stdout=stdout, stderr=stderr, duration_s=0.0, log=Path("log")
    )


def test_paths_of_this_machine_are_replaced(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {}))
    argv = [
        str(ctx.toolkit.python),
        "-m",
        "tool",
        str(ctx.work / "report.json"),
        f"--cache={ctx.work}",
        str(tmp_path / "a.py"),
        str(tmp_path),
        f"@{ctx.artifacts}",
        f"--with={ctx.toolkit.python}",
    ]
    assert commands.canonical(ctx, argv) == (
        "{python}",
        "-m",
        "tool",
        "{tmp}/report.json",
        "--cache={tmp}",
        "{root}/a.py",
        "{root}",
        "@{artifacts}",
        "--with={python}",
    )


def test_a_run_of_file_names_becomes_one_word(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {}))
    argv = ["python", "-q", "a.py", "b.py", "--", "c.py"]
    assert commands.canonical(ctx, argv, files=["a.py", "b.py", "c.py"]) == (
        "{python}",
        "-q",
        "{files}",
        "--",
        "{files}",
    )


@pytest.mark.parametrize(
    ("stdout", "stderr", "said"),
    [
        (b"out\n", b"first\nlast\n\n", "last"),
        (b"out\n", b"\n", "out"),
        (b"", b"", "it printed nothing"),
        (b"", b"\xff" * 3, "\ufffd" * 3),
        (b"", b"x" * 999, "x" * 300),
    ],
)
def test_the_last_line_that_says_something_is_told(stdout: bytes, stderr: bytes, said: str) -> None:
    assert said == commands.last_words(completed(stdout, stderr))


def test_an_unknown_exit_code_is_a_problem_with_the_last_words(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {}))
    with pytest.raises(ToolProblem, match=r"no_such_tool ended with exit code 1: .*No module"):
        commands.module(ctx, "no_such_tool", [], known=(0,))


def test_a_module_of_the_project_is_not_imported(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {"json.py": "raise SystemExit(9)\n"}))
    assert commands.module(ctx, "json.tool", ["--help"], known=(0,)).exit_code == 0


def test_the_python_path_of_the_user_does_not_reach_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path/json.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    ctx = context(project(tmp_path, {}))
    assert commands.module(ctx, "json.tool", ["--help"], known=(0,)).exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="a script stands for an interpreter")
@pytest.mark.parametrize(
    ("output", "version"), [("tool 1.2.3 (x)", "1.2.3"), ("v 2.0rc1", "2.0rc1")]
)
def test_the_version_is_what_the_tool_says(tmp_path: Path, output: str, version: str) -> None:
    ctx = context(project(tmp_path, {}))
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{output}'\n", encoding="utf-8")
    python.chmod(0o755)
    assert version == commands.version(ctx, "tool", python=python)


def test_a_run_is_told_with_its_home(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {}))
    run = commands.tool_run(ctx, "tool", completed(), version="1.0", home="project")
    assert (run.name, run.version, run.exit_code, run.home) == ("tool", "1.0", 3, "project")
