"""One TOML file of the user's: its values, and where each of them stands."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from release_gate.errors import ConfigError
from release_gate.files import read_file
from release_gate.plan.toml_lines import KeyPath, key_lines

_TOML_PLACE = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column \d+\)$", re.DOTALL)
_AT_THE_END = " (at end of document)"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A parsed file, or a table of it.

    Args:
        file: Name for messages, relative to the root; empty where there is no file.
        values: Content of the table.
        lines: One-based line of each key of the file, by its path from the top.
        prefix: Path of the table within the file.
    """

    file: str = ""
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    lines: Mapping[KeyPath, int] = field(default_factory=lambda: MappingProxyType({}))
    prefix: KeyPath = ()

    def line(self, path: KeyPath = ()) -> int | None:
        """Line of a key below the table, else of the nearest table or list that holds it."""
        whole = (*self.prefix, *path)
        for length in range(len(whole), 0, -1):
            if whole[:length] in self.lines:
                return self.lines[whole[:length]]
        return None

    def origin(self, path: KeyPath) -> str:
        """``pyproject.toml:48``; ``default`` if the key is not there."""
        whole = (*self.prefix, *path)
        return f"{self.file}:{self.lines[whole]}" if whole in self.lines else "default"

    def label(self, path: KeyPath = ()) -> str:
        """A table as its header reads, ``[tool.release-gate.gates.lint]``."""
        whole = (*self.prefix, *path)
        return f"[{dotted(whole)}]" if whole else "the top level"

    def table(self, *names: str) -> Document:
        """A table of this one; empty where there is none.

        Raises:
            ConfigError: If something else than a table stands there.
        """
        values: Any = self.values
        for depth, name in enumerate(names, start=1):
            values = values.get(name, {})
            if not isinstance(values, dict):
                what = f"{self.label(names[:depth])} must be a table"
                raise self.error(what, names[:depth])
        return Document(
            file=self.file, values=values, lines=self.lines, prefix=(*self.prefix, *names)
        )

    def overlaid(self, other: Document) -> Document:
        """This table with the keys of another one of the same file in place of its own.

        Lines follow: a key that comes from the other table is found where it stands there.
        """
        depth = len(other.prefix)
        moved = {
            (*self.prefix, *path[depth:]): line
            for path, line in self.lines.items()
            if path[:depth] == other.prefix and len(path) > depth
        }
        return replace(self, values={**self.values, **other.values}, lines={**self.lines, **moved})

    def error(self, what: str, path: KeyPath = (), *, remedy: str = "") -> ConfigError:
        """An error at a key of the table."""
        return ConfigError(what, file=self.file, line=self.line(path), remedy=remedy)


def read_document(path: Path, name: str) -> Document | None:
    """Read a TOML file; a byte order mark is allowed.

    Args:
        path: The file.
        name: What messages call it.

    Returns:
        ``None`` if there is no such file.

    Raises:
        ConfigError: If it cannot be read or is no TOML, with the line.
    """
    try:
        content = read_file(path)
    except FileNotFoundError as error:
        if path.is_symlink():  # not to be passed by: a configuration was meant
            raise ConfigError("it is a link that leads nowhere", file=name) from error
        return None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=name) from error
    return document_of(content, name)


def document_of(content: bytes, name: str) -> Document:
    """The document in the bytes of a TOML file; a byte order mark is allowed.

    Args:
        content: The whole file.
        name: What messages call it.

    Raises:
        ConfigError: If it is no TOML, with the line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8", file=name, line=line) from error
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Document:
    """Parse TOML.

    Args:
        text: The whole file.
        name: What messages call it.

    Raises:
        ConfigError: If it is no TOML or holds a number that is not finite, with the line.
    """
    try:
        values = tomllib.loads(text)
        lines = key_lines(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        what, line = _place(str(error), text)
        raise ConfigError(f"not TOML: {what}", file=name, line=line) from error
    except (RecursionError, ValueError) as error:
        # A number of thousands of digits is a ValueError of Python's own.
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(f"not TOML: {what}", file=name) from error
    document = Document(file=name, values=MappingProxyType(values), lines=lines)
    for path in _not_finite(values, ()):
        raise document.error(f'"{dotted(path)}" must be a finite number', path)
    return document


def dotted(path: KeyPath) -> str:
    """A path as TOML writes it; positions in lists in brackets."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            quoted = part if _BARE_KEY.fullmatch(part) else f'"{part}"'
            text += f".{quoted}" if text else quoted
    return text


def _place(message: str, text: str) -> tuple[str, int]:
    if found := _TOML_PLACE.match(message):
        return found["what"], int(found["line"])
    last = max(len(text.splitlines()), 1)
    return message.removesuffix(_AT_THE_END) + " at the end of the file", last


def _not_finite(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(value, float) and not math.isfinite(value):
        yield path
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = iter(enumerate(value))
    for key, each in inner:
        yield from _not_finite(each, (*path, key))
