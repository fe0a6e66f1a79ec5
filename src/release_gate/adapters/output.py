"""The output folder: locked while a run writes it, every file whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from release_gate.adapters.locks import FileLock, LockHeld
from release_gate.errors import OutputLocked, OutputProblem
from release_gate.ports import Clock

_BY_US = b"# Written by release-gate"
_IGNORE = _BY_US + b": nothing in here belongs into a commit.\n*\n"
_LOCK = ".lock"
_TEMPORARY = ".writing-"
_FOLDERS = ("logs", "artifacts", "parts")
_SOURCES = (".git", "pyproject.toml")
_REMEDY = "Make room or make it writable, or name another folder with --output."


class OutputFolder:
    """Where a run leaves its report.

    A run writes within ``with``: entering takes the lock, leaving lets it go::

        with OutputFolder(path, clock) as output:
            output.write("gate.json", content)

    Args:
        path: Absolute; made with everything above it.
        clock: Tells others since when it is locked.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        since = clock.now().strftime("%H:%M:%S UTC")
        self._lock = FileLock(path / _LOCK, f"process {os.getpid()}, since {since},")

    @property
    def logs(self) -> Path:
        """Folder of the gates' logs."""
        return self.path / "logs"

    @property
    def artifacts(self) -> Path:
        """Folder of what gates leave for people."""
        return self.path / "artifacts"

    @property
    def parts(self) -> Path:
        """Folder of reports of some of the gates."""
        return self.path / "parts"

    def __enter__(self) -> Self:
        """Make the folder and lock it.

        Raises:
            OutputLocked: If another run writes to it.
            OutputProblem: If it cannot be made or written.
        """
        with _told(self.path):
            self._refuse_what_is_not_ours()
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
            except LockHeld as held:
                raise self._locked(held.holder) from held
            try:
                self._prepare()
            except BaseException:
                self._lock.release()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def fresh_logs(self, gate_ids: Iterable[str] | None = None) -> None:
        """Remove logs of earlier runs.

        Args:
            gate_ids: Only those of these gates (a run of some of them leaves the other logs,
                since the full report still names them); default: all.

        Raises:
            OutputProblem: If one cannot be removed: it would be taken for this run's.
        """
        names = None if gate_ids is None else {f"{one}.log" for one in gate_ids}
        with _told(self.path):
            for old in sorted(self.logs.iterdir()):
                if names is None or old.name in names:
                    _remove(old)

    def write(self, name: str, content: bytes) -> Path:
        """Write a file under a temporary name and move it into place.

        Args:
            name: Relative POSIX path within the folder.
            content: All of it.

        Raises:
            OutputProblem: If it cannot be written; a file that was there is untouched.
        """
        target = self._inside(name)
        with _told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(f"{_TEMPORARY}{os.getpid()}-{target.name}")
            try:
                _write_through(temporary, content)
                temporary.replace(target)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise
            _settle(target.parent)
        return target

    def write_all(self, files: Mapping[str, bytes], *, last: str = "gate.json") -> None:
        """Write several files that belong together, all to temporary names before any is moved.

        Args:
            files: Content by name.
            last: The one that is moved last, since the others are views of it.

        Raises:
            OutputProblem: If there is no room for all of them; then none has changed.
        """
        waiting: list[tuple[Path, Path]] = []
        try:
            for name in sorted(files, key=lambda one: (one == last, one)):
                target = self._inside(name)
                temporary = target.with_name(f"{_TEMPORARY}{os.getpid()}-{target.name}")
                waiting.append((temporary, target))
                with _told(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _write_through(temporary, files[name])
            for temporary, target in waiting:
                with _told(target):
                    temporary.replace(target)
        except BaseException:
            for temporary, _ in waiting:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
            raise
        _settle(self.path)

    def _refuse_what_is_not_ours(self) -> None:
        """Old logs are removed and ``.gitignore`` is written: never in a folder of the user's."""
        for folder in (self.path, *(self.path / name for name in _FOLDERS)):
            if folder.is_symlink():
                raise _foreign(f"{folder.name} is a link")
        for name in _SOURCES:
            if (self.path / name).exists():
                raise _foreign(f"{self.path.name} holds {name}")
        ignore = self.path / ".gitignore"
        if ignore.exists():
            with ignore.open("rb") as stream:
                begins = stream.read(len(_BY_US))
            if begins != _BY_US:
                raise _foreign(f"{self.path.name} holds a .gitignore that is not release-gate's")
        elif not (self.path / _LOCK).exists() and not (self.path / "gate.json").exists():
            for name in _FOLDERS:
                if (self.path / name).is_dir():
                    raise _foreign(f"{self.path.name} holds {name} that are not release-gate's")

    def _prepare(self) -> None:
        for folder in (self.path, *(self.path / name for name in _FOLDERS)):
            folder.mkdir(exist_ok=True)
            # Of runs that were killed; no one else can be writing while we hold the lock.
            for left in folder.glob(f"{_TEMPORARY}*"):
                _remove(left)
        ignore = self.path / ".gitignore"
        if not ignore.is_file() or ignore.read_bytes() != _IGNORE:
            self.write(".gitignore", _IGNORE)

    def _inside(self, name: str) -> Path:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in name:
            raise OutputProblem(f"{name!r} is no name within the output folder")
        return self.path.joinpath(*pure.parts)

    def _locked(self, holder: str) -> OutputLocked:
        return OutputLocked(
            f"{holder or 'another process'} is writing to {self.path.name}",
            remedy="Wait for that run to end, or name another folder with --output.",
        )


def _write_through(path: Path, content: bytes) -> None:
    """Write and have it on the disk: a full one may say so only then."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle(folder: Path) -> None:
    """Have a move survive a power cut, where folders can be synced."""
    if os.name == "nt":  # pragma: no cover - Windows
        return
    with suppress(OSError):  # some network file systems cannot; the files themselves are safe
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _foreign(what: str) -> OutputProblem:
    return OutputProblem(
        f"{what}: reports are not written there",
        remedy="Name a folder for them alone with --output.",
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputProblem(f"{path.name} cannot be written: {reason}", remedy=_REMEDY) from error
