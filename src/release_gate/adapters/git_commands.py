"""Calling git so that it only answers: no pager, no prompt, no hook, no lock, no other language."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from release_gate.adapters.child_environment import child_environment
from release_gate.adapters.file_list import cannot_list
from release_gate.errors import RepositoryProblem

_DEADLINE_S = 300.0
_SETTINGS = {
    # A project may name any program here, and planning runs none of the project's.
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "diff.mnemonicPrefix": "false",
    "diff.noprefix": "false",
    "diff.orderFile": os.devnull,
    "diff.external": "",
    "color.ui": "false",
}
_ANSWERS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}
_NOT_LISTED = "could not open directory '"


class GitFailed(Exception):
    """Git ended with an error.

    Args:
        exit_code: Raw exit code.
        message: What it wrote to standard error.
    """

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message


class Git:
    """Git, called in one folder.

    Args:
        root: Working folder; paths in answers are relative to it where git can.
        environment: The process environment as injected.
    """

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = child_environment(environment, _ANSWERS)
        found = shutil.which("git", path=self._environment.get("PATH", os.defpath))
        # On Windows the working folder comes first: what lies there is the project's.
        self._program = found if found and Path(found).is_absolute() else None

    @property
    def installed(self) -> bool:
        """Whether there is a git at all."""
        return self._program is not None

    def run(self, *arguments: str) -> bytes:
        """Standard output of a command.

        Raises:
            GitFailed: If it exits with anything but 0.
            RepositoryProblem: If it does not come to an end or cannot be started.
        """
        try:
            done = subprocess.run(  # noqa: S603 - git with arguments of ours
                [*self._command(), *arguments],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_DEADLINE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RepositoryProblem(
                f"git {arguments[0]} did not answer within {_DEADLINE_S:g} s",
                remedy="Run it by hand; a network drive or a lock may hold it up.",
            ) from error
        except OSError as error:
            raise RepositoryProblem(f"git cannot be started: {error.strerror or error}") from error
        message = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode:
            raise GitFailed(done.returncode, message)
        if _NOT_LISTED in message:  # git warns and exits 0
            raise cannot_list(message.partition(_NOT_LISTED)[2].partition("'")[0])
        return done.stdout

    def must(self, *arguments: str) -> bytes:
        """Like :meth:`run`, where a failure leaves nothing to go on.

        Raises:
            RepositoryProblem: With git's own words.
        """
        try:
            return self.run(*arguments)
        except GitFailed as error:
            raise problem(arguments[0], error) from error

    def objects(self) -> ObjectReader:
        """A reader of blobs."""
        return ObjectReader(
            [*self._command(), "cat-file", "--batch"], self._root, self._environment
        )

    def _command(self) -> list[str]:
        if self._program is None:
            raise RepositoryProblem("git is not installed", remedy="Install git 2.30 or newer.")
        settings = [part for item in _SETTINGS.items() for part in ("-c", "=".join(item))]
        return [self._program, "--no-pager", *settings]


def problem(command: str, error: GitFailed) -> RepositoryProblem:
    """What to tell about a command that failed."""
    lines = error.message.splitlines() or [f"exit {error.exit_code}"]
    if "dubious ownership" in error.message or "safe.directory" in error.message:
        return RepositoryProblem(
            f"git refuses to read the repository: {lines[0].removeprefix('fatal: ')}",
            remedy="If you trust it: git config --global --add safe.directory "
            "PATH-OF-THE-REPOSITORY, or run as the user who owns it.",
        )
    return RepositoryProblem(
        f"git {command} failed: {lines[0].removeprefix('fatal: ')}",
        remedy="Run git status there; git fsck tells whether the repository is whole.",
    )


class ObjectReader:
    """Reads blobs through one ``git cat-file --batch``, which ends when this process ends.

    Args:
        command: With all its arguments.
        root: Working folder.
        environment: All of its environment.
    """

    def __init__(self, command: list[str], root: Path, environment: Mapping[str, str]) -> None:
        self._command = command
        self._root = root
        self._environment = environment
        self._lock = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None

    def read(self, object_id: str) -> bytes:
        """Content of a blob.

        Args:
            object_id: Full hex id.

        Raises:
            RepositoryProblem: If it is not there or git does not answer.
        """
        with self._lock:
            try:
                asking, answers = self._pipes()
                asking.write(object_id.encode("ascii") + b"\n")
                asking.flush()
                header = answers.readline().split()
                if len(header) != 3:  # noqa: PLR2004 - id, type, size; else "ID missing"
                    raise _missing(object_id)
                size = int(header[2])
                content = answers.read(size + 1)
            except OSError as error:
                raise _missing(object_id) from error
        if len(content) != size + 1:
            raise _missing(object_id)
        return content[:-1]

    def close(self) -> None:
        """End git; the next read starts it again."""
        with self._lock:
            popen, self._popen = self._popen, None
        if popen:
            popen.kill()
            popen.communicate()

    def __del__(self) -> None:
        self.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._popen is None:
            self._popen = subprocess.Popen(  # noqa: S603 - git with arguments of ours
                self._command,
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        asking, answers = self._popen.stdin, self._popen.stdout
        if asking is None or answers is None:
            raise AssertionError("git cat-file is always started with both pipes")
        return asking, answers


def _missing(object_id: str) -> RepositoryProblem:
    return RepositoryProblem(
        f"git cannot read the object {object_id[:12]}",
        remedy="The clone may be shallow or partial: git fetch --unshallow, or git fsck.",
    )
