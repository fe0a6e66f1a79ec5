"""The overlays with planted faults: the base's files, plus what is stated and nothing else."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).parents[2] / "examples"
FAULTS: list[dict[str, Any]] = tomllib.loads(
    (EXAMPLES / "faults" / "faults.toml").read_text("utf-8")
)["fault"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: str(one["name"]))
def test_an_overlay_is_the_base_and_the_fault(fault: dict[str, Any]) -> None:
    folder = EXAMPLES / "faults" / str(fault["name"])
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there == {row["path"] for row in fault["files"]}
    for row in fault["files"]:
        base = EXAMPLES / "orders" / row["path"]
        before = base.read_text("utf-8").splitlines() if base.is_file() else []
        after = (folder / row["path"]).read_text("utf-8").splitlines()
        signs = [line[0] for line in difflib.ndiff(before, after)]
        assert (signs.count("+"), signs.count("-")) == (row["added"], row["removed"]), row["path"]


def test_every_overlay_is_stated() -> None:
    folders = {path.name for path in (EXAMPLES / "faults").iterdir() if path.is_dir()}
    assert folders == {fault["name"] for fault in FAULTS}
