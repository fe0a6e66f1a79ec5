"""What cannot be carried out is refused before anything is asked or switched."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Deployment
from release_gate.errors import ConfigError
from release_gate.subjects.canary.planned import CanaryPlan, plan_canary
from release_gate.subjects.canary.settings import CanarySettings
from release_gate.subjects.smoke.settings import SmokeSettings
from release_gate.testing import project

pytestmark = pytest.mark.unit

HEALTH = {
    "name": "health",
    "http": {"path": "/health"},
    "expect": [{"on": "status", "equals": 200}],
}
ACTION = {"command": {"argv": ["kubectl", "rollout", "undo"]}}
PLACE = Deployment(name="production", target="https://api.example", production=True)


def table(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "checks": [HEALTH],
        "steps": [{"weight": 10, "hold": "10m"}],
        "promote": ACTION,
        "rollback": ACTION,
    }
    whole |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in whole.items() if value is not None}


def planned(folder: Path, place: Deployment | None = PLACE, **changes: Any) -> CanaryPlan:
    settings = msgspec.convert(table(**changes), CanarySettings, strict=True)
    return plan_canary(
        project(folder, {}, deployment=place), settings, SmokeSettings(), rolls_out=True
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"steps": None}, "steps is missing"),
        ({"rollback": None}, "rollback is missing: a canary needs a way back"),
        ({"promote": None}, "set-weight or promote is missing"),
        ({"checks": None}, "checks: there is none that decides"),
        ({"checks": [{**HEALTH, "enforce": False}]}, "checks: there is none that decides"),
        ({"rules": {"fatal": ["migration"]}}, 'rules.fatal[0]: there is no check "migration"'),
        ({"steps": [{"weight": 1, "hold": "1m"}]}, "steps[0].deadline leaves time for 13 rounds"),
        (
            {"rollback": {"webhook": {"url": "https://ci.example/back", "method": "POST"}}},
            'rollback: "ci.example" may not be asked',
        ),
        (
            {"rollback": {"command": {"argv": ["undo", "${tag}"]}}},
            'rollback: rollback: nothing captures "tag"',
        ),
        (
            {"control_variable": "STABLE", "rules": {"p95-ratio": 1.5}},
            "control: rules compare with it, and its variable is not set",
        ),
    ],
)
def test_what_could_not_be_carried_out_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError) as error:
        planned(tmp_path, **changes)
    assert error.value.what.startswith(said)


def test_without_an_address_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no address to ask, and health needs one"):
        planned(tmp_path, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"steps": [{"weight": 101, "hold": 1}]}, "Expected `float` <= 100"),
        ({"steps": [{"weight": 1, "hold": 9, "deadline": 8}]}, "deadline is before the end of"),
        ({"steps": [{"weight": 9, "hold": 9}, {"weight": 9, "hold": 9}]}, "steps.1..weight must"),
        ({"rollback": {}}, "command or webhook must be there"),
        ({"rollback": {**ACTION, "webhook": {"path": "/", "method": "POST"}}}, "one of them"),
        ({"rollback": {"webhook": {"path": "/back"}}}, "webhook.method must be POST"),
        ({"rules": {"window": 10, "least": 20}}, "least is more than window"),
        ({"rules": {"p95-ratio": 1.5}}, "set control"),
        ({"canary": "ftp://x"}, "canary must begin with http"),
        ({"control": "https://u:p@x"}, "control must hold no user and password"),
        ({"metrics": [{"name": "m", "metrics": {"scrape": "/m", "series": "up"}}]}, "at-most or"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(table(**changes), CanarySettings, strict=True)


def test_a_way_back_may_write_in_production(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    assert (plan.canary, plan.control) == (PLACE, None)
    assert "    run ['kubectl', 'rollout', 'undo'] in ." in [line[4:] for line in plan.shown]


def test_checks_of_the_smoke_gate_are_used_where_none_stands_here(tmp_path: Path) -> None:
    settings = msgspec.convert(table(checks=None), CanarySettings, strict=True)
    gate = msgspec.convert({"checks": [HEALTH]}, SmokeSettings, strict=True)
    the_project = project(tmp_path, {}, deployment=PLACE)
    plan = plan_canary(the_project, settings, gate, rolls_out=True)
    assert [one.name for one in plan.suite.checks] == ["health"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {"consecutive-failures": 4}},
        {"interval": "5s"},
        {"canary": "https://other.example"},
        {"steps": [{"weight": 10, "hold": "11m"}]},
    ],
)
def test_another_plan_has_another_digest(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert planned(tmp_path, **changes).digest != planned(tmp_path).digest


PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "canary.md"
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", range(len(BLOCKS)))
def test_the_tables_of_the_page_are_understood(block: int) -> None:
    found = tomllib.loads(BLOCKS[block])["tool"]["release-gate"]["canary"]
    assert msgspec.convert(found, CanarySettings, strict=True) != CanarySettings()


def test_the_page_has_tables() -> None:
    assert len(BLOCKS) == 5
