"""Which ruff settings rule over which file."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate.subjects.lint.settings import (
    RuffSettings,
    find_settings,
    partition,
    ruling,
    target_version,
)
from release_gate.testing import project

pytestmark = pytest.mark.unit


def found(root: Path, files: dict[str, str]) -> dict[str, str]:
    (root / ".git").mkdir(exist_ok=True)
    return {item.folder: item.file for item in find_settings(project(root, files))}


def test_there_may_be_none(tmp_path: Path) -> None:
    assert found(tmp_path, {"pyproject.toml": "[tool.black]\n"}) == {}


@pytest.mark.parametrize("text", ["[tool]\nruff = 1\n", "tool = 1\n", "[project\n"])
def test_a_pyproject_without_a_table_for_ruff_is_passed_over(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, {"a/pyproject.toml": text}) == {}


def test_a_broken_file_that_ruff_would_read_counts(tmp_path: Path) -> None:
    files = {"a/ruff.toml": "x = [", "b/pyproject.toml": "[tool.ruff]\nx = ["}
    assert found(tmp_path, files) == {"a": "a/ruff.toml", "b": "b/pyproject.toml"}


def test_in_one_folder_the_first_name_wins(tmp_path: Path) -> None:
    files = {".ruff.toml": "", "ruff.toml": "", "pyproject.toml": "[tool.ruff]\n"}
    assert found(tmp_path, files) == {"": ".ruff.toml"}
    (tmp_path / ".ruff.toml").unlink()
    assert found(tmp_path, {}) == {"": "ruff.toml"}


def test_the_nearest_file_rules(tmp_path: Path) -> None:
    files = {"ruff.toml": "", "a/ruff.toml": "", "a/b/x.py": "", "c/y.py": ""}
    (tmp_path / ".git").mkdir()
    settings = find_settings(project(tmp_path, files))
    assert [
        rules.file
        for path in ("a/b/x.py", "c/y.py")
        if (rules := ruling(settings, path)) is not None
    ] == ["a/ruff.toml", "ruff.toml"]


def test_files_without_settings_are_told_apart(tmp_path: Path) -> None:
    files = {"a/ruff.toml": "", "a/x.py": "", "y.py": ""}
    (tmp_path / ".git").mkdir()
    settings = find_settings(project(tmp_path, files))
    assert partition(settings, ["a/x.py", "y.py"]) == (("a/x.py",), ("y.py",))


def test_above_the_root_the_search_ends_at_the_top_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("", encoding="utf-8")
    inner = tmp_path / "repository" / "service"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    assert find_settings(project(inner, {"a.py": ""})) == ()
    (tmp_path / "repository" / "ruff.toml").write_text("", encoding="utf-8")
    assert [item.file for item in find_settings(project(inner, {}))] == ["../ruff.toml"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"lint": {"exclude": ["a"]}}, "lint.exclude in ruff.toml"),
        ({"extend": "../base.toml"}, "the settings that ruff.toml extends"),
        ({"lint": {"exclude": []}}, None),
        ({"format": {"exclude": ["a"]}}, None),
        ({"lint": 3}, None),
    ],
)
def test_what_may_keep_a_file_from_the_linter(table: dict[str, object], said: str | None) -> None:
    assert said == RuffSettings(folder="", file="ruff.toml", table=table).leaves_out("lint")


@pytest.mark.parametrize(
    ("requires", "target"),
    [
        (">=3.11", "py311"),
        (">=3.9,<4", "py39"),
        ("~=3.12", "py312"),
        ("==3.13.*", "py313"),
        (">3.10", "py310"),
        ("<4", None),
        ("", None),
        (None, None),
    ],
)
def test_the_target_is_the_oldest_python_promised(requires: str | None, target: str | None) -> None:
    assert target == target_version(requires)
