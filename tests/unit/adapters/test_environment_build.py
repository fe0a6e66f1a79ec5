from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters import environment_build, environment_recipes
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.environment import find_project_environment
from release_gate.adapters.environment_build import MARKER
from release_gate.adapters.locks import FileLock
from release_gate.adapters.processes import Processes
from release_gate.errors import Interrupted, ProjectEnvironmentProblem
from release_gate.ports import ProjectEnvironment
from release_gate.redact import Redactor

pytestmark = pytest.mark.unit

UV = environment_recipes._tool("uv", os.environ)
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not installed")

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.9"
"""
# A build backend that needs nothing from an index.
BACKEND = """
import os, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "shop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("shop.pth", os.path.join(os.getcwd(), "src"))
        info = "shop-1.0.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\n"
            "Root-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
build_wheel = build_editable
"""


def helper_wheel(folder: Path) -> str:
    """A wheel of one module, and its hash."""
    folder.mkdir(exist_ok=True)
    path = folder / "helper-1.0-py3-none-any.whl"
    info = "helper-1.0.dist-info/"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(zipfile.ZipInfo("helper.py"), "")
        wheel.writestr(
            zipfile.ZipInfo(info + "METADATA"),
            "Metadata-Version: 2.1\nName: helper\nVersion: 1.0\n",
        )
        wheel.writestr(
            zipfile.ZipInfo(info + "WHEEL"),
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(zipfile.ZipInfo(info + "RECORD"), "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src" / "shop").mkdir(parents=True)
    (root / "src" / "shop" / "__init__.py").write_text("")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PYPROJECT)
    return root


@pytest.fixture
def variables() -> dict[str, str]:
    """No index is asked for anything."""
    return {**os.environ, "UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}


class Builder:
    def __init__(self, root: Path, cache: Path, variables: dict[str, str]) -> None:
        self.root = root
        self.cache = cache
        self.variables = variables
        self.processes = Processes(
            root, variables, SystemClock(), redactor=Redactor(["hunter2-secret"])
        )

    def find(self) -> ProjectEnvironment:
        file = self.root / "pyproject.toml"
        pyproject = tomllib.loads(file.read_text()) if file.exists() else {}
        return find_project_environment(
            self.root, pyproject, self.variables, None, None, self.cache, self.processes
        )

    def python(self) -> Path:
        return self.find().python()

    def installed(self) -> list[str]:
        return sorted(one.name for one in (self.cache / "environments").glob("*-*/"))


@pytest.fixture
def builder(root: Path, tmp_path: Path, variables: dict[str, str]) -> Builder:
    return Builder(root, tmp_path / "cache", variables)


def imports(python: Path, *names: str) -> bool:
    code = ";".join(f"import {name}" for name in names)
    return subprocess.run([python, "-c", code], cwd="/", check=False).returncode == 0


def with_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_recipes, "_tool", lambda _name, _environment: None)


@pytest.mark.parametrize("installer", [pytest.param("uv", marks=needs_uv), "pip"])
def test_a_package_is_installed_with_its_hashed_requirements(
    builder: Builder, installer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installer == "pip":
        with_pip(monkeypatch)
    digest = helper_wheel(builder.root / "wheels")
    (builder.root / "requirements.txt").write_text(
        f"--no-index\n--find-links {builder.root}/wheels\nhelper==1.0 --hash=sha256:{digest}\n"
    )
    environment = builder.find()
    assert f"built in the cache folder by {installer} from requirements.txt" == environment.origin()
    assert not builder.cache.exists()
    python = environment.python()
    assert imports(python, "shop", "helper")
    assert python.is_relative_to(builder.cache)
    assert not imports(python, "release_gate")


@needs_uv
def test_a_hash_that_does_not_match_is_an_error(builder: Builder) -> None:
    helper_wheel(builder.root / "wheels")
    (builder.root / "requirements.txt").write_text(
        f"--no-index\n--find-links {builder.root}/wheels\nhelper==1.0 --hash=sha256:{'0' * 64}\n"
    )
    with pytest.raises(ProjectEnvironmentProblem, match=r"could not be built: uv pip install"):
        builder.python()


@needs_uv
def test_a_uv_lock_is_installed_as_it_stands(builder: Builder) -> None:
    subprocess.run(
        [str(UV), "lock", "--quiet", "--offline"],
        cwd=builder.root,
        env=builder.variables,
        check=True,
    )
    lock = (builder.root / "uv.lock").read_bytes()
    python = builder.python()
    assert imports(python, "shop")
    assert lock == (builder.root / "uv.lock").read_bytes()
    assert not (builder.root / ".venv").exists()


@needs_uv
def test_names_alone_are_installed(builder: Builder) -> None:
    helper_wheel(builder.root / "wheels")
    with (builder.root / "pyproject.toml").open("a") as stream:
        stream.write(f'[dependency-groups]\ntest = ["helper @ file://{builder.root}/wheels/')
        stream.write('helper-1.0-py3-none-any.whl"]\n')
    assert imports(builder.python(), "shop", "helper")


def test_a_poetry_lock_is_installed_by_poetry_into_our_environment(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "poetry"
    fake.write_text(f'#!/bin/sh\necho "$@ $VIRTUAL_ENV" > {tmp_path}/called\n')
    fake.chmod(0o755)
    monkeypatch.setattr(
        environment_recipes, "_tool", lambda name, _: fake if name == "poetry" else None
    )
    (builder.root / "poetry.lock").write_text("")
    python = builder.python()
    assert (tmp_path / "called").read_text() == f"install --no-interaction {python.parent.parent}\n"


@needs_uv
def test_it_is_built_once_and_found_again(builder: Builder) -> None:
    first = builder.python()
    made = (first.parent.parent / MARKER).stat().st_ino
    assert first == builder.python()
    assert made == (first.parent.parent / MARKER).stat().st_ino


@needs_uv
def test_another_lock_is_another_environment_and_old_ones_go(builder: Builder) -> None:
    seen = []
    for number in range(5):
        (builder.root / "setup.cfg").write_text(f"# {number}\n")
        seen.append(builder.python())
        stamp = 1_000_000 + number
        os.utime(seen[-1].parent.parent / MARKER, (stamp, stamp))
    assert len(set(seen)) == 5
    assert sorted(one.parent.parent.name for one in seen[-3:]) == builder.installed()


@needs_uv
def test_what_was_left_half_built_is_built_again(builder: Builder) -> None:
    folder = builder.python().parent.parent
    for marker in (None, "", "{}", '{"version": 99}'):
        (folder / MARKER).unlink()
        if marker is not None:
            (folder / MARKER).write_text(marker)
        (folder / "half").touch()
        assert imports(builder.python(), "shop")
        assert not (folder / "half").exists()


@needs_uv
def test_an_environment_whose_interpreter_has_gone_is_built_again(builder: Builder) -> None:
    python = builder.python()
    python.unlink()
    assert imports(builder.python(), "shop")


@needs_uv
def test_a_failing_build_says_what_failed_and_where_the_log_is(builder: Builder) -> None:
    backend = builder.root / "backend.py"
    backend.write_text("raise RuntimeError('no luck with hunter2-secret')\n")
    with pytest.raises(ProjectEnvironmentProblem, match="could not be built: uv pip inst") as e:
        builder.python()
    assert "exit 1" in e.value.what
    assert "hunter2" not in str(e.value)
    log = e.value.remedy.split()[3]
    text = (builder.cache / log).read_text()
    assert "no luck with [redacted]" in text
    assert str(builder.cache) not in str(e.value)
    backend.write_text(BACKEND)
    assert imports(builder.python(), "shop")


def test_an_installer_that_hangs_is_ended(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\nsleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setattr(environment_recipes, "_tool", lambda _name, _environment: fake)
    monkeypatch.setattr(environment_build, "_DEADLINE_S", 1.0)
    with pytest.raises(ProjectEnvironmentProblem, match="deadline"):
        builder.python()


def test_nothing_to_build_from_is_an_error(builder: Builder) -> None:
    for name in ("pyproject.toml", "backend.py"):
        (builder.root / name).unlink()
    environment = builder.find()
    assert "none" in environment.origin()
    with pytest.raises(ProjectEnvironmentProblem, match="says what to build one from"):
        environment.python()


def test_no_interpreter_that_is_allowed(builder: Builder) -> None:
    file = builder.root / "pyproject.toml"
    builder.variables["PATH"] = "/nowhere"
    file.write_text(PYPROJECT.replace(">=3.9", ">=99"))
    with pytest.raises(ProjectEnvironmentProblem, match="no interpreter for requires-python >=99"):
        builder.python()


def fake_python(folder: Path, name: str, version: str) -> None:
    folder.mkdir(exist_ok=True)
    answer = json.dumps({"version": version, "base": name, "build": name})
    (folder / name).write_text(f"#!/bin/sh\necho '{answer}'\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("required", "pinned", "chosen"),
    [
        (">=3.8", None, sys.executable),
        ("<3.11", None, "python3.9"),
        (">=3.8", "3.10.4\n", "python3.10"),
        (">=3.8", "3.8", sys.executable),
        (">=3.8", "whatever", sys.executable),
        (">=3.99", None, "python3.14"),
        (">=3.9", "3.13", sys.executable),
    ],
)
def test_the_interpreter_that_fits_best(
    builder: Builder, tmp_path: Path, required: str, pinned: str | None, chosen: str
) -> None:
    bin_folder = tmp_path / "bin"
    fake_python(bin_folder, "python3.9", "3.9.1")
    fake_python(bin_folder, "python3.10", "3.10.4")
    fake_python(bin_folder, "python3.14", "3.99.0")
    (bin_folder / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (bin_folder / "python3.13").chmod(0o755)
    builder.variables["PATH"] = f"{bin_folder}{os.pathsep}/nowhere"
    (builder.root / "pyproject.toml").write_text(PYPROJECT.replace(">=3.9", required))
    if required == "<3.11":
        (bin_folder / "python3.10").unlink()
    if pinned is not None:
        (builder.root / ".python-version").write_text(pinned)
    environment: Any = builder.find()
    (builder.cache / "environments").mkdir(parents=True)
    assert Path(chosen).name == environment._interpreter().executable.name


def test_builds_at_the_same_time_wait_for_each_other(
    builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "uv"
    fake.write_text(
        f'#!/bin/sh\necho "$1" >> {tmp_path}/calls; sleep 0.3\n'
        f'[ "$1" = venv ] && mkdir -p "$5/bin" && ln -s {sys.executable} "$5/bin/python"\nexit 0\n'
    )
    fake.chmod(0o755)
    monkeypatch.setattr(environment_recipes, "_tool", lambda _name, _environment: fake)
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(builder.python())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 3
    assert len(set(found)) == 1
    assert (tmp_path / "calls").read_text() == "venv\npip\n"


def test_waiting_for_another_build_ends_with_the_run_or_the_deadline(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment: Any = builder.find()
    folder = builder.cache / "environments"
    folder.mkdir(parents=True)
    name = environment._key(environment._recipe, environment._interpreter())
    other = FileLock(folder / f"{name}.lock", "process 4711")
    other.acquire()
    monkeypatch.setattr(environment_build, "_DEADLINE_S", 0.3)
    with pytest.raises(ProjectEnvironmentProblem, match="process 4711 has been building"):
        builder.find().python()
    monkeypatch.undo()
    threading.Timer(0.3, builder.processes.cancel).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        builder.find().python()
    assert time.monotonic() - started < 5
    other.release()


def test_a_cache_that_cannot_be_written_is_an_error(builder: Builder) -> None:
    builder.cache.write_text("in the way")
    with pytest.raises(ProjectEnvironmentProblem, match="cannot be kept in the cache") as e:
        builder.python()
    assert "RELEASE_GATE_CACHE" in e.value.remedy


@needs_uv
def test_two_roots_do_not_share_an_editable_install(builder: Builder, tmp_path: Path) -> None:
    shutil.copytree(builder.root, tmp_path / "copy")
    other = Builder(tmp_path / "copy", builder.cache, builder.variables)
    assert builder.python() != other.python()
