"""Identity of a finding in source code, and the file's lines, each file read once.

The key is the flagged line without white space and its enclosing symbol, so that a
finding stays the same when code moves, is reformatted or gets new neighbours.
"""

from __future__ import annotations

import hashlib
import hmac

from release_gate.api import Identity, Project
from release_gate.subjects.source import excerpts
from release_gate.subjects.source.symbols import Span, enclosing, spans
from release_gate.subjects.source.text import decode, lines_of


class SourceFiles:
    """The source of a project, decoded and cached for one gate; not shared by threads."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lines: dict[str, tuple[str, ...]] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}

    def lines(self, path: str) -> tuple[str, ...]:
        """Lines of a file; none if it went away since the listing."""
        if path not in self._lines:
            self._read(path)
        return self._lines[path]

    def excerpt(self, path: str, first: int | None, last: int | None = None) -> str:
        """The flagged lines for people; see :func:`release_gate.subjects.source.excerpts`."""
        return excerpts.excerpt(self.lines(path), first or 0, last)

    def symbol(self, path: str, line: int | None) -> str:
        """Dotted name of the function or class around a line; empty at module level."""
        if path not in self._spans:
            self._read(path)
        return enclosing(self._spans[path], line or 0)

    def identity(self, path: str, line: int | None) -> Identity:
        """Identity of a finding on a line; see the module's text for the key."""
        return Identity(kind="code", key=(self._packed(path, line), self.symbol(path, line)))

    def secret_identity(self, path: str, line: int | None, key: bytes) -> Identity:
        """Like :meth:`identity` for a line that may hold a password: its keyed hash.

        Args:
            path: Repository-relative POSIX path.
            line: One-based line.
            key: The run's key for hashes that identify secrets.
        """
        packed = self._packed(path, line).encode("utf-8", "surrogatepass")
        digest = hmac.new(key, packed, hashlib.sha256).hexdigest()
        return Identity(kind="secret", key=(digest, self.symbol(path, line)))

    def _packed(self, path: str, line: int | None) -> str:
        lines = self.lines(path)
        return "".join(lines[line - 1].split()) if line and line <= len(lines) else ""

    def _read(self, path: str) -> None:
        try:
            text = decode(self._project.read_bytes(path))
        except OSError:
            # The tool saw a file that is gone now: its finding stays, without an excerpt.
            text = ""
        self._lines[path] = lines_of(text)
        self._spans[path] = spans(text)


def code_identity(project: Project, path: str, line: int | None) -> Identity:
    """Identity of one finding; for many findings keep one :class:`SourceFiles`.

    Args:
        project: The project.
        path: Repository-relative POSIX path.
        line: One-based line; ``None`` where the finding concerns the whole file.
    """
    return SourceFiles(project).identity(path, line)
