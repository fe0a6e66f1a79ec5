"""The flagged lines as people see them: short, and without what may be a password."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_LINES = 5
MOST_CHARACTERS = 200
_LITERAL = re.compile(r"""("{3}|'{3}|"|')(?:\\.|(?!\1).)*(?:\1|$)""")


def excerpt(lines: Sequence[str], first: int, last: int | None = None) -> str:
    """The lines from ``first`` to ``last``, one-based, cut to what fits on a screen.

    Args:
        lines: All lines of the file.
        first: First line; outside the file gives an empty text.
        last: Last line; default: the first alone.
    """
    if not 1 <= first <= len(lines):
        return ""
    wanted = lines[first - 1 : max(first, last or first)]
    shown = [_cut(line.rstrip()) for line in wanted[:MOST_LINES]]
    if len(wanted) > MOST_LINES:
        shown.append("…")
    return "\n".join(shown)


def masked(text: str) -> str:
    """The same text with the content of every string literal taken out."""
    return _LITERAL.sub(lambda match: f"{match[1]}…{match[1]}", text)


def _cut(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"
