"""Reading what ``git diff`` prints: names with ``-z``, and the new lines of a patch.

Format: the sections "Generating patch text with -p" and "raw output format" of git-diff(1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release_gate.errors import RepositoryProblem

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NO_FILE = b"/dev/null"
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One line of ``--name-status``.

    Args:
        status: Its letter: A, C, D, M, R, T, U, X.
        path: Name now; for D the name that is gone.
        old: Name before.
    """

    status: str
    path: str
    old: str


def name_status(output: bytes) -> tuple[Change, ...]:
    """Changes from the output of ``git diff --name-status -z``.

    Raises:
        RepositoryProblem: If it is cut off.
    """
    fields = iter(output.split(b"\0")[:-1])
    changes = []
    try:
        for field in fields:
            status = field[:1].decode("ascii", "replace")
            old = _text(next(fields))
            path = _text(next(fields)) if status in "RC" else old
            changes.append(Change(status=status, path=path, old=old))
    except StopIteration as error:
        raise _unreadable() from error
    return tuple(changes)


def new_lines(patch: bytes) -> Mapping[str, frozenset[int]]:
    """One-based numbers of the lines that a patch without context (``-U0``) adds, by path.

    Files that are gone, binary or only renamed have none and are not in it.

    Raises:
        RepositoryProblem: If it is cut off or not understood.
    """
    found: dict[str, set[int]] = {}
    path: bytes = _NO_FILE
    lines = iter(patch.split(b"\n"))
    for line in lines:
        if line.startswith(b"diff --git "):
            path = _NO_FILE
        elif line.startswith(b"+++ "):
            path = _path(line[4:])
        elif line.startswith(b"@@ "):
            numbers = _hunk(line, lines)
            if path != _NO_FILE:
                found.setdefault(_text(path), set()).update(numbers)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _hunk(header: bytes, lines: Iterator[bytes]) -> range:
    """The new lines of a hunk; its body is passed over by count: it may look like a header."""
    match = _HUNK.match(header)
    if match is None:
        raise _unreadable()
    gone, start, come = (1 if group is None else int(group) for group in match.groups())
    for mark, count in ((b"-", gone), (b"+", come)):
        for _ in range(count):
            line = next(lines, b"")
            if line.startswith(b"\\"):  # "\ No newline at end of file" of the old side
                line = next(lines, b"")
            if not line.startswith(mark):
                raise _unreadable()
    return range(start, start + come)


def _path(written: bytes) -> bytes:
    """The name in a ``+++`` line: quoted as in C if odd, a tab behind it if it has spaces."""
    if written.startswith(b'"'):
        name = _ESCAPE.sub(_unescaped, written[1:].rstrip(b"\t\r").removesuffix(b'"'))
    else:
        name = written.removesuffix(b"\t")
    if name == _NO_FILE:
        return name
    if not name.startswith(b"b/"):
        raise _unreadable()
    return name[2:]


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) if code.isdigit() else _LETTERS[code[0]]])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _unreadable() -> RepositoryProblem:
    return RepositoryProblem(
        "the output of git diff is cut off or not understood",
        remedy="Use git 2.30 or newer; look for settings under diff.* in git config --list.",
    )
