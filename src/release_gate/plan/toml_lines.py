"""On which line of a TOML text each key stands.

:mod:`tomllib` reads values and forgets where they stood. This scanner does the opposite: it
walks a text that tomllib has already accepted and notes only places, so it may be lenient.
Grammar: https://toml.io/en/v1.0.0, with newlines and trailing commas in inline tables (1.1).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType

KeyPath = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """One-based line of each key, table and list element.

    A table that has a header of its own stands on that line, else on the line of the first key
    that makes it. Elements of lists, and tables of an array of tables, are counted from zero.

    Args:
        text: TOML that tomllib accepts, with either kind of line end.
    """
    scanner = _Scanner(text)
    scanner.document()
    return MappingProxyType(scanner.lines)


class _Scanner:
    """Reads from the front to the end, once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted = (0, 1)
        self.lines: dict[KeyPath, int] = {}
        self._implied: set[KeyPath] = set()
        self._counts: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_GAP)
        while self._at < len(self._text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)

    def _header(self) -> KeyPath:
        line = self._line()
        is_array = self._peek("[[")
        self._at += 2 if is_array else 1
        path = self._through_arrays(self._key(), last=not is_array)
        self._at += 2 if is_array else 1
        self._imply(path, line)
        if is_array:
            self.lines.setdefault(path, line)
            count = self._counts.get(path, 0)
            self._counts[path] = count + 1
            path = (*path, count)
        self._state(path, line)
        return path

    def _through_arrays(self, names: tuple[str, ...], *, last: bool) -> KeyPath:
        """A header below an array of tables means its latest table."""
        path: KeyPath = ()
        for position, name in enumerate(names):
            path = (*path, name)
            if path in self._counts and (last or position < len(names) - 1):
                path = (*path, self._counts[path] - 1)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = (*table, *self._key())
        self._imply(path, line)
        self._state(path, line)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        names = []
        while True:
            self._skip(_SPACE)
            names.append(self._name())
            self._skip(_SPACE)
            if not self._peek("."):
                return tuple(names)
            self._at += 1

    def _name(self) -> str:
        if self._text[self._at] not in "\"'":
            return self._skip(_BARE_KEY)
        quoted = self._string()
        return next(iter(tomllib.loads(f"{quoted} = 0")))

    def _value(self, path: KeyPath) -> None:
        if self._peek("["):
            self._list(path)
        elif self._peek("{"):
            self._inline_table(path)
        elif self._text[self._at] in "\"'":
            self._string()
        else:
            self._skip(_SCALAR)

    def _list(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_GAP)
        index = 0
        while not self._peek("]"):
            self._state((*path, index), self._line())
            self._value((*path, index))
            self._separator()
            index += 1
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_GAP)
        while not self._peek("}"):
            self._pair(path)
            self._separator()
        self._at += 1

    def _separator(self) -> None:
        self._skip(_GAP)
        if self._peek(","):
            self._at += 1
            self._skip(_GAP)

    def _string(self) -> str:
        for pattern in _STRINGS:
            if found := pattern.match(self._text, self._at):
                self._at = found.end()
                return found[0]
        raise ValueError("not a string: the text was not checked by tomllib first")

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError("not TOML: the text was not checked by tomllib first")
        self._at = found.end()
        return found[0]

    def _peek(self, expected: str) -> bool:
        return self._text.startswith(expected, self._at)

    def _line(self) -> int:
        """Counted on from the last place, so that a long text is read once."""
        at, line = self._counted
        self._counted = (self._at, line + self._text.count("\n", at, self._at))
        return self._counted[1]

    def _imply(self, path: KeyPath, line: int) -> None:
        for length in range(1, len(path)):
            if path[:length] not in self.lines:
                self.lines[path[:length]] = line
                self._implied.add(path[:length])

    def _state(self, path: KeyPath, line: int) -> None:
        if path not in self.lines or path in self._implied:
            self.lines[path] = line
            self._implied.discard(path)
