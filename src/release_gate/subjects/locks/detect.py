"""Which lock files a project has, and what each holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from release_gate.subjects.locks import poetry, pylock, requirements, uv
from release_gate.subjects.locks.requirements import Read
from release_gate.subjects.locks.types import Lock, LockProblem

_PYLOCK = re.compile(r"pylock(\.[^.]+)?\.toml")
_OTHERS = frozenset({"Pipfile", "Pipfile.lock", "environment.yml", "pdm.lock"})
_SETUP = frozenset({"setup.cfg", "setup.py"})
_REQUIREMENTS = re.compile(r"requirements[^/]*\.txt|requirements/[^/]+\.txt")


def find(files: Iterable[str], read: Read) -> tuple[str, ...]:
    """Lock files in the root (and requirements also in ``requirements/``), sorted.

    A requirements file counts as a lock if it holds hashes.

    Args:
        files: Paths relative to the root.
        read: Gives the content of one.
    """
    return tuple(sorted(name for name in files if _is_lock(name, read)))


def declares(files: Iterable[str], read: Read) -> bool:
    """Whether files beside ``pyproject.toml`` say that the project depends on something.

    Args:
        files: Paths relative to the root.
        read: Gives the content of one.
    """
    return any(_names_something(name, read) for name in files)


def _names_something(name: str, read: Read) -> bool:
    if name in _OTHERS:
        return True
    if name not in _SETUP and not _REQUIREMENTS.fullmatch(name):
        return False
    try:
        content = read(name)
    except FileNotFoundError:
        return True  # gone since the listing: better asked in vain than not asked
    if name in _SETUP:
        return b"install_requires" in content
    lines = [line.strip() for line in content.removeprefix(b"\xef\xbb\xbf").splitlines()]
    return any(line and not line.startswith(b"#") for line in lines)


def load(path: str, read: Read) -> Lock:
    """Read one lock file in the format that its name stands for.

    Args:
        path: Relative to the root.
        read: Gives the content of a file; raises ``FileNotFoundError``.

    Raises:
        LockProblem: If it is missing, unreadable, or of no known format.
    """
    name = PurePosixPath(path).name
    if name.endswith(".txt"):
        return requirements.parse(path, read)
    try:
        content = read(path)
    except FileNotFoundError as error:
        raise LockProblem("there is no such file", path=path) from error
    if name == "uv.lock":
        return uv.parse(content, path)
    if name == "poetry.lock":
        return poetry.parse(content, path)
    if _PYLOCK.fullmatch(name):
        return pylock.parse(content, path)
    raise LockProblem(
        "no known lock: uv.lock, poetry.lock, pylock.toml or a requirements file (.txt)", path=path
    )


def _is_lock(name: str, read: Read) -> bool:
    if _REQUIREMENTS.fullmatch(name):
        try:
            return requirements.is_hashed(read(name))
        except FileNotFoundError:
            return True  # gone since the listing: reading it as a lock says so
    return name in {"uv.lock", "poetry.lock"} or bool(_PYLOCK.fullmatch(name))
