"""JSON read strictly, and JSONPath (RFC 9535) over what was read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from release_gate.subjects.probes.contract import Unreadable

if TYPE_CHECKING:
    from jsonpath import JSONPath, JSONPathEnvironment


def parse(text: str) -> Any:
    """The value of a JSON text, or why it cannot be read.

    Stricter than :mod:`json`: a repeated key, ``NaN``, ``Infinity``, numbers beyond the range of a
    float and half a character (a surrogate alone) are refused, since readers differ in what they
    make of them (RFC 7493).

    Args:
        text: The whole text.
    """
    if not text.strip():
        return Unreadable(reason="it is empty")
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Unreadable(reason="it is not JSON: it holds half a character (a lone surrogate)")
    except json.JSONDecodeError as error:
        return Unreadable(reason=f"it is not JSON: {error.msg} at character {error.pos}")
    except ValueError as error:
        return Unreadable(reason=f"it is not JSON: {error}")
    except RecursionError:
        return Unreadable(reason="it is nested too deeply")
    return value


def check_path(path: str) -> None:
    """Refuse what is no JSONPath.

    Raises:
        ValueError: With the place.
    """
    _compiled(path)


def find(path: str, value: Any) -> tuple[Any, ...]:
    """All nodes that a path matches, in order.

    Args:
        path: Checked before.
        value: A list or an object; anything else only matches ``$``.

    Raises:
        ValueError: If the value is nested too deeply to be followed.
    """
    from jsonpath.exceptions import (  # noqa: PLC0415 - slow to import, rarely needed
        JSONPathRecursionError,
    )

    compiled = _compiled(path)
    if not isinstance(value, dict | list):
        return (value,) if path.strip() == "$" else ()
    try:
        return tuple(match.obj for match in compiled.finditer(value))
    except JSONPathRecursionError as error:
        raise ValueError("it is nested too deeply") from error


def is_singular(path: str) -> bool:
    """Whether a path can match one value at most (RFC 9535, 2.3.5.1)."""
    return _compiled(path).singular_query()


@lru_cache(maxsize=1024)
def _compiled(path: str) -> JSONPath:
    from jsonpath import JSONPathError  # noqa: PLC0415 - slow to import, rarely needed

    if not path.startswith("$"):
        raise ValueError(f'path: {path!r} is no JSONPath: it must begin with "$"')
    try:
        compiled = _environment().compile(path)
    except JSONPathError as error:
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f"path: {path!r} is no JSONPath: {what}") from error
    return compiled  # type: ignore[return-value]  # strict paths are never compound


@lru_cache(maxsize=1)
def _environment() -> JSONPathEnvironment:
    from jsonpath import JSONPathEnvironment  # noqa: PLC0415 - slow to import, rarely needed

    return JSONPathEnvironment(strict=True)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large a number")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")
