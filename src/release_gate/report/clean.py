"""A report whose every text is safe to show, made before any view sees it.

Tools report what stands in the user's files, and those may hold anything:
escape sequences, text that runs backwards, halves of characters.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any, TypeVar

from release_gate.redact import safe_text

T = TypeVar("T")

LONGEST_TEXT = 4000
"""Characters of one text that a view shows; ``gate.json`` holds all."""


def clean(value: T) -> T:
    """The same value with every text in it made safe, and cut where it is endless.

    Args:
        value: A frozen value of the model, at any depth.
    """
    return _cleaned(value)  # type: ignore[no-any-return]  # rebuilt with its own type


def one_line(text: str) -> str:
    """The text without line breaks."""
    return " ".join(text.split())


def _cleaned(value: Any) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        changes = {name: _cleaned(getattr(value, name)) for name in names}
        return dataclasses.replace(value, **changes)
    return value


def _text(text: str) -> str:
    cut = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …"
    return safe_text(cut)
