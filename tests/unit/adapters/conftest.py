from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.adapters.processes import Processes
from unit.adapters.repo import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    (tmp_path / "repo").mkdir()
    return Repo(tmp_path / "repo")


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(os.environ)


@pytest.fixture
def processes(tmp_path: Path, environment: dict[str, str]) -> Iterator[Processes]:
    made = Processes(tmp_path, environment, SystemClock())
    yield made
    made.end_all()
