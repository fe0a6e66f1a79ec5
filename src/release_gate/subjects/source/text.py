"""Source files as text: decoded as Python does it, split as tools count lines."""

from __future__ import annotations

import io
import re
import tokenize

_LINE_END = re.compile(r"\r\n|\r|\n")


def decode(content: bytes) -> str:
    """The text of a Python file; never fails.

    The encoding comes from the byte order mark or the coding comment (PEP 263). Bytes that
    do not fit it become U+FFFD: whoever must refuse such a file asks :func:`encoding_of`.
    """
    return content.decode(encoding_of(content) or "utf-8", "replace").removeprefix("\ufeff")


def encoding_of(content: bytes) -> str | None:
    """Name of the encoding that the file declares and keeps to; ``None`` if it does not."""
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        content.decode(name)
    except (SyntaxError, UnicodeDecodeError):
        return None
    return name


def counted(count: int, unit: str) -> str:
    """``1 file``, ``2 files``; the unit comes as a plural."""
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


def lines_of(text: str) -> tuple[str, ...]:
    """Lines without their ends; CRLF, CR and LF end a line, form feeds do not."""
    lines = _LINE_END.split(text)
    return tuple(lines[:-1] if lines and not lines[-1] else lines)
