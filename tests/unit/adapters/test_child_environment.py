from __future__ import annotations

import os
from pathlib import Path

import pytest

from release_gate.adapters.child_environment import child_environment

pytestmark = pytest.mark.unit

ABSOLUTE = str(Path("/bin").absolute())


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_INDEX_FILE", "PYTHONHOME", "PYTHONSTARTUP", "FORCE_COLOR"]
)
def test_what_changes_tools_in_silence_goes(name: str) -> None:
    assert name not in child_environment({name: "x"})


@pytest.mark.parametrize("name", ["PYTHONPATH", "HOME", "DATABASE_URL", "GIT_CONFIG_COUNT"])
def test_what_the_project_needs_stays(name: str) -> None:
    assert child_environment({name: "x"})[name] == "x"


def test_no_colour_and_utf_8() -> None:
    child = child_environment({"TERM": "xterm"})
    assert (child["NO_COLOR"], child["PYTHONUTF8"], child["TERM"]) == ("1", "1", "dumb")


def test_changes_have_the_last_word() -> None:
    child = child_environment({"A": "1", "B": "2"}, {"A": None, "C": "3", "TERM": None, "D": None})
    assert tuple(child.get(name) for name in ("A", "B", "C", "TERM")) == (None, "2", "3", None)


def test_relative_entries_of_the_path_go() -> None:
    child = child_environment({"PATH": os.pathsep.join(["", ".", "bin", ABSOLUTE])})
    assert child["PATH"] == ABSOLUTE
