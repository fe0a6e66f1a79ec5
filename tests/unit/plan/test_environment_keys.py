"""Keys of gates' tables that are otherwise in one environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ConfigError, UnknownKey
from release_gate.plan.configuration import read_configuration

pytestmark = pytest.mark.unit

TEXT = """\
[gates.dependencies]
advisories-max-age = "7d"
deadline = "10m"

[environments.offline.gates.dependencies]
advisories-max-age = "any"

[environments.offline.gates.coverage]
deadline = "never"
"""


def write(root: Path, text: str) -> Path:
    (root / "release-gate.toml").write_text(text)
    return root


def test_the_keys_of_the_chosen_environment_replace_the_gates_own(tmp_path: Path) -> None:
    text = TEXT.replace('"never"', '"1h"')
    tables = read_configuration(write(tmp_path, text), environment="offline").tables
    assert tables["dependencies"].own == {"advisories-max-age": "any"}
    assert tables["dependencies"].common.deadline == "10m"
    assert tables["coverage"].common.deadline == "1h"


@pytest.mark.parametrize("environment", [None, "production"])
def test_without_that_environment_nothing_of_it_holds(
    tmp_path: Path, environment: str | None
) -> None:
    text = TEXT.replace('"never"', '"1h"')
    tables = read_configuration(write(tmp_path, text), environment=environment).tables
    assert dict(tables["dependencies"].own) == {"advisories-max-age": "7d"}
    assert set(tables) == {"dependencies"}


def test_a_key_of_the_environment_is_found_on_its_own_line(tmp_path: Path) -> None:
    text = TEXT.replace('"never"', '"1h"')
    table = read_configuration(write(tmp_path, text), environment="offline").tables["dependencies"]
    assert table.document.origin(("advisories-max-age",)) == "release-gate.toml:6"
    assert table.document.origin(("deadline",)) == "release-gate.toml:3"


@pytest.mark.parametrize("environment", ["offline", None])
def test_a_wrong_value_in_an_environment_is_refused_with_its_line(
    tmp_path: Path, environment: str | None
) -> None:
    with pytest.raises(ConfigError, match=r"release-gate.toml:9: .*deadline"):
        read_configuration(write(tmp_path, TEXT), environment=environment)


def test_an_unknown_key_of_an_environment_that_is_not_chosen_is_refused(desk: Any) -> None:
    desk.configure("[environments.ci.gates.lint]\nstrikt = true\n")
    with pytest.raises(UnknownKey, match=r"release-gate.toml:2: .*strikt"):
        desk.plan()
