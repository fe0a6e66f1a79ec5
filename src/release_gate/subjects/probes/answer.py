"""What expectations are judged against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What expectations are judged against.

    Args:
        values: As the probe gave them.
        captures: What was captured by now.
        fill: Replaces ``${name}`` in an operand.
        pattern: The same in a regular expression: what is filled in stands for itself.
        schema: Content of a schema that is named by its file.
    """

    values: Mapping[str, Any]
    captures: Mapping[str, Any] = field(default_factory=dict)
    fill: Callable[[Any], Any] = lambda value: value
    pattern: Callable[[str], str] = lambda text: text
    schema: Callable[[str], Mapping[str, Any]] = lambda name: {"$ref": name}
