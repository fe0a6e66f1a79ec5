from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from release_gate.subjects.locks import step
from release_gate.subjects.locks.types import Asked, Lock, Pin
from release_gate.testing import FolderProject

pytestmark = pytest.mark.unit

PIN = Pin(name="cog", version="1.0")
POETRY = Lock(path="poetry.lock", kind="poetry", pins=(PIN,), content_hash="0" * 64)
UV = Lock(
    path="uv.lock", kind="uv", pins=(PIN,), asked=(Asked(package="app", requires=("cog>=1",)),)
)
PLAIN = Lock(path="requirements.txt", kind="requirements", pins=(PIN,))
INSTALLED = Lock(path="the project environment", kind="environment", pins=(PIN,))


def check(text: str, *locks: Lock) -> step.Checked:
    pyproject = tomllib.loads(text)
    return step.check(FolderProject(root=Path(), pyproject=pyproject), locks)


PROJECT = '[project]\nname = "app"\ndependencies = ["cog>=1"]\n'


def test_each_lock_is_compared_in_its_own_way() -> None:
    found = check(PROJECT.replace("cog>=1", "cog>=2"), UV, POETRY, PLAIN).findings
    assert {"uv.lock", "poetry.lock", "requirements.txt"} == {one.path for one in found}
    assert [one.path for one in check(PROJECT, UV, POETRY, PLAIN).findings] == ["poetry.lock"]


def test_what_cannot_be_compared_is_said() -> None:
    assert check("", PLAIN).notes == ("lock not compared: there is no pyproject.toml",)
    assert check(PROJECT, INSTALLED).notes == ("no lock: the installed environment was audited",)
    dynamic = '[project]\nname = "app"\ndynamic = ["dependencies"]\n'
    assert check(dynamic, PLAIN).notes == ("dependencies are dynamic: not compared",)
