"""What a gate's evidence depends on, as it is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from release_gate.api import Inputs, Origin, Settings
from release_gate.model import Fact, PlannedTool
from release_gate.plan.types import PlannedGate
from release_gate.ports import FileEntry
from release_gate.run.surroundings import files_digest, listing, listings, surroundings

pytestmark = pytest.mark.unit

FILES = tuple(FileEntry(path=name, tracked=True, size=1, blob=name * 2) for name in ("a", "b"))


class Own(Settings, frozen=True, kw_only=True):
    most: int = 1
    names: tuple[str, ...] = ("x", "y")
    text: str = "t" * 300


@pytest.fixture
def gate(kit: Any) -> PlannedGate:
    made: PlannedGate = kit.gate(
        "g",
        lambda _c, _s: None,
        inputs=Inputs(
            files=("a",),
            variables=("LANG", "API_TOKEN"),
            origins=(
                Origin(name="most", value="3", origin="tool.toml"),
                Origin(name="rules", value="of 12 files", origin="ruff.toml"),
            ),
        ),
        settings=Own(),
        tools=(PlannedTool(name="detect-secrets", version="1"),),
    )
    return made


def recorded(kit: Any, gate: PlannedGate, **environment: str) -> Any:
    return surroundings(kit.plan([gate], files=FILES), gate, environment)


def test_settings_in_force_are_recorded_with_where_they_come_from(
    kit: Any, gate: PlannedGate
) -> None:
    facts = {one.name: one.value for one in recorded(kit, gate).settings}
    assert facts["most"] == "3 (tool.toml)"
    assert facts["names"] == '["x", "y"]'
    assert facts["rules"] == "of files (ruff.toml)"


def test_a_long_setting_is_cut_and_still_told_apart(kit: Any, gate: PlannedGate) -> None:
    other = replace(gate, settings=Own(text="t" * 299 + "u"))
    first, second = (
        next(fact.value for fact in recorded(kit, one).settings if fact.name == "text")
        for one in (gate, other)
    )
    assert len(first) < 220
    assert first != second


def test_of_a_variable_only_a_short_digest_is_recorded_and_of_a_secret_not_even_that(
    kit: Any, gate: PlannedGate
) -> None:
    found = recorded(
        kit, gate, LANG="C", API_TOKEN="hunter2", DETECT_SECRETS_X="1", HOME="/h"
    ).variables
    assert [one.name for one in found] == ["API_TOKEN", "DETECT_SECRETS_X", "LANG"]
    assert found[0] == Fact(name="API_TOKEN", value="set")
    assert found[2].value.startswith("set (")
    assert "C" not in found[2].value
    assert found[2] != recorded(kit, gate, LANG="D").variables[0]


def test_only_the_files_that_the_gate_reads_are_listed(kit: Any, gate: PlannedGate) -> None:
    plan = kit.plan([gate], files=FILES)
    assert listing(plan, gate) == {"a": "aa"}
    assert listings(plan) == {"g": {"a": "aa"}}
    assert recorded(kit, gate).files == files_digest({"a": "aa"})


def test_the_digest_of_files_depends_on_names_and_contents_and_not_on_their_order() -> None:
    digest = files_digest({"a": "1", "b": "2"})
    assert digest == files_digest({"b": "2", "a": "1"})
    assert len({digest, files_digest({"a": "2", "b": "1"}), files_digest({"a": "1"})}) == 3
    assert files_digest({}) == ""
    assert files_digest({"\udcff": "1"}) != digest
