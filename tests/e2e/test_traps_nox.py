"""What nox passes over with exit 0 must not pass over a gate."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

FAIL = "return Evidence(examined=Examined(unit='files', count=1), findings=(finding(),))"
SKIPS = """
import nox
from release_gate.nox_sessions import register

register()

@nox.session(venv_backend="none")
def one(session):
    session.skip("not today")
"""
# No such interpreter exists anywhere.
NEVER = "3.99"


@pytest.fixture
def failing(scratch: Scratch) -> Scratch:
    scratch.gate("one", FAIL)
    scratch.gate("two")
    scratch.ready()
    return scratch


@pytest.mark.parametrize("ci", [{}, {"CI": "1"}], ids=["here", "ci"])
def test_an_interpreter_that_is_not_there_skips_no_gate(
    failing: Scratch, ci: dict[str, str]
) -> None:
    assert failing.nox("-s", "gate", "--force-python", NEVER, **ci).returncode == 1
    assert failing.verdicts() == {"one": "fail", "two": "pass"}
    (failing.output / "gate.json").unlink()
    assert failing.nox("-s", "gate", NOXPYTHON=NEVER, **ci).returncode == 3
    assert not (failing.output / "gate.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [("-s", "no-such-gate"), ("-s", "gate", "no-such-gate"), ("-k", "nothing"), ("-t", "nothing")],
    ids=["session", "one-of-two", "keyword", "tag"],
)
def test_a_session_that_is_not_there_is_3_and_nothing_ran(
    failing: Scratch, arguments: tuple[str, ...]
) -> None:
    assert failing.nox(*arguments).returncode == 3
    assert not failing.output.exists()


def test_a_session_that_skips_itself_is_no_verdict(scratch: Scratch) -> None:
    scratch.gate("one", FAIL)
    scratch.write("noxfile.py", SKIPS)
    scratch.ready()
    assert scratch.nox("-s", "one").returncode == 0
    assert not scratch.output.exists()
    assert scratch.nox("-s", "one", "gate").returncode == 1
    assert scratch.verdicts() == {"one": "fail"}


def test_sessions_at_the_same_time_keep_their_verdicts(failing: Scratch) -> None:
    assert failing.nox("-j2", "-s", "one", "two").returncode == 1
    parts = {one.name for one in (failing.output / "parts").iterdir()}
    assert parts == {"one.json", "two.json"}
    assert failing.nox("-j2", "-s", "gate").returncode == 1


def test_a_session_named_by_the_environment_gives_no_whole_report(failing: Scratch) -> None:
    assert failing.nox(NOXSESSION="two").returncode == 0
    assert not (failing.output / "gate.json").exists()
