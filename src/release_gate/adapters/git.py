"""The repository around the root, as git tells of it; a walk where there is no git."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from release_gate.adapters.file_list import Folder, Name
from release_gate.adapters.git_authors import authors_since, line_authors, present_author
from release_gate.adapters.git_base import GitBase
from release_gate.adapters.git_commands import Git, GitFailed, problem
from release_gate.adapters.git_snapshot import GitSnapshot
from release_gate.checklists import SIGN_OFFS
from release_gate.errors import RepositoryProblem
from release_gate.files import read_file
from release_gate.model import BaseRef
from release_gate.policy import Author
from release_gate.ports import FileEntry, LineAuthors, RepositoryState

_SUBMODULE = b"160000"
# A project without a .gitignore for them would else seem to change under each gate.
_WRITTEN_BY_PYTHON = re.compile(rb"(?:^|/)(?:__pycache__|[^/]+\.egg-info)/")


class GitRepository:
    """Implements :class:`release_gate.ports.Repository`.

    Args:
        root: Absolute; the work tree itself or a folder in it. Every answer is limited to it.
        environment: The process environment as injected.
    """

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._git = Git(root, environment)

    def state(self) -> RepositoryState | None:
        """What git says of the checkout; ``None`` without git.

        Raises:
            RepositoryProblem: If there is a repository that git cannot or will not read.
        """
        if not self._in_work_tree:
            return None
        branch = self._maybe("symbolic-ref", "--quiet", "--short", "HEAD")
        commit, committed_at = self._head()
        return RepositoryState(
            commit=commit,
            dirty=self._is_dirty(),
            branch=branch,
            shallow=self._answer("rev-parse", "--is-shallow-repository") == "true",
            committed_at=committed_at,
        )

    def files(self) -> tuple[FileEntry, ...]:
        """The file list: tracked and untracked, not ignored; a walk where there is no git.

        Tracked files that are not on disk are left out, and of the others what Python writes
        while it runs or installs (``__pycache__``, ``*.egg-info``). Submodules and
        repositories inside are one entry each and are not entered, links are not followed.
        """
        if not self._in_work_tree:
            folder = Folder(root=self._root)
            return folder.entries(folder.walk())
        folder = Folder(root=self._root, algorithm=self._algorithm)
        return folder.entries([*self._tracked(), *self._untracked()])

    def resolve(self, ref: str) -> str | None:
        """Object id of the commit that a name stands for; ``None`` if there is none."""
        if not self._in_work_tree or ref.startswith("-") or "\0" in ref:
            return None
        return self._maybe("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")

    def merge_base(self, ref: str) -> str | None:
        """Best common ancestor of HEAD and ``ref``; ``None`` if there is none."""
        commit, head = self.resolve(ref), self.resolve("HEAD")
        if commit is None or head is None:
            return None
        return self._maybe("merge-base", head, commit)

    def base(self, ref: BaseRef) -> GitBase:
        """Differences against a resolved commit.

        Raises:
            RepositoryProblem: If it is none.
        """
        return GitBase(self._git, ref, self._untracked_files, self._content)

    def snapshot(self, commit: str) -> GitSnapshot:
        """The files of a resolved commit."""
        return GitSnapshot(self._git, commit)

    def line_authors(self, relative: str, commit: str | None = None) -> LineAuthors | None:
        """Who wrote each line of a file; ``None`` without git.

        Args:
            relative: The file.
            commit: Full object id of the commit to look at; ``None``: the file as it lies there.

        Raises:
            RepositoryProblem: If git cannot tell.
        """
        if not self._in_work_tree:
            return None
        return line_authors(self._git, self._root, relative, commit)

    def authors_since(self, commit: str | None) -> frozenset[str]:
        """Addresses of all who wrote what is judged; whoever works here too, if it is dirty.

        Args:
            commit: Where the change begins, itself not counted; ``None``: the last commit alone.

        Raises:
            RepositoryProblem: If git cannot tell.
        """
        if not self._in_work_tree:
            return frozenset()
        return authors_since(self._git, commit, dirty=self._is_dirty())

    def present_author(self) -> Author | None:
        """Who would be the author of a commit made now; ``None`` if git knows no identity."""
        return present_author(self._git) if self._in_work_tree else None

    def fetched(self, ref: str) -> str:
        """Object id of what a branch of a remote points to right now.

        Args:
            ref: ``REMOTE/BRANCH``.

        Raises:
            RepositoryProblem: If it cannot be fetched.
        """
        remote, _, branch = ref.partition("/")
        target = f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        self._git.must("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, target)
        return self._answer("rev-parse", "--verify", f"refs/remotes/{remote}/{branch}^{{commit}}")

    @cached_property
    def _in_work_tree(self) -> bool:
        if not self._git.installed:
            if self._has_git_folder():
                raise RepositoryProblem(
                    "this is a git repository, and git is not on PATH",
                    remedy="Install git 2.30 or newer: without it nothing says what changed.",
                )
            return False
        try:
            inside = self._git.run("rev-parse", "--is-inside-work-tree", "--show-prefix")
        except GitFailed as error:
            if "not a git repository" in error.message and not self._has_git_folder():
                return False
            raise problem("rev-parse", error) from error
        answer, _, prefix = inside.decode("utf-8", "surrogateescape").partition("\n")
        if answer != "true":
            raise RepositoryProblem(
                "there is no work tree here: the repository is bare, or this is git's own folder",
                remedy="Gate a clone with its files checked out; see git config core.bare.",
            )
        return prefix.strip() == "" or not self._is_ignored()

    def _has_git_folder(self) -> bool:
        """Whether a repository should be here: then "not a repository" means that it is broken."""
        return any((folder / ".git").exists() for folder in (self._root, *self._root.parents))

    def _is_ignored(self) -> bool:
        """Whether the work tree around the root wants to know nothing of it."""
        if self._git.must("ls-files", "-z", "--", "."):
            return False
        return self._maybe("check-ignore", "--quiet", "--", str(self._root)) is not None

    def _head(self) -> tuple[str | None, datetime | None]:
        if self._maybe("rev-parse", "--verify", "--quiet", "HEAD") is None:
            # Before the first commit HEAD names a branch that is not there.
            self._answer("symbolic-ref", "HEAD")
            return None, None
        commit, _, moment = self._answer("log", "-1", "--format=%H %cI", "HEAD").partition(" ")
        return commit, datetime.fromisoformat(moment)

    def _is_dirty(self) -> bool:
        """Whether anything differs that the file list holds: what Python writes does not count."""
        untracked = [one for one in self._untracked() if one.raw != SIGN_OFFS.encode()]
        return bool(self._git.must(*_STATUS)) or bool(untracked)

    @cached_property
    def _algorithm(self) -> str:
        return self._answer("rev-parse", "--show-object-format")

    def _tracked(self) -> tuple[Name, ...]:
        rows = self._git.must("ls-files", "-z", "-t", "--stage", "--", ".").split(b"\0")[:-1]
        found: dict[bytes, Name] = {}
        for row in rows:  # a file in conflict has several rows
            facts, _, raw = row.partition(b"\t")
            tag, mode, object_id, _ = facts.split()
            if tag == _NOT_CHECKED_OUT:
                self._must_be_there(raw)
            submodule = mode == _SUBMODULE
            commit = object_id.decode("ascii") if submodule else ""
            found[raw] = Name(raw=raw, tracked=True, repository=submodule, commit=commit)
        return tuple(found.values())

    def _must_be_there(self, raw: bytes) -> None:
        """A sparse checkout hides tracked files without making the tree dirty."""
        path = raw.decode("utf-8", "surrogateescape")
        if not os.path.lexists(self._root / path):
            raise RepositoryProblem(
                f"{path} is tracked and left out by a sparse checkout: not all can be judged",
                remedy="Check out everything: git sparse-checkout disable.",
            )

    def _untracked(self) -> tuple[Name, ...]:
        command = ("ls-files", "-z", "--others", "--exclude-standard", "--", ".")
        return tuple(
            # A folder is another repository; git does not enter it either.
            Name(raw=raw.removesuffix(b"/"), tracked=False, repository=raw.endswith(b"/"))
            for raw in self._git.must(*command).split(b"\0")[:-1]
            if not _WRITTEN_BY_PYTHON.search(raw)
        )

    def _untracked_files(self) -> tuple[str, ...]:
        names = (one for one in self._untracked() if not one.repository)
        return tuple(one.raw.decode("utf-8", "surrogateescape") for one in names)

    def _content(self, relative: str) -> bytes:
        place = self._root / relative
        return b"" if place.is_symlink() else read_file(place)

    def _answer(self, *arguments: str) -> str:
        return self._git.must(*arguments).decode("utf-8", "surrogateescape").strip()

    def _maybe(self, *arguments: str) -> str | None:
        """The answer; ``None`` where exit 1 means that there is none."""
        try:
            output = self._git.run(*arguments)
        except GitFailed as error:
            if error.exit_code == 1:
                return None
            raise problem(arguments[0], error) from error
        return output.decode("utf-8", "surrogateescape").strip()


_NOT_CHECKED_OUT = b"S"
_STATUS = (
    "status",
    "--porcelain",
    "-z",
    "--untracked-files=no",
    "--ignore-submodules=untracked",
    "--",
    ".",
    f":(exclude){SIGN_OFFS}",  # signing off changes nothing of what is signed
)
