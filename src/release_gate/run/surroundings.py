"""What a gate's evidence depends on, as recorded in the report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from release_gate.model import Fact, Surroundings
from release_gate.plan.types import Plan, PlannedGate

_SHORT = 8
_LONGEST = 200
_HOW_MANY = re.compile(r"\b\d+ files?\b")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|DSN|URL", re.IGNORECASE)


def surroundings(plan: Plan, gate: PlannedGate, environment: Mapping[str, str]) -> Surroundings:
    """What the evidence of one gate depends on.

    Args:
        plan: With the file list.
        gate: Whose.
        environment: The process environment as injected. Of a variable only a short digest
            is recorded; of one whose name sounds secret, only that it is set.
    """
    return Surroundings(
        settings=tuple(sorted(_settings(gate))),
        variables=tuple(_variables(gate, environment)),
        files=files_digest(listing(plan, gate)),
    )


def listing(plan: Plan, gate: PlannedGate) -> dict[str, str]:
    """Object id by path of each file that a gate is to read."""
    wanted = set(gate.inputs.files)
    return {one.path: one.blob for one in plan.project.files if one.path in wanted}


def listings(plan: Plan) -> dict[str, dict[str, str]]:
    """Of every planned gate what :func:`listing` says."""
    return {one.gate_id: listing(plan, one) for one in plan.gates}


def files_digest(listed: Mapping[str, str]) -> str:
    """Hex SHA-256 over paths and object ids; empty for no file."""
    if not listed:
        return ""
    lines = "".join(f"{blob} {path}\0" for path, blob in sorted(listed.items()))
    return sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _settings(gate: PlannedGate) -> Iterator[Fact]:
    """Those of its table, then those of the tool's own files."""
    named = {one.name for one in gate.inputs.origins}
    own: dict[str, Any] = msgspec.to_builtins(gate.settings)
    for name, value in own.items():
        if name not in named:
            yield Fact(name=name, value=_text(value))
    for name in sorted(named):
        values = [f"{one.value} ({one.origin})" for one in gate.inputs.origins if one.name == name]
        yield Fact(name=name, value=_text(", ".join(values)))


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    text = _HOW_MANY.sub("files", text)  # how many there are is no setting
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({sha256(text.encode('utf-8', 'replace')).hexdigest()[:_SHORT]})"


def variables_read(gate: PlannedGate, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables that the gate names, and any that begin with a tool's name (``RUFF_…``)."""
    prefixes = tuple(f"{one.name.upper().replace('-', '_')}_" for one in gate.tools)
    return {
        name: value
        for name, value in sorted(environment.items())
        if name in gate.inputs.variables or (prefixes and name.startswith(prefixes))
    }


def _variables(gate: PlannedGate, environment: Mapping[str, str]) -> Iterator[Fact]:
    for name, value in variables_read(gate, environment).items():
        digest = sha256(value.encode("utf-8", "surrogateescape")).hexdigest()[:_SHORT]
        yield Fact(name=name, value="set" if _SECRET.search(name) else f"set ({digest})")
