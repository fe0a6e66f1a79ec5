"""The JSON schema of the configuration, made from the very types that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from release_gate.api import AnyGate
from release_gate.plan.bundled import bundled_gates
from release_gate.plan.keys import CommonKeys, TopKeys

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"


def json_schema(gates: Mapping[str, AnyGate] | None = None) -> dict[str, Any]:
    """Schema of ``release-gate.toml``, and of the table ``tool.release-gate``.

    Args:
        gates: Built-in gates by kind; default: those of this installation.
    """
    kinds = bundled_gates() if gates is None else gates
    types = [TopKeys, CommonKeys, *(gate.settings for gate in kinds.values())]
    refs, parts = msgspec.json.schema_components(types, ref_template=_REF)
    common = _part(parts, refs[1])
    own = {kind: _part(parts, ref) for kind, ref in zip(kinds, refs[2:], strict=True)}
    top = _part(parts, refs[0])
    top["properties"]["gates"] = _gates(common, own)
    # Whatever reached the top through a reference is still needed; whole tables are not.
    whole = {_name(ref) for ref in refs}
    return {
        "$schema": _DRAFT,
        **top,
        "title": "Configuration of release-gate",
        "$defs": {
            **{name: part for name, part in sorted(parts.items()) if name not in whole},
            **{f"gate-{kind}": _table(common, one) for kind, one in own.items()},
        },
    }


def _gates(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A table is of the kind that it names, else of the one that it is called after."""
    named = [
        {
            "if": {"required": ["kind"], "properties": {"kind": {"const": kind}}},
            "then": {"$ref": f"#/$defs/gate-{kind}"},
        }
        for kind in own
    ]
    called = {
        kind: {"if": {"required": ["kind"]}, "else": {"$ref": f"#/$defs/gate-{kind}"}}
        for kind in own
    }
    return {
        "type": "object",
        "description": "Settings of the gates. A table's name is the gate's id.",
        "properties": called,
        "additionalProperties": True,
        "patternProperties": {
            "": {"type": "object", "properties": common["properties"], "allOf": named}
        },
    }


def _table(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """``override`` opens the table to the keys of a gate that is not ours."""
    closed = {
        **own,
        "title": own["title"],
        "properties": {**common["properties"], **own["properties"]},
    }
    overridden = {"required": ["override"], "properties": {"override": {"const": True}}}
    return {"if": overridden, "then": {"type": "object"}, "else": closed}


def _part(parts: Mapping[str, Any], ref: Mapping[str, Any]) -> dict[str, Any]:
    return dict(parts[_name(ref)])


def _name(ref: Mapping[str, Any]) -> str:
    return str(ref["$ref"]).rpartition("/")[2]
