"""The files of one commit, as they lay below the root."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from posixpath import join, normpath

from release_gate.adapters.git_commands import Git, GitFailed, ObjectReader
from release_gate.errors import RepositoryProblem
from release_gate.ports import FileEntry, FileKind

_LINK = b"120000"
_SUBMODULE = b"160000"
_MOST_LINKS = 40


class GitSnapshot:
    """Implements :class:`release_gate.ports.Snapshot`.

    Args:
        git: Called in the root; every answer is limited to it.
        commit: Full object id.
    """

    def __init__(self, git: Git, commit: str) -> None:
        self._git = git
        self._commit = commit

    @property
    def commit(self) -> str:
        """Full object id."""
        return self._commit

    def read(self, relative: str) -> bytes | None:
        """Content of a file under this very name; links within the root are followed.

        Raises:
            RepositoryProblem: If a link leads nowhere or out of the root.
        """
        if normpath(relative).startswith("../"):
            return self._above(normpath(relative))
        path = self._resolved(relative)
        return None if path is None else self._objects.read(self._entries[path][1])

    def files(self) -> tuple[FileEntry, ...]:
        """All files of the commit, sorted by path; their sizes are not known and given as 0."""
        return tuple(
            FileEntry(path=path, tracked=True, size=0, kind=_kind(mode), blob=blob)
            for path, (mode, blob) in sorted(self._entries.items())
        )

    def close(self) -> None:
        """End the process that reads content; the next :meth:`read` starts it again."""
        self._objects.close()

    def _above(self, relative: str) -> bytes | None:
        """Content of a file of the same repository that lies above the root."""
        try:
            named = self._git.run("rev-parse", "--verify", "--quiet", f"{self._commit}:{relative}")
        except GitFailed:  # it was not there, or lies outside of the repository
            return None
        return self._objects.read(named.decode("ascii").strip())

    def _resolved(self, relative: str) -> str | None:
        """Path of the file that a name stands for; a link may be any part of it."""
        path = normpath(relative)
        for _ in range(_MOST_LINKS):
            link = next((part for part in _parts(path) if self._is_link(part)), None)
            if link is None:
                return self._there(relative, path)
            target = self._objects.read(self._entries[link][1]).decode("utf-8", "surrogateescape")
            rest = path[len(link) :].lstrip("/")
            path = normpath(join(link.rpartition("/")[0], target, rest))
            if path.startswith(("/", "../")) or path == "..":
                raise self._broken(relative, "leads out of the root")
        raise self._broken(relative, "leads in a circle")

    def _there(self, relative: str, path: str) -> str | None:
        if path in self._entries:
            return path
        if path != normpath(relative):
            raise self._broken(relative, "leads nowhere")
        return None

    def _is_link(self, path: str) -> bool:
        return path in self._entries and self._entries[path][0] == _LINK

    def _broken(self, relative: str, how: str) -> RepositoryProblem:
        return RepositoryProblem(
            f"{relative} in the commit {self._commit[:12]} is a link that {how}",
            remedy="Policy is read from that commit: put the file itself there.",
        )

    @cached_property
    def _objects(self) -> ObjectReader:
        return self._git.objects()

    @cached_property
    def _entries(self) -> Mapping[str, tuple[bytes, str]]:
        """Mode and object by path."""
        rows = self._git.must("ls-tree", "-r", "-z", self._commit).split(b"\0")[:-1]
        found = {}
        for row in rows:
            facts, _, name = row.partition(b"\t")
            mode, _, blob = facts.split()
            found[name.decode("utf-8", "surrogateescape")] = (mode, blob.decode("ascii"))
        return found


def _parts(path: str) -> list[str]:
    """The path's folders from the top, then the path."""
    pieces = path.split("/")
    return ["/".join(pieces[:length]) for length in range(1, len(pieces) + 1)]


def _kind(mode: bytes) -> FileKind:
    if mode == _LINK:
        return "symlink"
    return "submodule" if mode == _SUBMODULE else "file"
