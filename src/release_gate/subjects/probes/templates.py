"""``${name}`` in the texts of a check: what may stand there, and what takes its place.

``$${`` is a plain ``${``. A text that is nothing but one ``${name}`` becomes the value itself, with
its type; anywhere else the value is written into the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from release_gate.subjects.probes.contract import ProbeProblem
from release_gate.subjects.probes.values import shown

_PLACE = re.compile(r"\$(?P<plain>\$\{)|\$\{(?P<name>[^{}]*)\}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_GENERATED = re.compile(
    r"uuid(:[\w.-]+)?|sequence(:[\w.-]+)?|now(:.+)?|today(:.+)?|env:[A-Za-z_]\w*", re.DOTALL
)
GENERATED = ("uuid", "now", "today", "sequence", "env")

Lookup = Callable[[str], Any]


def names_in(value: Any) -> Iterator[str]:
    """Every name that stands in the texts of a value, at any depth.

    Raises:
        ValueError: If one can be neither a capture nor generated.
    """
    for text in _texts(value):
        for place in _PLACE.finditer(text):
            if place["plain"] is None:
                yield _checked(place["name"], text)


def captures_in(value: Any) -> set[str]:
    """Names of captures in a value."""
    return {name for name in names_in(value) if not is_generated(name)}


def is_generated(name: str) -> bool:
    """Whether a name stands for a generated value, not for a capture."""
    return name.partition(":")[0] in GENERATED


def is_one(text: str) -> bool:
    """Whether a text is nothing but one ``${name}``."""
    whole = _PLACE.fullmatch(text)
    return whole is not None and whole["name"] is not None


def fill(value: Any, lookup: Lookup, wrap: Callable[[str], str] = str) -> Any:
    """The value with every name replaced.

    Args:
        value: Text, or lists and mappings that hold text.
        lookup: Value of a name.
        wrap: What is done to a value that becomes part of a text (quoting, escaping).
    """
    if isinstance(value, str):
        return _filled(value, lookup, wrap)
    if isinstance(value, Mapping):
        return {key: fill(inner, lookup, wrap) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [fill(inner, lookup, wrap) for inner in value]
    return value


def fill_path(path: str, lookup: Lookup) -> str:
    """A URL's path with every value quoted, so that none can leave its segment.

    A path that is nothing but one name takes a whole path of this origin (a ``Location``).

    Raises:
        ProbeProblem: If a value would change where the request goes.
    """
    whole = _PLACE.fullmatch(path)
    if whole and whole["name"] is not None:
        value = str(lookup(whole["name"]))
        if not value.startswith("/") or value.startswith("//") or "\\" in value:
            raise ProbeProblem(
                f"the value of {whole['name']!r} is no path of this origin: {shown(value)}"
            )
        return value

    def plain(name: str) -> Any:
        value = lookup(name)
        if value is None or isinstance(value, Mapping | list | tuple):
            raise ProbeProblem(f"the value of {name!r} cannot be part of a path: {shown(value)}")
        return value

    return str(fill(path, plain, _segment))


def as_text(value: Any) -> str:
    """A value as it is written into a longer text."""
    return value if isinstance(value, str) else shown(value)


def _segment(text: str) -> str:
    if text in {"", ".", ".."}:
        raise ProbeProblem(f"{text!r} was captured, and cannot be part of a path")
    return quote(text, safe="")


def _filled(text: str, lookup: Lookup, wrap: Callable[[str], str]) -> Any:
    whole = _PLACE.fullmatch(text)
    if whole and whole["name"] is not None and wrap is str:
        return lookup(whole["name"])

    def put(place: re.Match[str]) -> str:
        if place["plain"] is not None:
            return str(place["plain"])
        return wrap(as_text(lookup(place["name"])))

    return _PLACE.sub(put, text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _checked(name: str, text: str) -> str:
    if is_generated(name):
        if not _GENERATED.fullmatch(name):
            raise ValueError(f"${{{name}}} is not understood: write ${{uuid}}, ${{env:NAME}} ...")
    elif not _NAME.fullmatch(name):
        raise ValueError(f"{text!r} names {name!r}: lower-case letters and digits, joined by -")
    return name
