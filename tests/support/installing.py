"""Packages that need no index: each brings its own build backend (PEP 517, PEP 660)."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

# Wheels written by hand: METADATA, WHEEL, RECORD, and the module or the way to it.
_BACKEND = """
import zipfile
from pathlib import Path

NAME, VERSION = {name!r}, {version!r}


def _wheel(folder, name, content):
    file = f"{{NAME}}-{{VERSION}}-py3-none-any.whl"
    info = f"{{NAME}}-{{VERSION}}.dist-info"
    with zipfile.ZipFile(Path(folder, file), "w") as wheel:
        wheel.writestr(name, content)
        wheel.writestr(
            f"{{info}}/METADATA",
            f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n",
        )
        wheel.writestr(
            f"{{info}}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        )
        wheel.writestr(f"{{info}}/RECORD", "")
    return file


def build_wheel(folder, settings=None, metadata=None):
    return _wheel(folder, f"{{NAME}}.py", Path(f"{{NAME}}.py").read_text())


def build_editable(folder, settings=None, metadata=None):
    return _wheel(folder, f"__editable__.{{NAME}}.pth", str(Path.cwd()))
"""


def package(folder: Path, name: str, version: str) -> Path:
    """The source of a package of one module."""
    folder.mkdir(parents=True)
    (folder / f"{name}.py").write_text("X = 1\n")
    (folder / "backend.py").write_text(_BACKEND.format(name=name, version=version))
    (folder / "pyproject.toml").write_text(
        textwrap.dedent(
            f"""
            [build-system]
            requires = []
            build-backend = "backend"
            backend-path = ["."]

            [project]
            name = "{name}"
            version = "{version}"
            """
        )
    )
    return folder


def environment(folder: Path, *requests: str) -> Path:
    """A new environment's interpreter, with what pip's options ask for installed without an index.

    Args:
        folder: Where to make it.
        requests: As for ``pip install``: ``-e DIR``, ``DIR``.
    """
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if requests:
        command = [*uv, "pip", "install", "-q", "--no-index", "--python", str(python), *requests]
        subprocess.run(command, check=True)
    return python
