"""Text made inert for Markdown and for terminals."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable

from release_gate.report.view.types import SourceLine

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:^$@])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# GitHub looks for names, numbers and addresses in the finished page, where no escape is
# left: an invisible joiner parts them.
_REFERENCE = re.compile(r"(\\[@#](?=\w)|\\:(?=//))")
_JOINER = "&#8288;"

_COMMAND_AT_START = re.compile(r"^((?:\s|\x1b\[[0-9;]*m)*)::", re.MULTILINE)

_STYLES = {
    "pass": "32",
    "fail": "31;1",
    "error": "35;1",
    "inconclusive": "33;1",
    "partial": "33;1",
    "advisory": "33",
    "skipped": "2",
    "dim": "2",
    "bold": "1",
}
# Control characters cannot stand in clean text, so no finding can forge a mark.
_OPEN, _NAMED, _CLOSE = "\x02", "\x03", "\x04"
_MARK = re.compile(f"{_OPEN}([a-z]+){_NAMED}|{_CLOSE}")


def markdown(text: str) -> str:
    """Text that GitHub's Markdown shows as it is: no link, no HTML, no mention, no table cell."""
    escaped = _MARKDOWN.sub(r"\\\1", "".join(_ENTITIES.get(char, char) for char in one(text)))
    return _REFERENCE.sub(rf"\1{_JOINER}", escaped)


def markdown_code(text: str) -> str:
    """Text as a code span, safe in a table cell too; empty text stays empty."""
    text = one(text).replace("|", "\\|")
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def markdown_fence(text: str) -> str:
    """A fence that no line of the text can close."""
    return "`" * max(3, _longest_run(text) + 1)


def one(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())


def inert(text: str) -> str:
    """Text for a log, without workflow commands.

    GitHub takes ``::`` at the start of a line, white space aside, for a command, and
    ``##[`` or ``##vso[`` anywhere in it.
    """
    return _COMMAND_AT_START.sub(r"\1: :", text).replace("##[", "## [").replace("##vso", "## vso")


def paint(text: str, style: str) -> str:
    """Text marked to be shown in a style, resolved by :func:`resolve`."""
    if style not in _STYLES:
        raise ValueError(f"there is no style {style!r}")
    return f"{_OPEN}{style}{_NAMED}{text}{_CLOSE}" if text else ""


def resolve(text: str, *, colour: bool) -> str:
    """Marked text with escape sequences in place of marks, or without any."""
    if not colour:
        return _MARK.sub("", text)
    return _MARK.sub(lambda m: f"\x1b[{_STYLES[m[1]]}m" if m[1] else "\x1b[0m", text)


def pad(text: str, width: int) -> str:
    """Text filled up with spaces to a width in terminal cells, or cut to it."""
    text = cut(text, width)
    return text + " " * (width - cells(text))


def pad_left(text: str, width: int) -> str:
    """As :func:`pad`, with the spaces in front."""
    text = cut(text, width)
    return " " * (width - cells(text)) + text


def cut(text: str, width: int) -> str:
    """Text of at most this many terminal cells; where it is longer, ``…`` ends it."""
    if cells(text) <= width:
        return text
    while text and cells(text) >= width:
        text = text[:-1]
    return text + "…" if width > 0 else ""


def numbered(lines: Iterable[SourceLine]) -> str:
    """Source lines with their numbers in front, so that none can begin with a command."""
    return "\n".join(f"{line.number:>6} │ {line.text}" for line in lines)


def cells(text: str) -> int:
    """How many terminal cells a text takes: two for wide characters, none for combining ones."""
    plain = _MARK.sub("", text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in plain
    )


def wrap(text: str, width: int, indent: int = 0) -> str:
    """Prose broken at spaces; the lines after the first are indented. Words stay whole."""
    lines = textwrap.wrap(
        text, max(20, width - indent), break_long_words=False, break_on_hyphens=False
    )
    return f"\n{' ' * indent}".join(lines)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
