"""Building the project's environment in the cache folder, once for each state of its lock."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from release_gate.adapters.environment_recipes import REQUIREMENTS, Recipe, commands
from release_gate.adapters.interpreter import Interpreter, ask, in_folder, required
from release_gate.adapters.locks import FileLock, LockHeld
from release_gate.adapters.processes import Processes
from release_gate.adapters.runner import GateRunner
from release_gate.errors import OutputProblem, ProjectEnvironmentProblem, ToolProblem

VERSION = 1
MARKER = "release-gate-complete.json"
_DEADLINE_S = 1800.0
_LOOK_AGAIN_S = 0.2
_KEPT = 3
_NEWEST, _OLDEST = 15, 8
_TAIL_LINES = 3
_PINNED = re.compile(r"\d+\.\d+(\.\d+)?")


class BuiltEnvironment:
    """Implements :class:`release_gate.ports.ProjectEnvironment` with one of our own making.

    It is keyed by the files it is made from, the interpreter, the installer and the root (the
    project is installed editable). A marker moved into place last proves that it is whole.

    Args:
        root: The project's root.
        pyproject: The parsed ``pyproject.toml``.
        environment: The process environment as injected.
        recipe: What to build it from; ``None``: nothing says what the project needs.
        cache: The cache folder.
        processes: Starts interpreters and installers.
    """

    def __init__(
        self,
        root: Path,
        pyproject: Mapping[str, Any],
        environment: Mapping[str, str],
        recipe: Recipe | None,
        cache: Path,
        processes: Processes,
    ) -> None:
        self._root = root
        self._pyproject = pyproject
        self._environment = environment
        self._recipe = recipe
        self._home = cache / "environments"
        self._processes = processes
        self._one_at_a_time = threading.Lock()

    def python(self) -> Path:
        """Its interpreter; built on first use.

        Raises:
            ProjectEnvironmentProblem: If it cannot be built.
            Interrupted: If the run is ended meanwhile.
        """
        with self._one_at_a_time:
            return self._python

    def origin(self) -> str:
        """How it was or would be built."""
        return self._recipe.describe() if self._recipe else "none: nothing says what is needed"

    @cached_property
    def _python(self) -> Path:
        if self._recipe is None:
            raise ProjectEnvironmentProblem(
                "there is no environment of the project, and no lock, requirement file or "
                "pyproject.toml that says what to build one from",
                remedy="Make .venv, or name an interpreter with --project-python.",
            )
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):  # else it would grow with each run
                (self._home / "interpreter.log").unlink(missing_ok=True)
            base = self._interpreter()
            folder = self._home / self._key(self._recipe, base)
            with self._locked(folder):
                if not self._is_whole(folder):
                    self._build(self._recipe, base, folder)
                    self._tidy(folder)
                os.utime(folder / MARKER)
        except (OSError, OutputProblem) as error:
            raise ProjectEnvironmentProblem(
                f"the project environment cannot be kept in the cache folder: {error}",
                remedy="Set RELEASE_GATE_CACHE to a folder that can be written and has room.",
            ) from error
        return in_folder(folder)

    def _interpreter(self) -> Interpreter:
        """The first that the project allows: ours, else the newest on ``PATH``.

        A version in ``.python-version`` goes first.
        """
        versions = required(self._pyproject)
        runner = self._runner(self._home / "interpreter.log")
        seen = []
        for executable in self._candidates():
            try:
                found = ask(runner, executable)
            except ProjectEnvironmentProblem:
                continue  # a shim without a version behind it; the next may do
            if found.version in versions:
                return found
            seen.append(found.version)
        raise ProjectEnvironmentProblem(
            f"no interpreter for requires-python {versions} was found, "
            f"only {', '.join(sorted(set(seen))) or 'none'}",
            remedy="Install one, or name it with --project-python.",
        )

    def _candidates(self) -> Iterator[Path]:
        path = self._environment.get("PATH", "")
        names = [f"python3.{minor}" for minor in range(_NEWEST, _OLDEST - 1, -1)]
        wanted = _pinned(self._root / ".python-version")
        ours = "{}.{}".format(*sys.version_info)
        first = [f"python{wanted}"] if wanted and wanted != ours else []
        for name in [*first, sys.executable, *names, "python3", "python"]:
            found = shutil.which(name, path=path)
            if found and Path(found).is_absolute():
                yield Path(found)

    def _key(self, recipe: Recipe, base: Interpreter) -> str:
        files = {
            name: hashlib.sha256((self._root / name).read_bytes()).hexdigest()
            for name in recipe.sources
        }
        made_of: list[Any] = [VERSION, recipe.kind, recipe.installer, files, base.base, base.build]
        made_of += [recipe.groups, recipe.extras, recipe.requirements, recipe.project]
        digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
        return f"{self._prefix}{digest[:16]}"

    @property
    def _prefix(self) -> str:
        return hashlib.sha256(os.fsencode(self._root)).hexdigest()[:12] + "-"

    @contextmanager
    def _locked(self, folder: Path) -> Iterator[None]:
        lock = FileLock(folder.with_name(f"{folder.name}.lock"), f"process {os.getpid()}")
        until = time.monotonic() + _DEADLINE_S
        while True:
            self._processes.check()
            try:
                lock.acquire()
                break
            except LockHeld as held:
                if time.monotonic() > until:
                    raise ProjectEnvironmentProblem(
                        f"{held.holder or 'another process'} has been building the project "
                        f"environment for more than {_DEADLINE_S:g} s",
                        remedy="End it, or make .venv.",
                    ) from held
                time.sleep(_LOOK_AGAIN_S)
        try:
            yield
        finally:
            lock.release()

    def _is_whole(self, folder: Path) -> bool:
        try:
            marker = json.loads((folder / MARKER).read_bytes())
        except (OSError, ValueError):
            return False
        if marker != {"version": VERSION}:
            return False
        try:
            ask(self._runner(self._home / "interpreter.log"), in_folder(folder))
        except ProjectEnvironmentProblem:
            return False  # the interpreter it was made of has gone: build it again
        return True

    def _build(self, recipe: Recipe, base: Interpreter, folder: Path) -> None:
        if folder.exists():
            shutil.rmtree(folder)
        log = folder.with_name(f"{folder.name}.log")
        log.unlink(missing_ok=True)
        runner = self._runner(log)
        python = in_folder(folder)
        for command in commands(recipe, self._root, base.executable, folder, python):
            if recipe.requirements and folder.is_dir():
                lines = "".join(f"{line}\n" for line in recipe.requirements)
                (folder / REQUIREMENTS).write_text(lines, encoding="utf-8")
            self._command(runner, command, folder)
        ask(runner, python)
        temporary = folder / f"{MARKER}.new"
        temporary.write_text(json.dumps({"version": VERSION}), encoding="utf-8")
        temporary.replace(folder / MARKER)

    def _command(self, runner: GateRunner, command: tuple[str, ...], folder: Path) -> None:
        name = " ".join([Path(command[0]).stem, *command[1:3]])
        try:
            done = runner.run(command, env=_variables(folder, self._environment))
        except ToolProblem as error:
            raise self._failed(name, error.what, folder) from error
        if done.exit_code:
            lines = [*done.stderr.splitlines(), *done.stdout.splitlines()]
            tail = [line.decode("utf-8", "replace").strip() for line in lines if line.strip()]
            reason = "; ".join(tail[-_TAIL_LINES:]) or "no word"
            raise self._failed(name, f"exit {done.exit_code}: {reason}", folder)

    def _failed(self, name: str, reason: str, folder: Path) -> ProjectEnvironmentProblem:
        reason = self._processes.redactor.redact(reason).replace(str(self._home), "{cache}")
        return ProjectEnvironmentProblem(
            f"the project environment could not be built: {name}: {reason}",
            remedy=f"The log is environments/{folder.name}.log in the cache folder. Make .venv "
            "yourself, or name an interpreter with --project-python.",
        )

    def _tidy(self, folder: Path) -> None:
        """Keep the environments of this root that were used last, and no others."""
        others = [
            one.parent
            for one in self._home.glob(f"{self._prefix}*/{MARKER}")
            if one.parent != folder
        ]
        with suppress(OSError):  # another run tidies at the same time
            others.sort(key=lambda one: (one / MARKER).stat().st_mtime, reverse=True)
            for old in others[_KEPT - 1 :]:
                (old / MARKER).unlink()  # first of all: half of it must not look whole
                shutil.rmtree(old)

    def _runner(self, log: Path) -> GateRunner:
        return self._processes.for_gate("project-environment", log, _DEADLINE_S)


def _pinned(file: Path) -> str | None:
    """Major and minor of the first line of a ``.python-version``."""
    try:
        first = file.read_text("utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError):
        return None
    return ".".join(first.split(".")[:2]) if _PINNED.fullmatch(first) else None


def _variables(folder: Path, environment: Mapping[str, str]) -> dict[str, str | None]:
    scripts = in_folder(folder).parent
    return {
        # Else the first run of the tests would compile everything they import.
        "UV_COMPILE_BYTECODE": "1",
        "UV_PROJECT_ENVIRONMENT": str(folder),
        "VIRTUAL_ENV": str(folder),
        "PATH": os.pathsep.join([str(scripts), environment.get("PATH", os.defpath)]),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PYTHONPATH": None,
        "UV_NO_PROGRESS": "1",
    }
