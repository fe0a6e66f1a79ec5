"""The baseline of mypy-baseline: mypy's own lines, the line number always 0.

Format: https://github.com/orsinium-labs/mypy-baseline, ``mypy_baseline/_error.py``.
"""

from __future__ import annotations

import re

from release_gate.subjects.accepted.items import AcceptedItem, place, unusable

_LINE = re.compile(
    r"(?P<path>.+?):(?P<line>\d+)(?::\d+)?: (?P<severity>error|note|warning):\s"
    r"(?P<message>.*?)(?:\s+\[(?P<code>[a-z0-9-]+)\])?\s*"
)


def items(content: bytes, name: str) -> tuple[AcceptedItem, ...]:
    """Every error; notes only explain one.

    Args:
        content: Of the file.
        name: Of the file, for messages.

    Raises:
        BaselineError: If a line is none of mypy's, or there is none at all.
    """
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise unusable("not UTF-8", name) from error
    found = []
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise unusable(f"line {number} is none of mypy's: {line[:80]!r}", name)
        if match["severity"] != "note":
            found.append(
                AcceptedItem(
                    rule=match["code"] or "misc",
                    path=place(match["path"]),
                    message=match["message"],
                    line=int(match["line"]),
                )
            )
    if not lines:
        raise unusable("the file is empty", name)
    return tuple(found)
