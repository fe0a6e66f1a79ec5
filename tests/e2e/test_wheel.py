"""A wheel in an environment of its own gates a repository whose dependencies conflict with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
# Older than anything the toolkit can run with.
CONFLICTING = ("jinja2==2.11.3", "markupsafe==2.0.1", "click==7.1.2")

FILES = {
    "noxfile.py": "from release_gate.nox_sessions import register\n\nregister()\n",
    ".gitignore": ".venv/\nbuild/\n__pycache__/\n",
    "pyproject.toml": """\
[project]
name = "greeter"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["jinja2==2.11.3", "click==7.1.2"]

[tool.release-gate]
source = ["src"]
expected = ["lint", "types", "security", "coverage", "secrets"]

[tool.mypy]
strict = true
ignore_missing_imports = true  # of their time: neither package had types

[tool.pytest.ini_options]
pythonpath = ["src"]
""",
    "src/greeter/__init__.py": '"""Greets."""\n',
    "src/greeter/hello.py": '''\
"""Says hello by a template of an old jinja2."""

import click
import jinja2


def hello(name: str) -> str:
    """Say hello."""
    template = jinja2.Template("Hello {{ name }} from click " + click.__version__)
    return str(template.render(name=name))
''',
    "tests/test_hello.py": """\
from greeter.hello import hello


def test_hello_uses_the_old_click() -> None:
    assert hello("you") == "Hello you from click 7.1.2"
""",
}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"CI", "VIRTUAL_ENV"}}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def environment(folder: Path, *requirements: str) -> Path:
    """A fresh virtual environment; its interpreter."""
    made = run(sys.executable, "-m", "uv", "venv", "--python", sys.executable, folder, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    python = folder / "bin" / "python"
    uv = (sys.executable, "-m", "uv")
    done = run(*uv, "pip", "install", "--python", python, *requirements, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return python


@pytest.fixture(scope="module")
def toolkit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment into which our wheel was installed."""
    folder = tmp_path_factory.mktemp("toolkit")
    done = run(
        *(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return environment(folder / "env", str(wheel))


@pytest.fixture(scope="module")
def greeter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a ``.venv`` whose packages the toolkit could not live with."""
    folder = tmp_path_factory.mktemp("greeter")
    for name, content in FILES.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    environment(folder / ".venv", *CONFLICTING, "pytest", "coverage")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "one"]):
        assert run("git", *IDENTITY, *arguments, cwd=folder).returncode == 0
    return folder


def test_the_wheel_gates_a_repository_with_conflicting_dependencies(
    toolkit: Path, greeter: Path
) -> None:
    done = run(toolkit, "-m", "nox", "-s", "gate", cwd=greeter)
    report = json.loads((greeter / "build/release-gate/gate.json").read_text())
    said = {row["id"]: (row["verdict"], row["reason"]) for row in report["gates"]}
    assert {verdict for verdict, _ in said.values()} == {"pass"}, said
    assert done.returncode == 0, done.stdout + done.stderr
    (coverage,) = (row for row in report["gates"] if row["id"] == "coverage")
    assert coverage["examined"]["count"] > 0


def test_the_gates_and_templates_of_the_wheel_are_its_own(toolkit: Path, greeter: Path) -> None:
    code = "from release_gate.assets import templates_folder; print(templates_folder())"
    done = run(toolkit, "-c", code, cwd=greeter)
    assert "_bundled" in done.stdout, done.stderr


def test_in_an_editable_install_a_changed_template_shows_at_once(
    tmp_path: Path, greeter: Path
) -> None:
    clone = tmp_path / "clone"
    assert (
        run("git", "clone", "--quiet", "--no-hardlinks", ROOT, clone, cwd=tmp_path).returncode == 0
    )
    python = environment(tmp_path / "env", "--editable", str(clone))
    template = clone / "templates" / "console.txt"
    template.write_text("changed just now\n" + template.read_text())
    done = run(python, "-m", "nox", "-s", "lint", cwd=greeter)
    assert "changed just now" in done.stdout, done.stdout + done.stderr
