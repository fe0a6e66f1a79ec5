"""How expectations and answers are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from release_gate.subjects.probes.answer import Answer
from release_gate.subjects.probes.expectation import Comparison, Reference, Size
from release_gate.subjects.probes.selection import Selected, where
from release_gate.subjects.probes.values import kind_of, listed, shown

SHOWN = 3
"""Values of several that a message names."""

_WORDS = {
    "less": "less than",
    "less-equal": "at most",
    "greater": "more than",
    "greater-equal": "at least",
    "equals": "exactly",
}


def filled_operand(name: str, operand: Any, answer: Answer) -> Any:
    """An operand with every ``${name}`` replaced; in a pattern values stand for themselves."""
    return answer.pattern(operand) if name == "matches" else answer.fill(operand)


def expected(name: str, operand: Any, answer: Answer) -> str:
    """What an operator asks for, as it follows "expected"."""
    if name in _EXPECTED:
        return _EXPECTED[name]
    if name == "each":
        parts = [expected(inner, value, answer) for inner, value in operand.operands()]
        return "each " + (f"{operand.path} " if operand.path else "") + " and ".join(parts)
    if name in {"length", "count"}:
        return f"{name} {_size_shown(operand)}"
    if isinstance(operand, Reference):
        return f"{_WORDS[name]} {where(operand)}"
    said = shown(filled_operand(name, operand, answer))
    if name == "in":
        said = listed(filled_operand(name, operand, answer))
    elif name in {"schema", "type"} or (name in _WORDS and name != "equals"):
        said = f"{answer.fill(operand)}" if not isinstance(operand, dict) else ""
    return f"{_PREFIXES.get(name, name)} {said}".strip()


_EXPECTED = {"exists": "to exist", "absent": "to be absent", "unique": "no value twice"}
_PREFIXES = {**_WORDS, "equals": "", "not-equals": "not", "in": "one of", "schema": "the schema"}


def _size_shown(size: Size) -> str:
    if not isinstance(size, Comparison):
        return f"exactly {size}"
    return " and ".join(f"{_WORDS[name]} {limit}" for name, limit in size.limits().items())


def nothing(selected: Selected) -> str:
    """What is said of a selection without a value."""
    return "absent" if selected.absent else "nothing matched"


def nodes_shown(nodes: Sequence[Any]) -> str:
    """The first few of the selected values."""
    if len(nodes) == 1:
        return shown(nodes[0])
    more = f", and {len(nodes) - SHOWN} more" if len(nodes) > SHOWN else ""
    return (listed(nodes[:SHOWN]) + more) if nodes else "nothing"


def wrong_shown(name: str, wanted: Any, wrong: Sequence[Any], count: int) -> str:
    """The first few of the values that are wrong; the type where that is what is wrong."""
    texts = []
    for node in wrong[:SHOWN]:
        tail = "" if _same_kind(name, wanted, node) else f" ({kind_of(node)})"
        if name == "length" and isinstance(node, str | Mapping | list | tuple):
            # In front: a long value is cut.
            texts.append(f"of length {len(node)}: {shown(node)}")
            continue
        texts.append(f"{shown(node)}{tail}")
    of = f" ({len(wrong)} of {count} values)" if count > 1 else ""
    return ", ".join(texts) + of


def _same_kind(name: str, wanted: Any, node: Any) -> bool:
    if name == "matches":
        return isinstance(node, str)
    if name in {"equals", "not-equals"}:
        return kind_of(wanted) == kind_of(node)
    if name == "in":
        return any(kind_of(one) == kind_of(node) for one in wanted)
    return name == "contains" and isinstance(node, str | Mapping | list | tuple)
