"""What a check expects, as it stands in the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from release_gate.subjects.probes import jsons, schemas
from release_gate.subjects.probes.selection import Selector, check_selection
from release_gate.subjects.probes.templates import names_in

Type = Literal["string", "integer", "number", "boolean", "null", "array", "object"]

_KEYS = {"in_": "in", "not_equals": "not-equals", "less_equal": "less-equal"}
_KEYS["greater_equal"] = "greater-equal"


class Reference(Selector, frozen=True, kw_only=True):
    """Another value of the same answer, or a capture, as a limit."""


Bound = int | float | str | Reference


class Comparison(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """Limits of a length or a count; at least one of them.

    Args:
        equals: Exactly this many.
        less: Fewer.
        less_equal: At most.
        greater: More.
        greater_equal: At least.
    """

    equals: int | None = None
    less: int | None = None
    less_equal: int | None = None
    greater: int | None = None
    greater_equal: int | None = None

    def __post_init__(self) -> None:
        """Refuse a comparison with nothing.

        Raises:
            ValueError: If no limit is there.
        """
        if not self.limits():
            raise ValueError("a limit is missing: equals, less, less-equal, greater, greater-equal")

    def limits(self) -> dict[str, int]:
        """The limits that are set, by the operator's name."""
        named = {_KEYS.get(name, name): getattr(self, name) for name in self.__struct_fields__}
        return {name: limit for name, limit in named.items() if limit is not None}


Size = int | Comparison


class Operators(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """The closed set of operators; all that are set must hold.

    Args:
        equals: Strictly equal: ``True`` is not 1, and 1 is 1.0.
        not_equals: Not so.
        in_: Strictly equal to one of these.
        matches: A regular expression is found in the text.
        contains: A text within the text, an element of the list, a key of the object.
        exists: ``true``: something is there.
        absent: ``true``: nothing is there.
        type: Its JSON type; every ``integer`` is a ``number`` too.
        less: Below this number, or below another field.
        less_equal: At most.
        greater: Above.
        greater_equal: At least.
        length: Of a text, list or object.
        count: How many values the path matches.
        each: What every element of the list must keep to; an empty list is an error.
        schema: A JSON Schema, or the path of a file with one.
        unique: ``true``: no value stands twice.
    """

    equals: Any = UNSET
    not_equals: Any = UNSET
    in_: tuple[Any, ...] | UnsetType = msgspec.field(default=UNSET, name="in")
    matches: str | UnsetType = UNSET
    contains: Any = UNSET
    exists: bool | UnsetType = UNSET
    absent: bool | UnsetType = UNSET
    type: Type | UnsetType = UNSET
    less: Bound | UnsetType = UNSET
    less_equal: Bound | UnsetType = UNSET
    greater: Bound | UnsetType = UNSET
    greater_equal: Bound | UnsetType = UNSET
    length: Size | UnsetType = UNSET
    count: Size | UnsetType = UNSET
    each: Each | UnsetType = UNSET
    schema: dict[str, Any] | str | UnsetType = UNSET
    unique: bool | UnsetType = UNSET

    def operands(self) -> Iterator[tuple[str, Any]]:
        """The operators that are set, by name."""
        for name in OPERATORS:
            operand = getattr(self, name)
            if operand is not UNSET:
                yield _KEYS.get(name, name), operand

    def check_operators(self) -> None:
        """Refuse what cannot be judged.

        Raises:
            ValueError: Which operator, and why.
        """
        given = dict(self.operands())
        if not given:
            raise ValueError(f"an operator is missing: {', '.join(operator_names())}")
        for name in ("exists", "absent", "unique"):
            if given.get(name) is False:
                raise ValueError(f"{name} can only be true")
        if "absent" in given and len(given) > 1:
            raise ValueError("absent stands alone: what is not there keeps to nothing else")
        if self.in_ == ():
            raise ValueError("in must name at least one value")
        if isinstance(self.matches, str):
            _pattern(self.matches)
        if isinstance(self.schema, dict):
            schemas.check(self.schema)
        for name, operand in given.items():
            _plain_value(name, operand)
            if name in {"matches", "contains"} and operand == "":
                raise ValueError(f"{name}: an empty text is found in every text")


OPERATORS = Operators.__struct_fields__


def operator_names() -> tuple[str, ...]:
    """All operators as the configuration writes them."""
    return tuple(_KEYS.get(name, name) for name in OPERATORS)


class Each(Operators, frozen=True, kw_only=True):
    """What every element must keep to.

    Args:
        path: JSONPath within the element; default: the element itself.
    """

    path: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be judged."""
        if self.path is not None:
            jsons.check_path(self.path)
        self.check_operators()


class Expectation(Operators, frozen=True, kw_only=True):
    """One entry of ``expect``, ``until`` or ``fail-when``: a selection and its operators.

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
        """Refuse what cannot be judged."""
        check_selection(self)
        self.check_operators()


class Capture(Selector, frozen=True, kw_only=True):
    """One entry of ``capture``.

    Args:
        pattern: A regular expression with one group, to take a part of a text.
        secret: Whether the value is hidden in everything that is shown or written.
    """

    pattern: str | None = None
    secret: bool = False

    def __post_init__(self) -> None:
        """Refuse a pattern without a group."""
        Selector.__post_init__(self)
        if self.pattern is not None and _pattern(self.pattern).groups != 1:
            raise ValueError("pattern must have exactly one group")


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


def _plain_value(name: str, operand: Any) -> None:
    """Only what JSON knows can be equal to a part of an answer."""
    if isinstance(operand, msgspec.Struct):
        return
    tuple(names_in(operand))  # raises for what is no name
    if isinstance(operand, dict):
        for value in operand.values():
            _plain_value(name, value)
    elif isinstance(operand, list | tuple):
        for value in operand:
            _plain_value(name, value)
    elif operand is not None and not isinstance(operand, str | int | float | bool):
        raise ValueError(f"{name}: dates and times are no JSON; write a string")
