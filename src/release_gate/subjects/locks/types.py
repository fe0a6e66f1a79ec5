"""What every lock format comes down to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from release_gate.errors import ToolProblem

LockKind = Literal["environment", "poetry", "pylock", "requirements", "uv"]
Origin = Literal["git", "index", "path", "url"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """One package in one exact version.

    Args:
        name: Normalised name.
        version: A version of PEP 440, as written.
        origin: Where the lock takes it from.
        line: One-based line of the lock, where there is one.
        groups: Dependency groups it belongs to, where the lock says so.
        required_by: Normalised names of the packages that ask for it.
        direct: Whether the project itself asks for it; ``None``: the lock does not say.
    """

    name: str
    version: str
    origin: Origin = "index"
    line: int | None = None
    groups: tuple[str, ...] = ()
    required_by: tuple[str, ...] = ()
    direct: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpinned:
    """A package that the lock names and that nothing can be looked up for.

    Args:
        name: Its name, or the line as written.
        reason: Why, in a few words.
        own: Whether it belongs to the project itself.
    """

    name: str
    reason: str
    own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What one package of the project asks for, as the lock remembers it.

    Args:
        package: Normalised name of the package of the project.
        requires: Its requirements, each as in PEP 508.
        groups: Requirements of its dependency groups, by group.
    """

    package: str
    requires: tuple[str, ...]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A lock file, read whole.

    Args:
        path: Relative to the root; for an environment what it is called.
        kind: Its format.
        pins: Every package it pins, for whatever platform.
        unpinned: What it names without a version to look up.
        asked: What the project asked for when it was made, where the format says so.
        content_hash: Hash of that, where the format says so.
        made_by: Release of the tool that wrote it, where it says so.
        requires_python: Its own ``requires-python``.
    """

    path: str
    kind: LockKind
    pins: tuple[Pin, ...]
    unpinned: tuple[Unpinned, ...] = ()
    asked: tuple[Asked, ...] = ()
    content_hash: str | None = None
    made_by: str | None = None
    requires_python: str | None = None


class LockProblem(ToolProblem):
    """A lock file that cannot be used.

    Args:
        what: What is wrong.
        path: The lock, relative to the root.
        line: One-based line, where known.
    """

    slug = "lock-unreadable"

    def __init__(self, what: str, *, path: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else path
        super().__init__(f"{place}: {what}", remedy="Write the lock anew with the tool it is of.")


def normalised(name: object, path: str, line: int | None = None) -> str:
    """A package's normalised name.

    Raises:
        LockProblem: If there is none.
    """
    if not isinstance(name, str) or not name.strip():
        raise LockProblem("a package without a name", path=path, line=line)
    return canonicalize_name(name)


def checked_version(version: object, name: str, path: str, line: int | None = None) -> str:
    """A version of PEP 440, as written.

    Raises:
        LockProblem: If it is none.
    """
    problem = LockProblem(f"{name} has no version of PEP 440: {version!r}", path=path, line=line)
    if not isinstance(version, str):
        raise problem
    try:
        Version(version)
    except InvalidVersion as error:
        raise problem from error
    return version
