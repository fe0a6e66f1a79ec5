"""Where the built-ins are found: the checkout first, then the installed copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate import assets
from release_gate.errors import AssetMissing

pytestmark = pytest.mark.unit


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "src" / "release_gate"
    folder.mkdir(parents=True)
    monkeypatch.setattr(assets, "_PACKAGE", folder)
    return folder


def fill(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    (folder / name).write_text("x")
    return folder


def test_a_checkout_is_preferred_to_the_copy_that_an_install_left(package: Path) -> None:
    root = package.parents[1]
    (root / "pyproject.toml").touch()
    gates = fill(root / "gates", "lint.py")
    templates = fill(root / "templates", "report.html")
    fill(package / "_bundled" / "gates", "lint.py")

    assert assets.gates_folder() == gates
    assert assets.templates_folder() == templates
    assert assets.checkout(package) == root


def test_an_installed_package_has_its_own_copy(package: Path) -> None:
    gates = fill(package / "_bundled" / "gates", "lint.py")

    assert assets.checkout(package) is None
    assert assets.gates_folder() == gates


def test_site_packages_beside_a_project_are_no_checkout(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "release_gate"
    (tmp_path / "pyproject.toml").touch()

    assert assets.checkout(package) is None


@pytest.mark.parametrize("is_checkout", [True, False])
def test_a_missing_folder_is_a_clear_error(package: Path, *, is_checkout: bool) -> None:
    if is_checkout:
        (package.parents[1] / "pyproject.toml").touch()
        fill(package / "_bundled" / "gates", "lint.py")

    with pytest.raises(AssetMissing, match="the folder of built-in gates is missing"):
        assets.gates_folder()


def test_an_empty_folder_is_an_error_and_no_gate_at_all_is_not_a_pass(package: Path) -> None:
    fill(package / "_bundled" / "gates", "readme.md")
    (package / "_bundled" / "templates").mkdir()

    with pytest.raises(AssetMissing, match="the folder of built-in gates is empty"):
        assets.gates_folder()
    with pytest.raises(AssetMissing, match="the folder of built-in templates is empty"):
        assets.templates_folder()


def test_this_checkout_has_both() -> None:
    root = Path(__file__).parents[2]

    assert assets.gates_folder() == root / "gates"
    assert assets.templates_folder() == root / "templates"
