"""Files of one JSON object a line, read with distrust."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


class LineProblem(ValueError):
    """A line, or the end of the file, that cannot be used.

    Args:
        what: What is wrong.
        line: One-based; ``None``: the file as a whole.
    """

    def __init__(self, what: str, line: int | None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def json_lines(text: str) -> tuple[dict[str, Any], ...]:
    """The objects of a file, in order.

    Args:
        text: Content with plain line ends.

    Raises:
        LineProblem: If it is empty or cut off, or if a line is no JSON object or says a key
            twice.
    """
    if not text.strip():
        raise LineProblem("the file is empty", None)
    *lines, rest = text.split("\n")
    if rest:
        raise LineProblem("the last line has no end: the file is cut off", len(lines) + 1)
    return tuple(_object(line, number) for number, line in enumerate(lines, start=1))


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise LineProblem(f"not a JSON object: {error}", number) from error
    if not isinstance(value, dict):
        raise LineProblem("not a JSON object", number)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f'key "{twice[0]}" stands twice')
    return dict(pairs)
