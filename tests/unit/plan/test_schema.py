"""The published schema says what the reader accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Settings
from release_gate.plan.budget_keys import SeverityLimits
from release_gate.plan.bundled import bundled_gates
from release_gate.plan.keys import CommonKeys, EnvironmentKeys, PhaseKeys, TopKeys
from release_gate.plan.schema import json_schema
from release_gate.subjects.canary.settings import CanarySettings

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]


def keys_of(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from refs(value)
    elif isinstance(part, list):
        for value in part:
            yield from refs(value)


def test_every_key_of_the_top_is_there_and_no_other_is_allowed() -> None:
    schema = json_schema()

    assert set(schema["properties"]) == keys_of(TopKeys)
    assert schema["additionalProperties"] is False


def test_every_built_in_gate_has_its_table_with_common_and_own_keys() -> None:
    definitions = json_schema()["$defs"]

    for kind, gate in bundled_gates().items():
        closed = definitions[f"gate-{kind}"]["else"]
        assert set(closed["properties"]) == keys_of(CommonKeys) | keys_of(gate.settings)
        assert closed["additionalProperties"] is False


def test_a_table_is_checked_by_its_kind_else_by_its_name() -> None:
    gates = json_schema()["properties"]["gates"]

    assert set(gates["properties"]) == set(bundled_gates())
    (every,) = gates["patternProperties"].values()
    assert [one["then"]["$ref"] for one in every["allOf"]] == [
        f"#/$defs/gate-{kind}" for kind in bundled_gates()
    ]


def test_every_reference_leads_somewhere() -> None:
    schema = json_schema()

    assert {ref.removeprefix("#/$defs/") for ref in refs(schema)} == set(schema["$defs"])


def test_every_key_is_explained() -> None:
    schema = json_schema()
    tables = [schema, *(part["else"] for part in schema["$defs"].values() if "else" in part)]

    silent = [
        key
        for table in tables
        for key, value in table["properties"].items()
        if not value.get("description")
    ]
    assert silent == []


def test_there_is_no_null_in_toml() -> None:
    def nulls(value: object) -> int:
        if isinstance(value, dict):
            return sum(map(nulls, value.values())) + (value.get("type") == "null")
        return sum(map(nulls, value)) if isinstance(value, list) else value is None

    assert nulls(json_schema()) == 0


def test_two_settings_types_of_one_name_stay_apart(gate_named: Any) -> None:
    def settings(key: str) -> Any:
        return msgspec.defstruct(
            "Mine", [(key, int, 3)], bases=(Settings,), module=key, frozen=True, kw_only=True
        )

    gates = {kind: gate_named(kind, settings=settings(kind)) for kind in ("a", "b")}

    definitions = json_schema(gates)["$defs"]

    own = [set(definitions[f"gate-{kind}"]["else"]["properties"]) for kind in ("a", "b")]
    assert own == [keys_of(CommonKeys) | {"a"}, keys_of(CommonKeys) | {"b"}]


def test_a_canary_is_described_here_and_in_each_environment() -> None:
    schema = json_schema(canary=CanarySettings)
    here = schema["properties"]["canary"]
    assert {"steps", "rules", "rollback"} <= set(here["properties"])
    assert schema["$defs"]["EnvironmentKeys"]["properties"]["canary"] == here
    assert schema["properties"]["gates"] == json_schema()["properties"]["gates"]


def test_the_published_file_is_not_stale() -> None:
    published = ROOT / "docs" / "reference" / "release-gate.schema.json"

    whole = json_schema(canary=CanarySettings)
    expected = json.dumps(whole, indent=2, sort_keys=True) + "\n"
    assert expected == published.read_text("utf-8")


@pytest.mark.parametrize("kind", [TopKeys, CommonKeys, PhaseKeys, EnvironmentKeys, SeverityLimits])
def test_every_key_stands_in_the_page_of_the_configuration(kind: type[msgspec.Struct]) -> None:
    page = (ROOT / "docs" / "reference" / "configuration.md").read_text("utf-8")

    assert {key for key in keys_of(kind) if f"`{key}`" not in page} == set()
