"""Reading a file that others may have put there."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

_HAS_PROC = sys.platform == "linux" and os.path.isdir("/proc/self/fd")  # noqa: PTH112 - at start
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_file(path: Path, *, within: str | None = None) -> bytes:
    """Content of a regular file, through links too.

    A named pipe would be waited for until someone writes to it, a device may never end: neither
    is ever read, and what is looked at is what was opened.

    Args:
        path: The file.
        within: Folder, as :func:`true_place` names it, that the file must lie in, whatever
            links lead to it.

    Raises:
        OSError: If it is not there, cannot be read, or is something else than a file;
            ``strerror`` says which.
        ValueError: If it lies outside of ``within``.
    """
    # What a link leads to is not even opened before it is known to lie inside.
    if within is not None and os.path.islink(path):  # noqa: PTH114 - one call for each of 50,000
        _require(os.path.realpath(path), within, path)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    # Opening a pipe so returns at once, whether or not anyone writes to it.
    descriptor = os.open(path, flags)
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind in _KINDS:
            raise OSError(errno.EINVAL, f"it is {_KINDS[kind]}", str(path))
        if within is not None:
            _require(_place_of(descriptor, path), within, path)
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def true_place(folder: Path) -> str:
    """Absolute path of a folder without links.

    Raises:
        OSError: If it cannot be opened.
    """
    if not _HAS_PROC:
        return os.path.realpath(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return _place_of(descriptor, folder)
    finally:
        os.close(descriptor)


def _place_of(descriptor: int, path: Path) -> str:
    """Where what was opened lies: one question to Linux in place of one a folder above it."""
    if _HAS_PROC:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - one call for each of 50,000
    return os.path.realpath(path)


def _require(place: str, within: str, path: Path) -> None:
    if not place.startswith(within if within.endswith(os.sep) else within + os.sep):
        raise ValueError(f"{path.name} leads out of the folder that it must lie in")
