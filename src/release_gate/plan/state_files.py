"""The files of a commit and the files on disk, read in the same way."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from release_gate.errors import RepositoryProblem
from release_gate.files import read_file
from release_gate.ports import FileEntry, Snapshot

# Stands for a file that lies elsewhere: what is there is the same for both states.
_ELSEWHERE = b'"a link out of the root"\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkFiles:
    """The files that are judged, as they lie on disk.

    Args:
        root: Absolute.
        entries: The file list.
    """

    root: Path
    entries: tuple[FileEntry, ...]

    def read(self, relative: str) -> bytes | None:
        """Content of a file; ``None`` if it is not there.

        Raises:
            RepositoryProblem: If it cannot be read, or is a link out of the root.
        """
        place = self.root / relative
        try:
            if relative.startswith("../"):
                return self._above(relative)
            if not place.resolve().is_relative_to(self.root.resolve()):
                raise _unreadable(relative, "it is a link that leads out of the root")
            return read_file(place)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, RuntimeError) as error:
            raise _unreadable(relative, getattr(error, "strerror", None) or str(error)) from error

    def _above(self, relative: str) -> bytes | None:
        """Content of a file above the root, if it belongs to the same repository."""
        top = self.root
        for _ in range(folders_above(self.root)):
            top = top.parent
        place = Path(os.path.normpath(self.root / relative))
        return read_file(place) if place.is_relative_to(top) else None

    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(one.path for one in self.entries)


def folders_above(root: Path) -> int:
    """How many folders above the root belong to its repository; 0 without one."""
    folders = enumerate((root, *root.parents))
    return next((count for count, folder in folders if (folder / ".git").exists()), 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitFiles:
    """The files of a commit."""

    snapshot: Snapshot

    def read(self, relative: str) -> bytes | None:
        """Content of a file; ``None`` if it is not there.

        Raises:
            RepositoryProblem: If it is a link that leads nowhere or out of the root.
        """
        return self.snapshot.read(relative)

    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(one.path for one in self.snapshot.files())


def reading_links(read: Callable[[str], bytes | None]) -> Callable[[str], bytes | None]:
    """A reader for which a file that lies outside of the root is the same everywhere."""

    @cache
    def lenient(relative: str) -> bytes | None:
        try:
            return read(relative)
        except RepositoryProblem:
            return _ELSEWHERE

    return lenient


def _unreadable(relative: str, why: str) -> RepositoryProblem:
    return RepositoryProblem(f"{relative} cannot be read: {why}", remedy="Put the file there.")
