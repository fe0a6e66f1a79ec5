"""Sample reports, and golden files that ``RELEASE_GATE_UPDATE_GOLDEN=1`` writes anew."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def samples() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(HERE / "samples.py")))


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    def compare(name: str, actual: str) -> None:
        file = HERE / "golden" / name
        if os.environ.get("RELEASE_GATE_UPDATE_GOLDEN"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(actual, encoding="utf-8", newline="\n")
        assert file.is_file(), f"{file} is missing; see the docstring of conftest.py"
        expected = file.read_bytes().decode().replace("\r\n", "\n")
        assert expected == actual

    return compare
