"""Who wrote each line of a file, as the history tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from release_gate.adapters.git_commands import Git, GitFailed, problem
from release_gate.checklists import SIGN_OFFS
from release_gate.policy import Author

_HEADER = re.compile(rb"(?P<commit>[0-9a-f]{40}|[0-9a-f]{64}) \d+ \d+( \d+)?")
_IDENTITY = re.compile(r"(?P<name>.*?) ?<(?P<email>[^<>]*)> \d+ [+-]\d{4}")
# Not %aN: a .mailmap of the change that is judged could make one person another.
_FORMAT = "--format=%H%x00%an%x00%ae%x00"
_AUTHORS = "--format=%ae%n%(trailers:key=Co-authored-by,valueonly)"
# All that matter, also of branches that came to the same in the end.
_SIGNED = (".", f":(exclude){SIGN_OFFS}")
_BLAME = ("blame", "--porcelain", "--no-textconv", "--ignore-revs-file", "")


def line_authors(
    git: Git, root: Path, relative: str, commit: str | None = None
) -> tuple[Author | None, ...]:
    """Author of each line; what is not committed is by whoever works here.

    ``None`` stands for a line of which nobody can say: it is older than a shallow clone, or
    not committed and git knows no identity.

    Args:
        git: Called in the root.
        root: Absolute.
        relative: The file.
        commit: Full object id of the commit to look at; ``None``: the file as it lies there.

    Raises:
        RepositoryProblem: If git cannot tell.
    """
    at = commit or "HEAD"
    if commit is None and not _is_in(git, at, relative):
        lines = (root / relative).read_bytes().count(b"\n") + 1
        return (present_author(git),) * lines
    revision = () if commit is None else (commit,)
    text = git.must(*_BLAME, *revision, "--", relative)
    commits = _commits(text)
    known = _authors(git, sorted({one for one in commits if one.strip("0")}))
    cut_off = _cut_off(git, root)
    here = None if commit is not None else present_author(git)
    return tuple(
        None if one in cut_off else known[one] if one.strip("0") else here for one in commits
    )


def authors_since(git: Git, commit: str | None, *, dirty: bool) -> frozenset[str]:
    """Addresses of all who wrote what is judged; a commit of sign-offs alone makes no author.

    Args:
        git: Called in the root.
        commit: Where the change begins, itself not counted; ``None``: the last commit alone.
        dirty: Whether there is anything that is not committed: it is by whoever works here.

    Raises:
        RepositoryProblem: If git cannot tell.
    """
    extent = ("-1", "HEAD") if commit is None else ("--full-history", f"{commit}..HEAD")
    try:
        text = git.run("log", "--no-show-signature", _AUTHORS, *extent, "--", *_SIGNED)
    except GitFailed as error:
        if "does not have any commits" not in error.message and "bad revision" not in error.message:
            raise problem("log", error) from error
        text = b""
    named = [_email(line) for line in text.decode("utf-8", "replace").splitlines()]
    here = present_author(git) if dirty else None
    return frozenset(one for one in (*named, here.email if here else "") if one)


def _email(line: str) -> str:
    """Of an address alone, or of ``Name <address>`` as a trailer has it."""
    return line.rpartition("<")[2].partition(">")[0].strip()


def _is_in(git: Git, commit: str, relative: str) -> bool:
    try:
        return bool(git.run("ls-tree", "--name-only", "-z", commit, "--", relative))
    except GitFailed as error:
        if "Not a valid object name" in error.message:  # before the first commit
            return False
        raise problem("ls-tree", error) from error


def _commits(porcelain: bytes) -> list[str]:
    """The commit of each line; content lines begin with a tab."""
    found: list[str] = []
    commit = ""
    for line in porcelain.split(b"\n"):
        if line.startswith(b"\t"):
            found.append(commit)
        elif header := _HEADER.fullmatch(line):
            commit = header["commit"].decode("ascii")
    return found


def _authors(git: Git, commits: Sequence[str]) -> Mapping[str, Author]:
    if not commits:
        return {}
    text = git.must("log", "--no-walk", "--no-show-signature", _FORMAT, *commits, "--")
    words = text.decode("utf-8", "replace").split("\0")
    rows = zip(words[0::3], words[1::3], words[2::3], strict=False)
    return {commit.strip(): Author(name=name, email=email) for commit, name, email in rows}


def _cut_off(git: Git, root: Path) -> frozenset[str]:
    """Commits whose parents are not in a shallow clone: all older lines seem to be theirs."""
    place = git.must("rev-parse", "--git-path", "shallow").decode("utf-8", "surrogateescape")
    try:
        return frozenset((root / place.strip()).read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()


def present_author(git: Git) -> Author | None:
    """Who would be the author of a commit made now."""
    try:
        text = git.run("var", "GIT_AUTHOR_IDENT").decode("utf-8", "replace").strip()
    except GitFailed:  # exactly when no identity is configured and none can be made up
        return None
    found = _IDENTITY.fullmatch(text)
    return Author(name=found["name"], email=found["email"]) if found else None
