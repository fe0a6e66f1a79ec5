"""What a gate file says of itself, read from its text: it is not executed here."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class GateSource:
    """Literal arguments of ``GATE = Gate(...)``; ``None`` for each that is not literal."""

    kind: str | None = None
    title: str | None = None
    phase: str | None = None


def read_gate_source(content: bytes) -> GateSource:
    """Look for the constant ``GATE`` at the top level of a gate file.

    A file that does not parse, or has no such constant, says nothing here; the process that
    loads it will say why.

    Args:
        content: The file.
    """
    try:
        body = ast.parse(content).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return GateSource()
    for statement in reversed(body):
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        is_gate = any(isinstance(one, ast.Name) and one.id == "GATE" for one in targets)
        if is_gate and isinstance(value, ast.Call):
            return _of_call(value)
    return GateSource()


def _of_call(call: ast.Call) -> GateSource:
    said = {
        keyword.arg: keyword.value.value
        for keyword in call.keywords
        if keyword.arg is not None
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }
    return GateSource(kind=said.get("kind"), title=said.get("title"), phase=said.get("phase"))
