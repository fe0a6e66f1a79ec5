"""The JSON schema of the configuration, made from the very types that read it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from release_gate.api import AnyGate
from release_gate.plan.bundled import bundled_gates
from release_gate.plan.keys import CommonKeys, TopKeys

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"
_ARGUMENT = re.compile(r"^    (?P<name>\w+): (?P<text>.*)$")

Schema = dict[str, Any]


def json_schema(
    gates: Mapping[str, AnyGate] | None = None, *, canary: type[msgspec.Struct] | None = None
) -> Schema:
    """Schema of ``release-gate.toml``, and of the table ``tool.release-gate``.

    Args:
        gates: Built-in gates by kind; default: those of this installation.
        canary: Type of the table ``canary``, which the plan itself does not read.
    """
    kinds = bundled_gates() if gates is None else gates
    settings: list[type[msgspec.Struct]] = [gate.settings for gate in kinds.values()]
    rolled = [] if canary is None else [canary]
    types: list[type[msgspec.Struct]] = [TopKeys, CommonKeys, *rolled, *settings]
    refs, raw = msgspec.json.schema_components(types, ref_template=_REF)
    described = {name: _tidy(part) for name, part in raw.items()}
    # Looked up by reference: two gates may give their settings types the same name.
    parts = [described[_name(ref)] for ref in refs]
    top, common, *own = [_explained(part, one) for part, one in zip(parts, types, strict=True)]
    for part in own[: len(rolled)]:
        top["properties"]["canary"] = part
        described["EnvironmentKeys"]["properties"]["canary"] = part
    whole = {_name(ref) for ref in refs}
    tables = dict(zip(kinds, own[len(rolled) :], strict=True))
    top["properties"]["gates"] = _gates(common, list(tables))
    return {
        **top,
        "$schema": _DRAFT,
        "title": "Configuration of release-gate",
        "$defs": {
            **{name: part for name, part in sorted(described.items()) if name not in whole},
            **{f"gate-{kind}": _table(common, part) for kind, part in tables.items()},
        },
    }


def _gates(common: Schema, kinds: list[str]) -> Schema:
    """A table is of the kind that it names, else of the one that it is called after."""
    names_kind = {"required": ["kind"]}
    by_kind = [
        {
            "if": {**names_kind, "properties": {"kind": {"const": kind}}},
            "then": {"$ref": _REF.format(name=f"gate-{kind}")},
        }
        for kind in kinds
    ]
    by_name = {
        kind: {"if": names_kind, "else": {"$ref": _REF.format(name=f"gate-{kind}")}}
        for kind in kinds
    }
    return {
        "type": "object",
        "description": "Settings of the gates. The name of a table is the id of its gate.",
        "properties": by_name,
        "patternProperties": {
            "": {"type": "object", "properties": common["properties"], "allOf": by_kind}
        },
    }


def _table(common: Schema, own: Schema) -> Schema:
    """``override`` opens the table to the keys of a gate that is not ours."""
    closed = {**own, "properties": {**common["properties"], **own["properties"]}}
    overridden = {"required": ["override"], "properties": {"override": {"const": True}}}
    return {"if": overridden, "then": {"type": "object"}, "else": closed}


def _tidy(part: Any) -> Any:
    """Without null, which TOML does not have, and with descriptions of one line."""
    if isinstance(part, list):
        return [_tidy(one) for one in part]
    if not isinstance(part, dict):
        return part
    tidy = {key: _tidy(value) for key, value in part.items()}
    if tidy.get("default", ...) is None:
        del tidy["default"]
    elif isinstance(tidy.get("default"), dict | list):
        tidy["default"] = _without_null(tidy["default"])
    if isinstance(tidy.get("description"), str):
        tidy["description"] = tidy["description"].partition("\n")[0]
    if "anyOf" in tidy:
        choices = [one for one in tidy.pop("anyOf") if one != {"type": "null"}]
        tidy |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    return tidy


def _without_null(value: Any) -> Any:
    """A default as TOML would write it: what is not set is not there."""
    if isinstance(value, dict):
        return {key: _without_null(inner) for key, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list) else value


def _explained(part: Schema, kind: type[msgspec.Struct]) -> Schema:
    """Each key with what the docstring's ``Args`` say of it."""
    said = dict(_arguments(inspect.getdoc(kind) or ""))
    keys = {field.encode_name: said.get(field.name) for field in msgspec.structs.fields(kind)}
    properties = {
        name: {"description": keys[name], **value} if keys.get(name) else value
        for name, value in part["properties"].items()
    }
    return {**part, "properties": properties}


def _arguments(docstring: str) -> Iterator[tuple[str, str]]:
    section = docstring.partition("Args:\n")[2].partition("\n\n")[0]
    found: list[tuple[str, str]] = []
    for line in section.splitlines():
        if argument := _ARGUMENT.match(line):
            found.append((argument["name"], argument["text"]))
        elif found:
            name, text = found.pop()
            found.append((name, f"{text} {line.strip()}"))
    yield from found


def _name(ref: Mapping[str, Any]) -> str:
    return str(ref["$ref"]).rpartition("/")[2]
