"""The commit that differences are taken against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from release_gate.adapters.git_commands import Git, ObjectReader
from release_gate.adapters.git_diff import Change, name_status, new_lines
from release_gate.errors import RepositoryProblem
from release_gate.model import BaseRef

_DIFF = ("diff", "-M", "--relative", "--no-color", "--no-ext-diff", "--no-textconv")
_PATCH = (
    "-U0",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
)


class GitBase:
    """Implements :class:`release_gate.ports.Base`: a commit against the files on disk.

    Args:
        git: Called in the root.
        ref: With its commit.
        untracked: Files that git does not track, not ignored.
        content: Content of such a file.
    """

    def __init__(
        self,
        git: Git,
        ref: BaseRef,
        untracked: Callable[[], tuple[str, ...]],
        content: Callable[[str], bytes],
    ) -> None:
        if ref.commit is None:
            raise RepositoryProblem("differences need a base that is a commit")
        self._git = git
        self._ref = ref
        self._commit = ref.commit
        self._untracked = untracked
        self._content = content

    @property
    def ref(self) -> BaseRef:
        """Its name and object id."""
        return self._ref

    def read(self, relative: str) -> bytes | None:
        """Content of a file at the base, under its old name if git sees a rename; or ``None``."""
        old = self.old_path(relative)
        blob = self._blobs.get(old) if old is not None else None
        return self._objects.read(blob) if blob else None

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        """For each file of the head that differs: the one-based lines that are new or changed."""
        return self._changed_lines

    def old_path(self, relative: str) -> str | None:
        """Its name at the base; ``None`` if it was not there."""
        old = self.renames().get(relative, relative)
        return old if old in self._blobs else None

    def renames(self) -> Mapping[str, str]:
        """Old path by new path."""
        return {one.path: one.old for one in self._changes if one.status == "R"}

    def deleted(self) -> tuple[str, ...]:
        """Files of the base that are gone, renamed ones aside; sorted."""
        return tuple(sorted(one.path for one in self._changes if one.status == "D"))

    def close(self) -> None:
        """End the process that reads content; the next :meth:`read` starts it again."""
        self._objects.close()

    @cached_property
    def _changes(self) -> tuple[Change, ...]:
        return name_status(self._git.must(*_DIFF, "--name-status", "-z", self._commit, "--", "."))

    @cached_property
    def _changed_lines(self) -> Mapping[str, frozenset[int]]:
        found = {one.path: frozenset[int]() for one in self._changes if one.status != "D"}
        found |= new_lines(self._git.must(*_DIFF, *_PATCH, self._commit, "--", "."))
        # A change may call its files binary in .gitattributes: then git shows no line of them.
        blind = {path for path, lines in found.items() if not lines and self._is_text(path)}
        if blind:
            text = new_lines(self._git.must(*_DIFF, *_PATCH, "--text", self._commit, "--", "."))
            found |= {path: lines for path, lines in text.items() if path in blind}
        found |= {path: self._all_lines(path) for path in self._untracked()}
        return dict(sorted(found.items()))

    def _is_text(self, path: str) -> bool:
        """As git itself decides it: no NUL among the first 8,000 bytes."""
        try:
            return b"\0" not in self._content(path)[:8000]
        except OSError:
            return False  # a link out of the root, a submodule, or gone since: it has no lines

    def _all_lines(self, path: str) -> frozenset[int]:
        try:
            content = self._content(path)
        except OSError:
            return frozenset()  # gone since the listing; whoever reads it will say so
        return frozenset(range(1, len(content.splitlines()) + 1))

    @cached_property
    def _objects(self) -> ObjectReader:
        return self._git.objects()

    @cached_property
    def _blobs(self) -> Mapping[str, str]:
        """Blob by path of the base's tree, submodules left out."""
        rows = self._git.must("ls-tree", "-r", "-z", self._commit).split(b"\0")[:-1]
        found = {}
        for row in rows:
            facts, _, name = row.partition(b"\t")
            _, kind, blob = facts.split()
            if kind == b"blob":
                found[name.decode("utf-8", "surrogateescape")] = blob.decode("ascii")
        return found
