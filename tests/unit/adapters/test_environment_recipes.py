from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters import environment_recipes
from release_gate.adapters.environment_recipes import Recipe, commands, find_recipe
from release_gate.errors import ProjectEnvironmentProblem

pytestmark = pytest.mark.unit

PACKAGE = {"build-system": {"requires": []}, "project": {"name": "x", "dependencies": ["httpx"]}}
HASHED = "httpx==0.28.1 --hash=sha256:00\n"


@pytest.fixture(autouse=True)
def _no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_recipes, "_tool", lambda _name, _environment: None)


@pytest.fixture
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_recipes, "_tool", lambda name, _: Path("/tools") / name)


def recipe(root: Path, pyproject: Mapping[str, Any], files: Mapping[str, str]) -> Recipe | None:
    for name, content in {**({"pyproject.toml": ""} if pyproject else {}), **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(content)
    return find_recipe(root, pyproject, {})


def shown(found: Recipe | None) -> list[str]:
    assert found is not None
    lines = commands(
        found, Path("/project"), Path("/base/python"), Path("/env"), Path("/env/bin/python")
    )
    return [" ".join(line) for line in lines]


def test_nothing_says_what_is_needed(tmp_path: Path) -> None:
    assert recipe(tmp_path, {}, {}) is None
    assert recipe(tmp_path, {"tool": {"ruff": {}}}, {}) is None


@pytest.mark.usefixtures("_tools")
def test_the_order_of_the_forms(tmp_path: Path) -> None:
    files = {
        "uv.lock": "",
        "requirements.txt": HASHED,
        "pylock.toml": "",
        "poetry.lock": "",
    }
    seen = []
    for name in files:
        found = recipe(tmp_path, PACKAGE, files)
        assert found is not None
        seen.append((found.kind, found.sources[0]))
        files = {one: content for one, content in files.items() if one != name}
        (tmp_path / name).unlink()
    plain = recipe(tmp_path, PACKAGE, {})
    assert plain is not None
    assert [*seen, (plain.kind, plain.sources[0])] == [
        ("uv", "uv.lock"),
        ("requirements", "requirements.txt"),
        ("pylock", "pylock.toml"),
        ("poetry", "poetry.lock"),
        ("plain", "pyproject.toml"),
    ]


@pytest.mark.usefixtures("_tools")
def test_a_uv_lock_with_test_groups_and_extras(tmp_path: Path) -> None:
    pyproject = {
        "project": {"optional-dependencies": {"Test": ["x"], "docs": ["y"]}},
        "dependency-groups": {"dev": ["x"], "docs": []},
    }
    assert shown(recipe(tmp_path, pyproject, {"uv.lock": ""})) == [
        "/tools/uv sync --frozen --quiet --python /base/python --group dev --extra Test"
    ]


@pytest.mark.usefixtures("_tools")
def test_hashed_requirements_with_uv(tmp_path: Path) -> None:
    files = {"requirements.txt": HASHED, "requirements/dev.txt": HASHED}
    found = recipe(tmp_path, PACKAGE, files)
    assert shown(found) == [
        "/tools/uv venv --quiet --python /base/python /env",
        (
            "/tools/uv pip install --python /env/bin/python --require-hashes "
            "-r /project/requirements.txt -r /project/requirements/dev.txt"
        ),
        "/tools/uv pip install --python /env/bin/python --no-deps -e /project",
    ]
    assert found is not None
    assert found.describe() == (
        "built in the cache folder by uv from requirements.txt and requirements/dev.txt"
    )


def test_hashed_requirements_with_pip_and_no_package(tmp_path: Path) -> None:
    assert shown(recipe(tmp_path, {"project": {}}, {"dev-requirements.txt": HASHED})) == [
        "/base/python -I -m venv /env",
        "/env/bin/python -I -m pip install --require-hashes -r /project/dev-requirements.txt",
    ]


@pytest.mark.usefixtures("_tools")
def test_a_pylock(tmp_path: Path) -> None:
    assert shown(recipe(tmp_path, PACKAGE, {"pylock.toml": ""}))[1:] == [
        "/tools/uv pip install --python /env/bin/python -r /project/pylock.toml",
        "/tools/uv pip install --python /env/bin/python --no-deps -e /project",
    ]


@pytest.mark.usefixtures("_tools")
def test_a_poetry_lock(tmp_path: Path) -> None:
    assert shown(recipe(tmp_path, PACKAGE, {"poetry.lock": ""})) == [
        "/base/python -I -m venv --without-pip /env",
        "/tools/poetry install --no-interaction",
    ]


@pytest.mark.parametrize(
    ("lock", "tool"), [("uv.lock", "uv"), ("pylock.toml", "uv"), ("poetry.lock", "poetry")]
)
def test_a_lock_whose_installer_is_missing_is_an_error(
    tmp_path: Path, lock: str, tool: str
) -> None:
    found = recipe(tmp_path, PACKAGE, {lock: ""})
    with pytest.raises(ProjectEnvironmentProblem, match=f"{lock} can only be .* with {tool}") as e:
        shown(found)
    assert f"Install {tool}, or make .venv" in e.value.remedy


def test_a_package_by_its_names_alone(tmp_path: Path) -> None:
    pyproject = {
        **PACKAGE,
        "project": {"optional-dependencies": {"test": ["x"]}},
        "dependency-groups": {
            "dev": ["ruff", {"include-group": "Te_st"}],
            "te-st": ["pytest>=8"],
        },
    }
    found = recipe(tmp_path, pyproject, {"requirements-dev.txt": "coverage\n"})
    assert found is not None
    assert found.requirements == ("ruff", "pytest>=8")
    assert "versions not locked" in found.describe()
    assert shown(found)[1] == (
        "/env/bin/python -I -m pip install -r /project/requirements-dev.txt "
        "-r /env/release-gate-requirements.txt -e /project[test]"
    )


def test_an_application_by_its_names_alone(tmp_path: Path) -> None:
    pyproject = {
        "project": {"dependencies": ["httpx"], "optional-dependencies": {"tests": ["pytest"]}}
    }
    found = recipe(tmp_path, pyproject, {})
    assert found is not None
    assert (found.requirements, found.project) == (("httpx", "pytest"), False)
    assert shown(found)[1].endswith("install -r /env/release-gate-requirements.txt")


def test_a_project_with_setup_py_only(tmp_path: Path) -> None:
    assert shown(recipe(tmp_path, {}, {"setup.py": ""}))[1].endswith("pip install -e /project")


@pytest.mark.parametrize(
    "pyproject",
    [
        {"dependency-groups": {"dev": [{"include-group": "dev"}]}},
        {"dependency-groups": {"dev": [{"include-group": "none"}]}},
        {"dependency-groups": {"dev": "pytest"}},
        {"dependency-groups": {"dev": [3]}},
        {"dependency-groups": ["dev"]},
        {"project": {"dependencies": "httpx"}},
        {"project": {"dependencies": [3]}},
        {"project": "x"},
        {"project": {"optional-dependencies": {"test": "pytest"}}},
    ],
)
def test_a_broken_pyproject_is_an_error(tmp_path: Path, pyproject: Any) -> None:
    with pytest.raises(ProjectEnvironmentProblem):
        recipe(tmp_path, pyproject, {})


def test_the_installers_are_looked_up_beside_the_toolkit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    tool = tmp_path / "my-installer"
    tool.write_text("")
    tool.chmod(0o755)
    find = environment_recipes._tool
    assert (tool, None) == (
        find("my-installer", {"PATH": str(tmp_path)}),
        find("my-installer", {}),
    )
    assert find("python", {"PATH": ""}) is not None


def test_every_part_of_a_recipe_is_shown_by_its_equality(tmp_path: Path) -> None:
    found = recipe(tmp_path, PACKAGE, {})
    assert found is not None
    assert found != replace(found, groups=("dev",))
