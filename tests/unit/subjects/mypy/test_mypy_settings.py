"""Finding and reading mypy's settings as mypy does."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate.subjects.mypy.settings import MypySettings, find_settings
from release_gate.testing import project

pytestmark = pytest.mark.unit


def found(root: Path, files: dict[str, str]) -> MypySettings | None:
    (root / ".git").mkdir(exist_ok=True)
    return find_settings(project(root, files))


def test_there_may_be_none(tmp_path: Path) -> None:
    files = {"setup.cfg": "[metadata]\n", "pyproject.toml": "[tool.ruff]\n"}
    assert None is found(tmp_path, files)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mypy.ini", ".mypy.ini"),
        (".mypy.ini", "pyproject.toml"),
        ("pyproject.toml", "setup.cfg"),
    ],
)
def test_the_first_of_several_files_wins(tmp_path: Path, first: str, second: str) -> None:
    files = {
        name: "[tool.mypy]\n" if name.endswith("toml") else "[mypy]\n" for name in (first, second)
    }
    settings = found(tmp_path, files)
    assert settings is not None
    assert first == settings.file


def test_a_mypy_ini_without_its_section_is_still_taken(tmp_path: Path) -> None:
    assert MypySettings(file="mypy.ini") == found(tmp_path, {"mypy.ini": "[other]\n"})


def test_a_broken_setup_cfg_is_passed_over(tmp_path: Path) -> None:
    assert None is found(tmp_path, {"setup.cfg": "no section\n"})


def test_ini_and_toml_say_the_same(tmp_path: Path) -> None:
    ini = (
        "[mypy]\nplugins = a.plugin, ./b.py\nexclude = ^x{1,2}/\npython_version = 3.12\n"
        "[mypy-one.*]\nignore_errors = True\n[mypy-two]\nignore_errors = False\n"
    )
    toml = (
        '[tool.mypy]\nplugins = ["a.plugin", "./b.py"]\nexclude = "^x{1,2}/"\n'
        'python_version = "3.12"\n[[tool.mypy.overrides]]\nmodule = ["one.*"]\n'
        'ignore_errors = true\n[[tool.mypy.overrides]]\nmodule = "two"\nignore_errors = false\n'
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    expected = {
        "exclude": ("^x{1,2}/",),
        "plugins": ("a.plugin", "./b.py"),
        "python_version": "3.12",
        "ignored_modules": ("one.*",),
        "heeded_modules": ("two",),
    }
    assert MypySettings(file="mypy.ini", **expected) == found(  # type: ignore[arg-type] # mixed
        tmp_path / "a", {"mypy.ini": ini}
    )
    assert MypySettings(file="pyproject.toml", **expected) == found(  # type: ignore[arg-type] # mixed
        tmp_path / "b", {"pyproject.toml": toml}
    )


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        ("^src/old/", "src/old/deep/a.py", True),
        ("^src/old/$", "src/old/deep/a.py", True),
        ("_pb2\\.py$", "src/api_pb2.py", True),
        ("^old/", "src/old/a.py", False),
    ],
)
def test_exclude_is_a_search_in_each_folder_and_the_file(
    pattern: str, path: str, excluded: bool
) -> None:
    settings = MypySettings(file="mypy.ini", exclude=(pattern,))
    assert (pattern if excluded else None) == settings.excludes(path)
