"""Roots, keys, places: what the wiring decides by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate.cli.options import Wish
from release_gate.cli.project_root import find_root
from release_gate.cli.wiring import Kit, gate_titles, identity_key, interpreter
from release_gate.errors import UsageError
from release_gate.judge.baseline import Baseline
from release_gate.testing import ThisEnvironment

pytestmark = pytest.mark.unit

TABLE = "[tool.release-gate]\n"


def test_root_is_the_folder_that_was_named(tmp_path: Path) -> None:
    assert find_root(Wish(root=tmp_path)) == tmp_path
    assert find_root(Wish(config=tmp_path / "other.toml")) == tmp_path


def test_root_is_the_nearest_folder_with_a_configuration(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n")
    assert find_root(Wish(), deep) == tmp_path
    (tmp_path / "a" / "release-gate.toml").write_text("")
    assert find_root(Wish(), deep) == tmp_path / "a"


def test_root_without_a_configuration_is_the_nearest_project(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n")
    assert find_root(Wish(), deep) == tmp_path / "a"


def test_broken_configuration_is_not_passed_by(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.release-gate\nexpected = ")
    assert find_root(Wish(), tmp_path) == tmp_path


def test_unreadable_configuration_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff[tool.release-gate]")
    assert find_root(Wish(), tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("1", True), ("", False), ("false", False)]
)
def test_ci_is_told_by_its_variable(tmp_path: Path, value: str, expected: bool) -> None:
    assert Kit(Wish(root=tmp_path), environment={"CI": value}).ci is expected


def test_output_is_below_the_root_unless_named(tmp_path: Path) -> None:
    kit = Kit(Wish(root=tmp_path), environment={})
    assert kit.output_path == tmp_path / "build" / "release-gate"
    assert kit.output_inside == "build/release-gate"
    elsewhere = Kit(Wish(root=tmp_path / "project"), tmp_path / "out", {})
    assert elsewhere.output_path == tmp_path / "out"
    assert elsewhere.output_inside is None


def test_key_is_the_ci_secret_else_the_salt_else_this_users(tmp_path: Path) -> None:
    secret = {"RELEASE_GATE_SECRET_KEY": "a secret of the CI system"}
    baseline = Baseline(salt="00ff")
    assert identity_key(secret, baseline, tmp_path) == b"a secret of the CI system"
    assert identity_key({}, baseline, tmp_path) == b"00ff"
    own = identity_key({}, None, tmp_path)
    assert len(own) == 32
    assert identity_key({}, None, tmp_path) == own


def test_secret_of_the_ci_that_is_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        identity_key({"RELEASE_GATE_SECRET_KEY": "short"}, None, tmp_path)


def test_environment_that_is_not_given_has_no_interpreter_yet() -> None:
    assert interpreter(ThisEnvironment()) == (None, "the environment of the tests")


def test_titles_name_built_in_gates_and_those_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text('GATE = Gate(kind="own", title="My own")\n')
    (tmp_path / "pyproject.toml").write_text(
        TABLE + 'gate-files = ["own.py"]\n[tool.release-gate.gates.strict]\nkind = "lint"\n'
    )
    titles = gate_titles(tmp_path)
    assert titles["own"] == "My own"
    assert titles["strict"] == titles["lint"]


def test_titles_of_a_broken_configuration_are_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE + "expected = \n")
    assert "lint" in gate_titles(tmp_path)


def test_table_of_a_kind_that_is_not_there_gives_no_title(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE + '[tool.release-gate.gates.x]\nkind = "y"\n')
    assert "x" not in gate_titles(tmp_path)
