"""Judges an expectation against an answer; every operator says what it expected and what came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from release_gate.subjects.probes import schemas
from release_gate.subjects.probes.answer import Answer
from release_gate.subjects.probes.expectation import (
    Each,
    Expectation,
    Operators,
    Reference,
    Size,
)
from release_gate.subjects.probes.jsons import find, is_singular
from release_gate.subjects.probes.selection import (
    HEADER,
    NotReadable,
    Selected,
    Selector,
    select,
    where,
)
from release_gate.subjects.probes.told import Colour, Told
from release_gate.subjects.probes.values import is_number, kind_of, listed, same, shown
from release_gate.subjects.probes.wording import (
    SHOWN,
    expected,
    filled_operand,
    nodes_shown,
    nothing,
    wrong_shown,
)

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Miss:
    """Why an operator does not hold; ``unjudged`` where nothing can be said."""

    actual: str
    unjudged: bool = False


def judge(expectation: Expectation, answer: Answer) -> tuple[Told, ...]:
    """What each operator of an expectation came to.

    Args:
        expectation: Checked when it was read.
        answer: What the probe saw.
    """
    try:
        selected = select(answer.values, answer.captures, expectation)
    except NotReadable as error:
        return tuple(
            Told(
                colour="unjudged",
                where=where(expectation),
                operator=name,
                expected=expected(name, operand, answer),
                actual=str(error),
            )
            for name, operand in expectation.operands()
        )
    return _judged(expectation, selected, answer, textual=expectation.on == HEADER)


def holds(expectations: Iterable[Expectation], answer: Answer) -> bool:
    """Whether every operator of every expectation is met; of none at all it is not."""
    told = [one for each in expectations for one in judge(each, answer)]
    return bool(told) and all(one.colour == "met" for one in told)


def _judged(
    operators: Operators, selected: Selected, answer: Answer, *, textual: bool
) -> tuple[Told, ...]:
    told = []
    for name, operand in operators.operands():
        miss = _miss(name, operand, selected, answer, textual=textual)
        colour: Colour = "met" if miss is None else "unjudged" if miss.unjudged else "missed"
        told.append(
            Told(
                colour=colour,
                where=selected.where,
                operator=name,
                expected=expected(name, operand, answer),
                actual=nodes_shown(selected.nodes) if miss is None else miss.actual,
            )
        )
    return tuple(told)


def _miss(  # noqa: PLR0911 - one line for each kind of operator
    name: str, operand: Any, selected: Selected, answer: Answer, *, textual: bool
) -> _Miss | None:
    nodes = selected.nodes
    if name == "absent":
        return _Miss(actual=nodes_shown(nodes)) if nodes else None
    if name == "exists":
        return None if nodes else _Miss(actual=nothing(selected))
    if name == "count":
        return _count(operand, selected)
    if not nodes:
        return _Miss(actual=nothing(selected), unjudged=not selected.absent)
    if name == "unique":
        return _unique(selected)
    if name == "each":
        return _each(operand, nodes, answer)
    if name in {"less", "less-equal", "greater", "greater-equal"}:
        return _numeric(name, operand, nodes, answer, textual=textual)
    if name == "schema":
        return _schema(operand, nodes, answer)
    wanted = filled_operand(name, operand, answer)
    if wanted == "" and name in {"contains", "matches"} and any(isinstance(n, str) for n in nodes):
        return _Miss(actual="nothing to look for: an empty text is in every text", unjudged=True)
    wrong = [node for node in nodes if not _SIMPLE[name](wanted, node)]
    return _Miss(actual=wrong_shown(name, wanted, wrong, len(nodes))) if wrong else None


def _matches(pattern: Any, node: Any) -> bool:
    return isinstance(node, str) and re.search(pattern, node) is not None


def _contains(part: Any, node: Any) -> bool:
    if isinstance(node, str):
        return isinstance(part, str) and part in node
    if isinstance(node, Mapping):
        return isinstance(part, str) and part in node
    return isinstance(node, list | tuple) and any(same(part, one) for one in node)


def _has_type(wanted: Any, node: Any) -> bool:
    kind = kind_of(node)
    return kind == wanted or (wanted == "number" and kind == "integer")


def _has_length(size: Any, node: Any) -> bool:
    return isinstance(node, str | Mapping | list | tuple) and _size_met(size, len(node))


_SIMPLE: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": same,
    "not-equals": lambda wanted, node: not same(wanted, node),
    "in": lambda wanted, node: any(same(one, node) for one in wanted),
    "matches": _matches,
    "contains": _contains,
    "type": _has_type,
    "length": _has_length,
}


def _size_met(size: Size, number: int) -> bool:
    limits = {"equals": size} if isinstance(size, int) else size.limits()
    return all(_within(name, number, limit) for name, limit in limits.items())


def _within(name: str, value: Any, limit: Any) -> bool:
    if name == "equals":
        return bool(value == limit)
    if name == "less":
        return bool(value < limit)
    if name == "less-equal":
        return bool(value <= limit)
    return bool(value > limit if name == "greater" else value >= limit)


def _count(size: Size, selected: Selected) -> _Miss | None:
    number = len(selected.nodes)
    if not _size_met(size, number):
        return _Miss(actual=f"{number}")
    # A path that matches nothing may just be a wrong path, so that 0 proves nothing.
    return None if number else _Miss(actual=nothing(selected), unjudged=True)


def _unique(selected: Selected) -> _Miss | None:
    nodes = selected.nodes
    if selected.single and not isinstance(nodes[0], list | tuple):
        return _Miss(actual=f"{shown(nodes[0])} ({kind_of(nodes[0])}), which is no list")
    values = nodes[0] if len(nodes) == 1 and isinstance(nodes[0], list | tuple) else nodes
    if not values:
        return _Miss(actual="an empty list: nothing to compare", unjudged=True)
    twice = [
        value
        for position, value in enumerate(values)
        if any(same(value, other) for other in values[:position])
    ]
    return _Miss(actual=f"{listed(twice[:SHOWN])} stands more than once") if twice else None


def _each(each: Each, nodes: Sequence[Any], answer: Answer) -> _Miss | None:
    """An element that cannot be judged counts even where another one misses."""
    wrong, unjudged = [], False
    for node in nodes:
        if isinstance(node, Mapping):
            return _Miss(actual='an object; "each" is for lists, a path ends it with ".*"')
        if not isinstance(node, list | tuple):
            return _Miss(actual=f"{shown(node)} ({kind_of(node)}), which is no list")
        if not node:
            return _Miss(actual="an empty list: nothing matched", unjudged=True)
        for position, element in enumerate(node):
            told = _of_element(each, element, f"[{position}]", answer)
            wrong += [one.text() for one in told if one.colour != "met"]
            unjudged |= any(one.colour == "unjudged" for one in told)
    if not wrong:
        return None
    more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return _Miss(actual="; ".join(wrong[:SHOWN]) + more, unjudged=unjudged)


def _of_element(each: Each, element: Any, place: str, answer: Answer) -> tuple[Told, ...]:
    nodes = (element,) if each.path is None else find(each.path, element)
    said = place if each.path is None else f"{place} {each.path}"
    single = each.path is None or is_singular(each.path)
    selected = Selected(nodes=nodes, where=said, single=single)
    return _judged(each, selected, answer, textual=False)


def _numeric(
    name: str, operand: Any, nodes: Sequence[Any], answer: Answer, *, textual: bool
) -> _Miss | None:
    try:
        limit = _limit(operand, answer)
    except NotReadable as error:
        return _Miss(actual=f"{nodes_shown(nodes)}; {error}", unjudged=True)
    wrong = []
    for node in nodes:
        value = _from_text(node) if textual else node
        if isinstance(value, float) and not is_number(value):
            return _Miss(actual=f"{value}: no number can be compared with it", unjudged=True)
        if not is_number(value):
            wrong.append(f"{shown(node)} ({kind_of(node)}), which is no number")
        elif not _within(name, Decimal(str(value)), limit):
            wrong.append(shown(value))
    if not wrong:
        return None
    against = f" against {limit}" if isinstance(operand, Reference) else ""
    return _Miss(actual=", ".join(wrong[:SHOWN]) + against)


def _limit(operand: Any, answer: Answer) -> Decimal:
    value = operand
    if isinstance(operand, Selector):
        selected = select(answer.values, answer.captures, operand)
        if len(selected.nodes) != 1:
            raise NotReadable(f"the limit {selected.where}: {len(selected.nodes)} values match")
        value = selected.nodes[0]
        if operand.on == HEADER:
            value = _from_text(value)
    elif isinstance(operand, str):
        value = _from_text(answer.fill(operand))
    if not is_number(value):
        raise NotReadable(f"the limit is no number: {shown(value)}")
    return Decimal(str(value))


def _from_text(node: Any) -> Any:
    """Headers are always text; a decimal number in one is meant as a number."""
    if isinstance(node, str) and _NUMBER.fullmatch(node.strip()):
        return Decimal(node.strip())
    return node


def _schema(operand: Any, nodes: Sequence[Any], answer: Answer) -> _Miss | None:
    schema = answer.schema(operand) if isinstance(operand, str) else operand
    wrong = [text for text in (schemas.broken(schema, node) for node in nodes) if text]
    return _Miss(actual=wrong[0]) if wrong else None
