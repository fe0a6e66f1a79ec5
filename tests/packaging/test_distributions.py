"""What is in the wheel and in the sdist, derived from the tree."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def below(folder: str, pattern: str = "*") -> set[str]:
    return {
        path.relative_to(ROOT / folder).as_posix()
        for path in (ROOT / folder).rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_the_bundled_gates_and_templates(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {f"release_gate/{name}" for name in below("src/release_gate")}
    expected |= {f"release_gate/_bundled/gates/{name}" for name in below("gates")}
    expected |= {f"release_gate/_bundled/templates/{name}" for name in below("templates")}
    assert names == expected
    assert {"release_gate/py.typed", "release_gate/_bundled/gates/lint.py"} <= names
    assert "release_gate/_bundled/__init__.py" not in names


def test_the_sdist_holds_the_sources_and_the_texts(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {"/".join(m.name.split("/")[1:]) for m in archive.getmembers() if m.isfile()}
    expected = {f"src/release_gate/{name}" for name in below("src/release_gate")}
    for folder in ("gates", "templates", "docs"):
        expected |= {f"{folder}/{name}" for name in below(folder)}
    expected |= {"README.md", "CHANGELOG.md", "LICENSE", "ARCHITECTURE.md"}
    assert names - {".gitignore", "PKG-INFO", "pyproject.toml"} == expected


def test_the_metadata_names_licence_python_and_command(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    (entry_points,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
    text = archive.read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text
    assert "Requires-Python: >=3.11" in text
    assert "release-gate = release_gate.cli:main" in archive.read(entry_points).decode()
