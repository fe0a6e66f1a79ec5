"""Whatever ends a command becomes one message and one exit code."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from release_gate.cli import main
from release_gate.cli.boundary import guarded
from release_gate.errors import ConfigError, Interrupted, OutputProblem, UsageError

pytestmark = pytest.mark.unit


def raising(error: BaseException) -> int:
    def command() -> object:
        raise error

    return guarded(command)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 130])
def test_exit_code_of_the_command_is_that_of_the_process(code: int) -> None:
    assert guarded(lambda: code) == code


def test_no_result_is_0() -> None:
    assert guarded(lambda: None) == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("u"), 2),
        (ConfigError("c"), 2),
        (OutputProblem("o"), 3),
        (Interrupted("i"), 130),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (click.UsageError("u"), 2),
        (click.exceptions.Exit(0), 0),
    ],
)
def test_each_error_has_its_exit_code(error: BaseException, code: int) -> None:
    assert raising(error) == code


def test_message_holds_what_happened_the_slug_and_the_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    raising(ConfigError("unknown key", file="pyproject.toml", line=48, remedy="take it out"))
    expected = "release-gate: pyproject.toml:48: unknown key (config-invalid)\n  take it out\n"
    assert capsys.readouterr().err == expected


def test_message_shows_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "correct-horse-battery")
    raising(ConfigError("cannot use correct-horse-battery or https://me:hunter22@host/"))
    shown = capsys.readouterr().err
    assert "correct-horse-battery" not in shown
    assert "hunter22" not in shown


def test_message_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    raising(ConfigError("bad name \x1b[2J"))
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("result", [True, "0", 1.0])
def test_anything_but_an_exit_code_is_a_crash(
    result: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path))
    assert guarded(lambda: result) == 3


def test_crash_leaves_one_line_and_a_log_to_paste(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path))
    monkeypatch.setenv("API_KEY", "correct-horse-battery")
    assert raising(ValueError("a correct-horse-battery\nin the wall")) == 3
    (log,) = (tmp_path / "crashes").iterdir()
    first, second = capsys.readouterr().err.splitlines()
    assert first == "release-gate: ValueError: a [redacted] (could-not-judge)"
    assert str(log) in second
    written = log.read_text()
    assert "Traceback" in written
    assert "release-gate 0" in written
    assert "correct-horse-battery" not in written


def test_crash_with_a_broken_cache_folder_still_ends_in_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    assert raising(ValueError("a hole")) == 3
    assert "no log could be written" in capsys.readouterr().err


def test_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rum"]) == 2
    shown = capsys.readouterr().err
    assert "Usage: release-gate" in shown
    assert "rum" in shown


def test_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--al"]) == 2
    assert "--al" in capsys.readouterr().err


def test_version_and_help_are_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "release-gate, version" in shown
    assert "130 interrupted" in " ".join(shown.split())


@pytest.mark.parametrize(
    "command", ["plan", "run", "report", "list", "explain", "baseline", "completion"]
)
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"Usage: release-gate {command}" in capsys.readouterr().out


def test_no_command_shows_the_help_and_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "Commands" in captured.out + captured.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "_RELEASE_GATE_COMPLETE" in capsys.readouterr().out


def test_completion_of_an_unknown_shell_is_a_usage_error() -> None:
    assert main(["completion", "csh"]) == 2
