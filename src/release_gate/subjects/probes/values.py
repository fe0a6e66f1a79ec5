"""What values are called, when two are the same, and how they are written in messages."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

KINDS = ("string", "integer", "number", "boolean", "null", "array", "object")


def kind_of(value: object) -> str:  # noqa: PLR0911 - a table of types
    """Name of a value's type as JSON calls it; a whole number is an ``integer``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | Decimal):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, Sequence) else type(value).__name__


def is_number(value: object) -> bool:
    """Whether it can be compared with a limit: no boolean, no NaN, not infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return isinstance(value, int) or math.isfinite(value)  # an int may be too long for a float


def same(left: Any, right: Any) -> bool:
    """Strict equality: ``True`` is not 1, ``"1"`` is not 1, 1 is 1.0."""
    kinds = {kind_of(left), kind_of(right)}
    if kinds <= {"integer", "number"}:
        return bool(left == right)
    if len(kinds) > 1:
        return False
    if isinstance(left, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if kinds == {"array"}:
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(same(one, other) for one, other in pairs)
    return bool(left == right)


def shown(value: Any) -> str:
    """A value as JSON writes it, uncut."""
    return json.dumps(_plain(value), ensure_ascii=False, default=str)


def listed(values: Iterable[Any]) -> str:
    """Several values, as in ``"a", "b"``."""
    return ", ".join(shown(value) for value in values)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
