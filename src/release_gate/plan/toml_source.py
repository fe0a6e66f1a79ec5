"""A TOML file of the project that a gate reads, with a line for every complaint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from release_gate.errors import ConfigError
from release_gate.plan.decoding import begun, decode
from release_gate.plan.document import Document, read_document

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class TomlSource:
    """Implements :class:`release_gate.ports.TomlFile`.

    Args:
        document: As read.
    """

    document: Document

    @property
    def values(self) -> Mapping[str, Any]:
        """Its content."""
        return self.document.values

    def decode(self, kind: type[T]) -> T:
        """Its content as a settings type; see :func:`release_gate.plan.decoding.decode`."""
        return decode(self.document, kind)  # type: ignore[type-var]  # ports know no msgspec

    def error(self, what: str, *, remedy: str = "") -> ConfigError:
        """A configuration error at the key that the message begins with."""
        path = begun(what, self.document.values)
        return self.document.error(what, path, remedy=remedy)


def read_toml(path: Path, name: str) -> TomlSource:
    """Read a file.

    Args:
        path: Absolute.
        name: What messages call it.

    Raises:
        ConfigError: If it is not there or cannot be read.
    """
    document = read_document(path, name)
    if document is None:
        raise ConfigError("there is no such file", file=name)
    return TomlSource(document=document)
