"""Sessions in the noxfile of a user: which there are, under which names, ending how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nox.registry
import nox.sessions
import pytest

from release_gate import nox_sessions
from release_gate.errors import ConfigError

pytestmark = pytest.mark.unit

TWO_LINES = "from release_gate.nox_sessions import register\nregister({arguments})\n"


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    sessions: dict[str, Any] = {}
    monkeypatch.setattr(nox.registry, "_REGISTRY", sessions)
    return sessions


@pytest.fixture(autouse=True)
def gates(monkeypatch: pytest.MonkeyPatch) -> None:
    known: Mapping[str, str] = {"types": "Types hold", "lint": "Lint is clean"}
    monkeypatch.setattr(nox_sessions, "_gates", lambda _root: known)


def load(folder: Path, text: str) -> None:
    """As nox does it."""
    noxfile = folder / "noxfile.py"
    noxfile.write_text(text)
    code = compile(noxfile.read_text(), str(noxfile), "exec")
    exec(code, {"__name__": "user_nox_module"})  # noqa: S102 - what a noxfile is for


def ours(sessions: Mapping[str, Any]) -> list[str]:
    return [name for name, one in sessions.items() if one.func.__module__ != "user_nox_module"]


def test_two_lines_give_the_chain_each_gate_and_the_report(
    registry: dict[str, Any], tmp_path: Path
) -> None:
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert list(registry) == ["gate", "lint", "types", "report"]
    assert [name for name, one in registry.items() if one.default] == ["gate"]
    assert registry["lint"].func.__doc__ == "Lint is clean"
    assert {one.venv_backend for one in registry.values()} == {"none"}


def test_every_session_has_one_line_of_help(registry: dict[str, Any], tmp_path: Path) -> None:
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert all(one.func.__doc__ and "\n" not in one.func.__doc__ for one in registry.values())


def test_prefix_stands_before_every_name(registry: dict[str, Any], tmp_path: Path) -> None:
    load(tmp_path, TWO_LINES.format(arguments="prefix='rg-'"))
    assert list(registry) == ["rg-gate", "rg-lint", "rg-types", "rg-report"]


@pytest.mark.parametrize("only", ["'lint'", "['lint']", "{'lint'}"])
def test_only_the_named_ones_are_added(registry: dict[str, Any], tmp_path: Path, only: str) -> None:
    load(tmp_path, TWO_LINES.format(arguments=f"only={only}"))
    assert list(registry) == ["lint"]


THEIRS = [
    "import nox\n@nox.session\ndef lint(session): ...\n",
    "import nox\n@nox.session(name='lint')\ndef other(session): ...\n",
    "from nox import session\n@session(python='3.12')\ndef lint(session): ...\n",
    "import nox\nif True:\n    @nox.session\n    def lint(session): ...\n",
]


@pytest.mark.parametrize("theirs", THEIRS)
@pytest.mark.parametrize("first", [True, False])
def test_name_of_the_users_own_is_left_alone(
    registry: dict[str, Any], tmp_path: Path, theirs: str, first: bool
) -> None:
    lines = TWO_LINES.format(arguments="")
    load(tmp_path, theirs + lines if first else lines + theirs)
    assert set(registry) == {"gate", "gate-lint", "lint", "types", "report"}
    assert set(ours(registry)) == {"gate", "gate-lint", "types", "report"}


def test_taken_name_of_ours_gets_another_prefix(registry: dict[str, Any], tmp_path: Path) -> None:
    theirs = "import nox\n@nox.session\ndef lint(session): ...\n"
    more = "@nox.session(name='gate-lint')\ndef other(session): ...\n"
    load(tmp_path, theirs + more + TWO_LINES.format(arguments=""))
    assert "gate-gate-lint" in registry


def test_session_made_by_a_helper_counts_as_taken(registry: dict[str, Any], tmp_path: Path) -> None:
    nox.session(name="types")(lambda _session: None)
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert "gate-types" in registry


def test_noxfile_is_found_through_a_helper(registry: dict[str, Any], tmp_path: Path) -> None:
    text = (
        "import nox\nfrom release_gate.nox_sessions import register\n"
        "def helper():\n    register()\nhelper()\n"
        "@nox.session\ndef lint(session): ...\n"
    )
    load(tmp_path, text)
    assert "gate-lint" in registry


class Aborted(Exception):
    """As nox's own."""


