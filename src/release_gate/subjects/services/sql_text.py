"""What a statement is, by its text: one, and one that only reads.

The server is asked to refuse the rest as well (a read-only transaction, the extended
protocol). The text is looked at first, so that a mistake is named before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

READING = ("SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN")
"""First words of the statements that may be sent."""

# Quoted text and comments of PostgreSQL, SQLite and MySQL. Whatever begins like one of them
# and does not end is ``open``.
_PART = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?\*/ )
    | (?P<quoted>
          (?<!\w)[eE]'(?:[^'\\]|''|\\.)*'
        | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`
        | (?<![\w$])\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$ )
    | (?P<open> /\* | ['"`] )
    | (?P<name> (?<![:\w]):(?P<parameter>[A-Za-z_]\w*) )
    | (?P<code> . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement that reads.

    Args:
        parts: Its text in pieces, each with its kind: ``code``, ``quoted`` or ``name``.
        word: Its first word, in capitals.
    """

    parts: tuple[tuple[str, str], ...]
    word: str

    def named(self) -> tuple[str, ...]:
        """Names of its parameters, sorted."""
        return tuple(sorted({text for kind, text in self.parts if kind == "name"}))

    def text(self) -> str:
        """As it was written, without comments; parameters as ``:name``."""
        return self._rendered(lambda name: f":{name}", lambda text: text)

    def pyformat(self) -> str:
        """With parameters as ``%(name)s``, and each other ``%`` doubled."""
        return self._rendered(lambda name: f"%({name})s", lambda text: text.replace("%", "%%"))

    def _rendered(self, parameter: Any, other: Any) -> str:
        pieces = (parameter(t) if kind == "name" else other(t) for kind, t in self.parts)
        return "".join(pieces).strip()


def statement(query: str, parameters: Mapping[str, Any]) -> Statement:
    """Take a query apart.

    Args:
        query: The text of one statement; parameters written as ``:name``.
        parameters: What will be bound; the names must be those in the text.

    Raises:
        ValueError: If it is no statement, more than one, one that may write, or its
            parameters are others than the ones given.
    """
    parts = list(_parts(query))
    code = [text if kind == "code" else "x" for kind, text in parts]
    while code and (code[-1].isspace() or code[-1] == ";"):
        code.pop()
        parts.pop()
    if ";" in code:
        raise ValueError("the query holds more than one statement: write a check for each")
    found = Statement(parts=tuple(parts), word=_first_word("".join(code)))
    if found.word not in READING:
        raise ValueError(
            f"the query begins with {found.word or 'nothing'}: only "
            f"{', '.join(READING)} can be asked"
        )
    if set(found.named()) != set(parameters):
        raise ValueError(
            f"the query names the parameters {_listed(found.named())}, "
            f"given are {_listed(sorted(parameters))}"
        )
    return found


def _parts(query: str) -> Iterator[tuple[str, str]]:
    for match in _PART.finditer(query):
        kind = match.lastgroup or ""
        if match["open"] is not None:
            raise ValueError(f"the query has a {match['open']} that is never closed")
        if match["comment"] is not None:
            yield "code", " "
        elif match["parameter"] is not None:
            yield "name", match["parameter"]
        else:
            yield "quoted" if match["quoted"] is not None else kind, match[0]


def _first_word(code: str) -> str:
    found = re.match(r"[\s(]*([A-Za-z]+)", code)
    return found[1].upper() if found else ""


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"
