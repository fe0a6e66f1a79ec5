"""Starting one child process, and saying why it could not be started."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from release_gate.adapters.process_tree import own_session
from release_gate.errors import ToolMissing, ToolProblem

_NOT_STARTABLE = {errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.EPERM, errno.ENOTDIR}
_WINERROR_NOT_A_PROGRAM = 193


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What to start.

    Args:
        argv: Program and arguments.
        cwd: Absolute working folder.
        changes: Changes to the environment; ``None`` takes a variable away.
        stdin: Whether something will be written to its standard input.
        pass_fds: Descriptors that it inherits; POSIX only.
    """

    argv: tuple[str, ...]
    cwd: Path
    changes: Mapping[str, str | None] = field(default_factory=dict)
    stdin: bool = False
    pass_fds: tuple[int, ...] = ()


def spawn(command: Command, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, without a shell.

    Args:
        command: What to start.
        environment: All of the child's environment.

    Raises:
        ToolMissing: If there is no such program or it cannot be executed.
        ToolProblem: If its arguments or its folder cannot be used.
    """
    try:
        return _popen(command, environment)
    except OSError as error:
        raise _cannot_start(command, error) from error
    except ValueError as error:  # a null byte in a name
        raise ToolProblem(f"{command.argv[0]!r} cannot be run: {error}") from error


def _popen(command: Command, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    options: dict[str, Any] = own_session()
    if command.pass_fds:  # Windows has none, and would refuse the argument
        options["pass_fds"] = command.pass_fds
    return subprocess.Popen(  # noqa: S603 - running the tools that the plan names is what we do
        [_program(command.argv[0], environment), *command.argv[1:]],
        cwd=command.cwd,
        env=environment,
        stdin=subprocess.PIPE if command.stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def _program(name: str, environment: Mapping[str, str]) -> str:
    """Where Windows finds the program: by the child's PATH, never in the working folder."""
    if sys.platform == "win32" and Path(name).name == name:  # pragma: no cover - Windows
        found = shutil.which(name, path=environment.get("PATH", ""))
        if found is None or Path(found).parent == Path.cwd():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return found
    return name


def _cannot_start(command: Command, error: OSError) -> ToolProblem:
    name = command.argv[0]
    reason = error.strerror or str(error)
    if not command.cwd.is_dir():
        return ToolProblem(f"{name} cannot run in {command.cwd}: there is no such folder")
    if error.errno == errno.E2BIG:
        size = sum(len(os.fsencode(part)) + 1 for part in command.argv)
        return ToolProblem(
            f"{name} cannot be started: {len(command.argv)} arguments of {size} bytes are too many",
            remedy="Narrow the run with --path, or leave generated files out of git's list.",
        )
    if error.errno in _NOT_STARTABLE or getattr(error, "winerror", 0) == _WINERROR_NOT_A_PROGRAM:
        return ToolMissing(
            f"{name} could not be started: {reason}",
            remedy="Install it, or check that it is on PATH and executable.",
        )
    return ToolProblem(f"{name} could not be started: {reason}")
