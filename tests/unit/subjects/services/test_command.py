from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.command import PROBE, CommandSettings
from support.probing import Asked, look, world

pytestmark = pytest.mark.gates

ENVIRONMENT = {"PATH": os.environ["PATH"], "TOKEN_X": "a-secret-token", "OTHER": "1"}


def ask(root: Path, code: str, seconds: float = 10.0, **settings: Any) -> Observation:
    kebab = {key.replace("_", "-"): value for key, value in settings.items()}
    given = {"argv": [sys.executable, "-c", code], **kebab}
    return look(PROBE, given, world(root, ENVIRONMENT), seconds)


def test_exit_code_and_output_are_seen(tmp_path: Path) -> None:
    seen = ask(tmp_path, "import sys; print('up'); print('note', file=sys.stderr)")
    assert (seen.values["exit-code"], seen.values["stdout"]) == (0, "up\n")
    assert seen.excerpt == ("up", "stderr: note")
    assert seen.values["json"] == Unreadable(reason='the check has no "json = true"')


def test_another_exit_code_fails_with_the_output(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="ended with exit code 3, expected 0") as caught:
        ask(tmp_path, "print('no route'); raise SystemExit(3)")
    assert caught.value.detail == ("no route",)


def test_other_exit_codes_can_be_allowed(tmp_path: Path) -> None:
    stop = "raise SystemExit(3)"
    assert ask(tmp_path, stop, exit_codes=[0, 3]).values["exit-code"] == 3
    assert ask(tmp_path, stop, exit_codes="any").values["exit-code"] == 3


def test_output_as_json(tmp_path: Path) -> None:
    seen = ask(tmp_path, """print('{"Arn": "arn:aws:sts::1:assumed-role/deploy"}')""", json=True)
    assert seen.values["json"] == {"Arn": "arn:aws:sts::1:assumed-role/deploy"}


@pytest.mark.parametrize("printed", ["", "no json", "{", '{"a": 1, "a": 2}', "NaN"])
def test_output_that_is_no_json_fails_where_json_is_expected(tmp_path: Path, printed: str) -> None:
    with pytest.raises(ProbeFailed, match="cannot be read as JSON"):
        ask(tmp_path, f"print({printed!r})", json=True)


def test_a_version_is_found_and_compared_as_one(tmp_path: Path) -> None:
    tool = "print('Client Version: v1.30.2 (git 1.2)')"
    assert ask(tmp_path, tool, min_version="1.9").values["version"] == "1.30.2"
    with pytest.raises(ProbeFailed, match=r"is version 1\.30\.2, expected at least 1\.31"):
        ask(tmp_path, tool, min_version="1.31")


def test_a_tool_that_tells_no_version_fails(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match=r"told no version, expected at least 1\.0"):
        ask(tmp_path, "print('usage: tool')", min_version="1.0")


def test_a_program_that_is_not_there_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match="no-such-tool could not be started"):
        look(PROBE, {"argv": ["no-such-tool"]}, world(tmp_path, ENVIRONMENT))


def test_a_program_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="still running at the deadline") as caught:
        ask(tmp_path, "import time; time.sleep(60)", 0.5)
    assert caught.value.transient


def test_variables_are_passed_on_by_name_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    code = "import os; print(os.environ.get('TOKEN_X'), os.environ.get('OTHER'))"
    assert ask(tmp_path, code).values["stdout"] == "None None\n"
    assert ask(tmp_path, code, env=["OTHER"]).values["stdout"] == "None 1\n"


def test_secrets_that_are_passed_on_are_hidden(tmp_path: Path) -> None:
    asked = Asked()
    made = world(tmp_path, ENVIRONMENT, hide=asked.hidden.append)
    look(PROBE, {"argv": [sys.executable, "-c", ""], "env": ["TOKEN_X"]}, made)
    assert asked.hidden == ["a-secret-token"]


def test_a_variable_that_is_to_be_passed_on_must_be_set(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match="not set: GONE"):
        ask(tmp_path, "", env=["GONE"])


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    code = "import sys; print(sys.argv[1])"
    argv = [sys.executable, "-c", code, "$(id); `id` | x"]
    seen = look(PROBE, {"argv": argv}, world(tmp_path, ENVIRONMENT))
    assert seen.values["stdout"] == "$(id); `id` | x\n"


def test_a_command_counts_as_writing_unless_it_is_said_not_to() -> None:
    assert PROBE.writes(CommandSettings(argv=("make",)))
    assert not PROBE.writes(CommandSettings(argv=("make",), read_only=True))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"argv": []}, "argv names no program"),
        ({"argv": ["${tool}"]}, "cannot be filled in"),
        ({"argv": ["x"], "exit-codes": []}, "exit-codes is empty"),
        ({"argv": ["x"], "min-version": "new"}, "min-version"),
        ({"argv": "x"}, "Expected `array`"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(settings, type=CommandSettings)
