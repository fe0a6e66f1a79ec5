"""The user's project as the plan saw it, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from release_gate.checklists import SIGN_OFFS
from release_gate.files import read_file, true_place
from release_gate.plan.paths import below, inside
from release_gate.plan.toml_source import TomlSource, read_toml
from release_gate.ports import Deployment, FileEntry

DEFAULT_OUTPUT = "build/release-gate"

_CACHES = frozenset(
    {
        ".git",
        ".hypothesis",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
    }
)
# coverage writes its data here, beside the sources, while the tests run.
_CACHE_FILE = ".coverage"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedProject:
    """Implements :class:`release_gate.ports.Project`.

    Args:
        root: Absolute path.
        name: For people.
        files: Taken once, sorted.
        pyproject: Parsed.
        source: What ships.
        requires_python: The project's own.
        deployment: The chosen environment.
    """

    root: Path
    name: str
    files: tuple[FileEntry, ...]
    pyproject: Mapping[str, Any]
    source: tuple[str, ...]
    requires_python: str | None
    deployment: Deployment | None = None

    def path(self, relative: str) -> Path:
        """Absolute path of a file of the list.

        Raises:
            ValueError: If it would lie outside of the root.
        """
        return self.root / inside(relative)

    def read_bytes(self, relative: str) -> bytes:
        """Content of a file.

        Raises:
            FileNotFoundError: If it went away since the listing.
            ValueError: If it lies outside of the root, be it through a link.
        """
        path = self.path(relative)
        try:
            return read_file(path, within=_place(self.root))
        except ValueError as error:
            raise ValueError(f"{relative} is a link that leads out of the project") from error

    def read_toml(self, relative: str) -> TomlSource:
        """A TOML file.

        Raises:
            ConfigError: If it is not there or cannot be read.
        """
        return read_toml(self.path(relative), relative)


@cache
def _place(root: Path) -> str:
    return true_place(root)


def listed(
    entries: Iterable[FileEntry], output: str | None = DEFAULT_OUTPUT
) -> tuple[FileEntry, ...]:
    """The file list that every gate reads: without our own output and without tools' caches.

    What git tracks is always in it, but for the sign-offs: they are about the rest. Listings
    before and after a run both go through here.

    Args:
        entries: As the repository gave them.
        output: Output folder relative to the root; ``None`` if it lies elsewhere.
    """
    kept = (one for one in entries if one.tracked or not _is_made(one.path, output))
    return tuple(sorted(one for one in kept if one.path != SIGN_OFFS))


def tree_digest(entries: Iterable[FileEntry]) -> str:
    """Hex SHA-256 over each path, its kind and what git calls its content, length-prefixed."""
    hasher = hashlib.sha256()
    for one in entries:
        # Without a blob the content is not known; its size is the best that can be said.
        content = one.blob or f"unread:{one.size}"
        for part in (one.path, one.kind, content):
            raw = part.encode("utf-8", "surrogateescape")
            hasher.update(f"{len(raw)}:".encode() + raw)
    return hasher.hexdigest()


def _is_made(path: str, output: str | None) -> bool:
    if output is not None and output != "." and below(path, output):
        return True
    *folders, name = path.split("/")
    return name == _CACHE_FILE or not _CACHES.isdisjoint(folders)
