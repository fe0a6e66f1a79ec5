"""Evidence as JSON and back, for the gate host and the evidence cache.

Python's own ``json`` writes the text: unlike most encoders it carries names that are
not UTF-8 (as escaped lone surrogates) and NaN, both of which evidence may hold.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from release_gate.model import Evidence


class CodecError(Exception):
    """The value or the text is not whole, well-typed evidence."""


def encode(evidence: object) -> str:
    """Evidence as one line of JSON, keys sorted.

    Raises:
        CodecError: If it is not evidence, or something in it has the wrong type.
    """
    return json.dumps(msgspec.to_builtins(checked(evidence)), sort_keys=True)


def decode(text: str | bytes) -> Evidence:
    """Evidence from JSON; unknown, missing and repeated keys are refused.

    Raises:
        CodecError: If the text is anything but what :func:`encode` writes.
    """
    try:
        return restored(json.loads(text, object_pairs_hook=_unique))
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not evidence: {error}") from error


def restored(parsed: Any) -> Evidence:
    """Evidence from parsed JSON; unknown and missing keys are refused.

    Raises:
        CodecError: If it is anything but what :func:`encode` writes.
    """
    try:
        evidence = msgspec.convert(parsed, Evidence, strict=True)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not evidence: {error}") from error
    # A plain dataclass ignores unknown keys and fills in absent ones without a word.
    difference = _difference(parsed, msgspec.to_builtins(evidence), "$")
    if difference:
        raise CodecError(f"not evidence: {difference}")
    return evidence


def checked(value: object) -> Evidence:
    """The same evidence, every field proven to be of its type.

    Raises:
        CodecError: If it is not evidence, or something in it has the wrong type.
    """
    if not isinstance(value, Evidence):
        raise CodecError(f"collect returned {_kind(value)} and not Evidence")
    try:
        return msgspec.convert(msgspec.to_builtins(value), Evidence, strict=True)
    except (TypeError, ValueError, RecursionError, AttributeError) as error:
        raise CodecError(f"collect returned Evidence with a wrong value: {error}") from error


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _difference(got: Any, expected: Any, place: str) -> str:
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in sorted(got.keys() ^ expected.keys()):
            return f"{'unknown' if key in got else 'missing'} key {place}.{key}"
        pairs = [(got[key], expected[key], f"{place}.{key}") for key in sorted(got)]
    elif isinstance(got, list) and isinstance(expected, (list, tuple)):
        places = (f"{place}[{index}]" for index in range(len(got)))
        pairs = list(zip(got, expected, places, strict=True))
    else:
        return ""
    return next((found for one in pairs if (found := _difference(*one))), "")
