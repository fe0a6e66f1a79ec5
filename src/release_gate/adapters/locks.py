"""A lock that the system lets go of when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class LockHeld(Exception):
    """Someone else holds the lock.

    Args:
        holder: The holder's note; empty if it cannot be read.
    """

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class FileLock:
    """An exclusive lock on a file; threads and processes keep each other out.

    The file stays when the lock is let go: to remove it would let two others in at once.

    Args:
        path: The file; its folder must exist.
        note: Who takes it, for those who find it held.
    """

    def __init__(self, path: Path, note: str) -> None:
        self._path = path
        self._note = note
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; does not wait.

        Raises:
            LockHeld: If it is held.
            OSError: If the file cannot be made.
        """
        descriptor = os.open(
            self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644
        )
        try:
            self._take(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the lock go; closing the file does."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            _unlock(descriptor)
            os.close(descriptor)

    def _take(self, descriptor: int) -> None:
        if not _locked(descriptor):
            raise LockHeld(self._holder())
        self._sign(descriptor)

    def _holder(self) -> str:
        try:
            written = self._path.read_bytes()[_LOCKED_BYTES:]
        except OSError:
            return ""
        return written.decode("ascii", "replace").strip()

    def _sign(self, descriptor: int) -> None:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, b" " * _LOCKED_BYTES + self._note.encode("ascii", "replace") + b"\n")


# Windows keeps others from reading what is locked, so the first byte is and the number is not.
_LOCKED_BYTES = 1

if sys.platform == "win32":  # pragma: no cover - Windows
    import msvcrt

    def _locked(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, _LOCKED_BYTES)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, _LOCKED_BYTES)

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        # flock and not lockf: it belongs to the open file, so that it also parts threads.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
