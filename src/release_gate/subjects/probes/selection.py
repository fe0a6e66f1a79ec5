"""Which part of an answer an expectation or a capture is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from release_gate.subjects.probes import jsons
from release_gate.subjects.probes.contract import Unreadable
from release_gate.subjects.probes.headers import directives

CAPTURE = "capture"
HEADER = "header"
_TABLES = {HEADER, CAPTURE}


class NotReadable(Exception):
    """What is asked about cannot be read, so that nothing can be said of it."""


class Selecting(Protocol):
    """Whatever names a part of an answer."""

    @property
    def on(self) -> str:
        """Which value of the answer."""

    @property
    def name(self) -> str | None:
        """Key within it."""

    @property
    def directive(self) -> str | None:
        """One directive of a header."""

    @property
    def path(self) -> str | None:
        """JSONPath within it."""


class Selector(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """Base of what names a part of an answer.

    Args:
        on: Which value of the answer: ``status``, ``header``, ``json``, ``body``, ``duration`` ...
        name: Key within it: the header's name, the capture's name, ``days-left``.
        directive: One directive of a header (``max-age``).
        path: JSONPath (RFC 9535) within it.
    """

    on: str
    name: str | None = None
    directive: str | None = None
    path: str | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that can never select anything.

        Raises:
            ValueError: Which one.
        """
        check_selection(self)


def check_selection(selector: Selecting) -> None:
    """Refuse combinations that can never select anything.

    Raises:
        ValueError: Which one.
    """
    if selector.on in _TABLES and not selector.name:
        raise ValueError(f'on = "{selector.on}" needs a name')
    if selector.directive is not None and selector.on != HEADER:
        raise ValueError('directive goes with on = "header"')
    if selector.on == HEADER and selector.path is not None:
        raise ValueError('path does not go with on = "header"')
    if selector.on == "json" and selector.path is None:
        raise ValueError('on = "json" needs a path, "$" for the whole')
    if selector.path is not None:
        jsons.check_path(selector.path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """What was found.

    Args:
        nodes: The values, in order; none where nothing matched.
        where: The selection for people.
        single: Whether there can be no second value: a path that leads to one place.
        absent: Whether a key that was asked for by its name is not in the answer; that is a fact
            of the answer, while a path that matches nothing may just be a wrong path.
    """

    nodes: tuple[Any, ...]
    where: str
    absent: bool = False
    single: bool = False


def where(selector: Selecting) -> str:
    """The selection for people: ``json $.status``, ``header hsts max-age``."""
    parts = [selector.on, selector.name, selector.directive, selector.path]
    return " ".join(part for part in parts if part)


def select(values: Mapping[str, Any], captures: Mapping[str, Any], selector: Selecting) -> Selected:
    """Find a part of an answer.

    Args:
        values: The answer.
        captures: What was captured by now.
        selector: What to find.

    Raises:
        NotReadable: If it is there and cannot be read.
    """
    said = where(selector)
    source = captures if selector.on == CAPTURE else values.get(selector.on)
    if isinstance(source, Unreadable):
        raise NotReadable(f"{selector.on} cannot be read: {source.reason}")
    if source is None and selector.on not in values:
        return Selected(nodes=(), where=said, absent=True)
    nodes: tuple[Any, ...] = (source,)
    if selector.name is not None:
        nodes = _named(source, selector)
        if not nodes:
            return Selected(nodes=(), where=said, absent=True)
    if selector.directive is not None:
        nodes = _of_directive(nodes, selector)
        if not nodes:
            return Selected(nodes=(), where=said, absent=True)
    if selector.path is not None:
        try:
            nodes = tuple(one for node in nodes for one in jsons.find(selector.path, node))
        except ValueError as error:
            raise NotReadable(f"{said} cannot be followed: {error}") from error
    single = selector.on != HEADER and (selector.path is None or jsons.is_singular(selector.path))
    return Selected(nodes=nodes, where=said, single=single)


def _named(source: Any, selector: Selecting) -> tuple[Any, ...]:
    if not isinstance(source, Mapping):
        raise NotReadable(f'{selector.on} has no names, and "{selector.name}" was asked for')
    name = selector.name or ""
    if selector.on != HEADER:
        return (source[name],) if name in source else ()
    lines = source.get(name.lower(), ())
    return (lines,) if isinstance(lines, str) else tuple(lines)


def _of_directive(nodes: tuple[Any, ...], selector: Selecting) -> tuple[Any, ...]:
    wanted = (selector.directive or "").lower()
    found = (directives(selector.name or "", str(node)) for node in nodes)
    return tuple(one[wanted] for one in found if wanted in one)