def run(registry: Mapping[str, Any], name: str, posargs: tuple[str, ...] = ()) -> list[str]:
    said: list[str] = []

    def error(text: str) -> None:
        said.append(text)
        raise Aborted

    registry[name].func(SimpleNamespace(posargs=list(posargs), error=error))
    return said


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What main is called with; it returns the number in the option ``--code``."""
    seen: list[list[str]] = []

    def main(arguments: list[str]) -> int:
        seen.append(arguments)
        return next((int(one.removeprefix("--code=")) for one in arguments if "code" in one), 0)

    monkeypatch.setattr(nox_sessions, "main", main)
    return seen


def test_arguments_are_passed_on(
    registry: dict[str, Any], tmp_path: Path, calls: list[list[str]]
) -> None:
    load(tmp_path, TWO_LINES.format(arguments=""))
    run(registry, "gate", ("--gate", "lint"))
    run(registry, "lint", ("--jobs", "1"))
    run(registry, "report")
    assert calls == [
        ["run", "--gate", "lint"],
        ["run", "--gate", "lint", "--jobs", "1"],
        ["report"],
    ]


@pytest.mark.parametrize("code", [2, 3, 130])
def test_exit_code_passes_through_nox(
    registry: dict[str, Any], tmp_path: Path, calls: list[list[str]], code: int
) -> None:
    load(tmp_path, TWO_LINES.format(arguments=""))
    with pytest.raises(SystemExit) as caught:
        run(registry, "gate", (f"--code={code}",))
    assert caught.value.code == code


def test_pass_returns_so_that_later_sessions_run(
    registry: dict[str, Any], tmp_path: Path, calls: list[list[str]]
) -> None:
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert run(registry, "gate") == []


def test_fail_is_a_failed_session(
    registry: dict[str, Any], tmp_path: Path, calls: list[list[str]]
) -> None:
    load(tmp_path, TWO_LINES.format(arguments=""))
    with pytest.raises(Aborted):
        run(registry, "gate", ("--code=1",))


@pytest.mark.parametrize(
    ("error", "told"),
    [(ConfigError("two files"), "two files"), (ZeroDivisionError("ha"), "ZeroDivisionError: ha")],
)
def test_register_never_raises_and_its_session_says_why(
    registry: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    told: str,
) -> None:
    def broken(_root: Path) -> Mapping[str, str]:
        raise error

    monkeypatch.setattr(nox_sessions, "_gates", broken)
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert list(registry) == ["gate"]
    with pytest.raises(SystemExit) as caught:
        run(registry, "gate")
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


def test_unknown_name_in_only_is_said_with_the_known_ones(
    registry: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(tmp_path, TWO_LINES.format(arguments="only=['lind']"))
    with pytest.raises(SystemExit):
        run(registry, "gate")
    shown = capsys.readouterr().err
    assert "lind" in shown
    assert "lint" in shown


def test_gate_with_the_name_of_a_session_of_ours_does_not_hide_it(
    registry: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"gate": "Mine", "report": "Mine too", "lint": "Lint"}
    monkeypatch.setattr(nox_sessions, "_gates", lambda _root: known)
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert set(registry) == {"gate", "gate-gate", "gate-report", "lint", "report"}


def test_a_roll_out_that_is_configured_has_its_session(
    registry: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "release-gate.toml").write_text('[environments.live.canary]\ninterval = "5s"\n')
    load(tmp_path, TWO_LINES.format(arguments=""))
    assert list(registry) == ["gate", "lint", "types", "canary", "report"]
    assert not registry["canary"].default
