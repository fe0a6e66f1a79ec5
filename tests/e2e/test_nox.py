"""The front door: sessions of a real nox run, side by side with the user's own."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

FAIL = "return Evidence(examined=Examined(unit='files', count=1), findings=(finding(),))"
OWN = """
import nox
from release_gate.nox_sessions import register

register()

@nox.session(venv_backend="none")
def one(session):
    session.log("my own one")
"""


def test_list_names_each_session_with_one_line(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready("\n[tool.release-gate.gates.second]\nkind = 'one'\n")
    listed = scratch.nox("-l").stdout
    for name in ("gate ->", "lint ->", "one -> Gate one", "second -> Gate one", "report ->"):
        assert name in listed


def test_session_that_passes_lets_the_next_one_run(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.gate("two", FAIL)
    scratch.ready()
    done = scratch.nox("-s", "one", "two")
    assert done.returncode == 1
    assert {one.name for one in (scratch.output / "parts").iterdir()} == {"one.json", "two.json"}
    assert not (scratch.output / "gate.json").exists()


def test_session_that_fails_lets_the_next_one_run(scratch: Scratch) -> None:
    scratch.gate("one", FAIL)
    scratch.gate("two")
    scratch.ready()
    assert scratch.nox("-s", "one", "two").returncode == 1
    assert (scratch.output / "parts" / "two.json").is_file()


def test_session_that_cannot_judge_is_never_followed_by_a_pass(scratch: Scratch) -> None:
    scratch.gate("one", "return None")
    scratch.gate("two")
    scratch.ready()
    assert scratch.nox("-s", "one", "two").returncode == 3


def test_options_are_passed_on(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.gate("two", FAIL)
    scratch.ready()
    assert scratch.nox("-s", "gate", "--", "--gate", "one").returncode == 0
    assert scratch.nox("-s", "gate", "--", "--no-such-option").returncode == 2


def test_session_of_the_users_own_keeps_its_name(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.write("noxfile.py", OWN)
    scratch.ready()
    done = scratch.nox("-s", "one", "gate-one")
    assert done.returncode == 0, done.stderr
    assert "my own one" in done.stderr
    assert "FutureWarning" not in done.stderr
    assert (scratch.output / "parts" / "one.json").is_file()


def test_broken_configuration_is_said_by_the_session_and_breaks_no_other(
    scratch: Scratch,
) -> None:
    scratch.gate("one")
    scratch.write("noxfile.py", OWN)
    scratch.ready()
    scratch.write("pyproject.toml", "[tool.release-gate]\nexpected = \n")
    assert scratch.nox("-s", "one").returncode == 0
    done = scratch.nox("-s", "gate")
    assert done.returncode == 2
    assert "pyproject.toml:2:" in done.stderr


def test_bare_nox_runs_the_chain_alone(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    assert scratch.nox().returncode == 0
    assert scratch.report()["partial"] is False
    assert list((scratch.output / "parts").iterdir()) == []


def test_report_session_writes_the_outputs_again(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    scratch.nox("-s", "gate")
    (scratch.output / "summary.md").unlink()
    assert scratch.nox("-s", "report").returncode == 0
    assert (scratch.output / "summary.md").is_file()
