"""Configuration and options that cannot be used, through the whole command line in this process.

Each is exit 2 with the place, and nothing of it is a crash; nothing runs and nothing is written.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from release_gate.cli import main

pytestmark = pytest.mark.unit

Call = Callable[..., tuple[int, str]]

LINT = "[tool.release-gate]\nexpected = ['lint']\n"

# What stands in pyproject.toml, what the message must say.
BROKEN = [
    (b"[project]\nname = \n", r"pyproject\.toml:2: not TOML"),
    (b"[project]\nname = '\xe9'\n", r"pyproject\.toml:2: not UTF-8"),
    (b"[tool]\n\0x = 1\n", r"pyproject\.toml:2: not TOML"),
    (b"a = " + b"[" * 20_000, r"pyproject\.toml.*: not TOML: nested too deeply"),
    (b"x = 1\nx = 2\n", r"pyproject\.toml:2: not TOML"),
    (b"tool = 3\n", r"pyproject\.toml:1: \[tool\] must be a table"),
    (b"project = 3\n" + LINT.encode(), r"pyproject\.toml:1: \[project\] must be a table"),
    (b"tool.release-gate = 3\n", r"pyproject\.toml:1: \[tool\.release-gate\] must be a table"),
    (b"[tool]\nrelease-gate = []\n", r"pyproject\.toml:2: .* must be a table"),
]
# A line of [tool.release-gate], what the message must say.
WRONG = [
    ("expected = []", r":2: .*must not be empty"),
    ("expected = 'lint'", r":2: .*must be a list, not a string"),
    ("expected = ['lint', 'lint']", r":2: .*twice"),
    ("expected = ['lnit']", r':2: .*did you mean "lint"'),
    ("expected = ['../lint']", r":2: .*is no name"),
    ("exspected = ['lint']", r':2: unknown key "exspected".*did you mean "expected"'),
    ("gates.lint = 3", r":2: .*must be a table"),
    ("gates.lint.deadlime = '3s'", r':2: unknown key "deadlime".*did you mean "deadline"'),
    ("gates.lint.deadline = 'soon'", r":2: deadline must be like"),
    ("gates.lint.deadline = '-3s'", r":2: deadline must be like"),
    ("gates.lint.deadline = '0s'", r":2: deadline must be more than 0"),
    ("gates.lint.max = { hihg = 3 }", r':2: unknown key "hihg".*did you mean "high"'),
    ("gates.lint.max = { high = -1 }", r":2: "),
    ("gates.lint.max = { high = true }", r":2: "),
    ("gates.coverage.fail-under = inf", r":2: .*must be a finite number"),
    ("gates.lint.skip-reason = ''", r":2: .*must not be empty"),
    ("gate-files = ['nowhere.py']", r":2: .*nowhere\.py cannot be read"),
    ("gate-files = ['.']", r":2: .*cannot be read"),
    ("gate-files = ['../a.py']", r":2: .*leads out of the root"),
    ("gate-files = ['/etc/passwd']", r":2: .*is absolute"),
    ("source = ['nowhere']", r":2: .*the file list holds nothing there"),
    ("baseline = '../elsewhere'", r":2: .*leads out of the root"),
]
# Options, exit code, what the message must say.
OPTIONS = [
    (["--phase", "pre-relase"], 2, 'did you mean "pre-release"'),
    (["--phase", ""], 2, 'there is no phase ""'),
    (["--phase", "later"], 3, "there is no gate to run in phase later"),
    (["--gate", "lnit"], 2, 'did you mean "lint"'),
    (["--gate", ""], 2, 'there is no gate ""'),
    (["--gate", "--help"], 2, 'there is no gate "--help"'),
    (["--path", "b.py"], 2, 'did you mean "a.py"'),
    (["--path", "../a.py"], 2, "outside of the root"),
    (["--path", ""], 2, "--path is empty"),
    (["--path", "a\0b"], 2, "--path"),
    (["--environment", "production"], 2, 'there is no environment "production"'),
    (["--base", "main"], 2, "not a git repository"),
    (["--config", "nowhere.toml"], 2, "does not exist"),
    (["--config", "."], 2, "is a directory"),
    (["--root", "nowhere"], 2, "does not exist"),
    (["--project-python", "nowhere"], 2, "does not exist"),
    (["unexpected"], 2, "unexpected extra argument"),
    (["--nonsense"], 2, "No such option"),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one file, where it is no git repository."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    (folder / "pyproject.toml").write_text(f"{LINT}[tool.release-gate.phases.later]\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return folder


@pytest.fixture
def call(root: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Exit code and standard error of a command that must not get as far as a report."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(arguments, final=False)
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "Traceback" not in printed.err
        assert "crash-" not in printed.err
        assert not (root / "build").exists()
        return code, printed.err

    return run


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_broken_pyproject_is_2_with_file_and_line(
    root: Path, call: Call, content: bytes, said: str
) -> None:
    (root / "pyproject.toml").write_bytes(content)
    code, message = call("run")
    assert code == 2
    assert re.search(said, message), message


@pytest.mark.parametrize("content", [b"exspected = []\r\n", b"\xef\xbb\xbfexspected = []\n"])
def test_windows_line_ends_and_a_byte_order_mark_change_no_line(
    root: Path, call: Call, content: bytes
) -> None:
    (root / "pyproject.toml").unlink()
    (root / "release-gate.toml").write_bytes(content)
    code, message = call("run")
    assert code == 2
    assert 'release-gate.toml:1: unknown key "exspected"' in message


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_wrong_key_or_value_is_2_with_the_line(
    root: Path, call: Call, line: str, said: str
) -> None:
    (root / "pyproject.toml").write_text(f"[tool.release-gate]\n{line}\n")
    code, message = call("run")
    assert code == 2
    assert re.search(f"pyproject\\.toml{said}", message), message


@pytest.mark.parametrize(("options", "code", "said"), OPTIONS)
def test_option_that_names_nothing_there_is(
    call: Call, options: list[str], code: int, said: str
) -> None:
    exit_code, message = call("run", *options)
    assert exit_code == code
    assert said in message


def test_two_configurations_are_2_and_both_are_named(root: Path, call: Call) -> None:
    (root / "release-gate.toml").write_text("expected = ['lint']\n")
    code, message = call("run")
    assert code == 2
    assert "pyproject.toml:1: there is also a release-gate.toml" in message


def test_folder_in_place_of_the_configuration_is_2(root: Path, call: Call) -> None:
    (root / "release-gate.toml").mkdir()
    code, message = call("run")
    assert code == 2
    assert "release-gate.toml: cannot be read" in message


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.toml", "it is a link that leads nowhere"),
        ("pyproject.toml", "cannot be read"),
    ],
)
def test_configuration_that_is_a_broken_link_is_not_passed_by(
    root: Path, call: Call, target: str, said: str
) -> None:
    (root / "pyproject.toml").unlink()
    (root / "pyproject.toml").symlink_to(target)
    code, message = call("run")
    assert code == 2
    assert f"pyproject.toml: {said}" in message


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
@pytest.mark.parametrize("name", ["pyproject.toml", "release-gate.toml"])
def test_configuration_that_is_a_pipe_is_not_waited_for(root: Path, call: Call, name: str) -> None:
    (root / name).unlink(missing_ok=True)
    os.mkfifo(root / name)
    code, message = call("run", "--root", ".")
    assert code == 2
    assert f"{name}: cannot be read: it is a pipe" in message


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
@pytest.mark.parametrize(
    ("name", "arguments", "code", "said"),
    [
        ("own.py", ("run",), 2, "the gate file own.py cannot be read: it is a pipe"),
        ("own.py", ("list",), 2, "the gate file own.py cannot be read: it is a pipe"),
        ("accepted.jsonl", ("run",), 2, "accepted.jsonl: "),
        ("accepted.jsonl", ("baseline", "create"), 2, "accepted.jsonl: "),
        ("accepted.jsonl", ("baseline", "show"), 2, "accepted.jsonl: "),
        (
            "out/gate.json",
            ("report", "--output", "out"),
            3,
            "gate.json cannot be read: it is a pipe",
        ),
        (
            "out/gate.json",
            ("explain", "F401", "--output", "out"),
            3,
            "gate.json cannot be read: it is a pipe",
        ),
        ("setup.cfg", ("run", "--gate", "nowhere"), 2, "nowhere"),
    ],
)
def test_a_pipe_in_place_of_a_file_is_not_waited_for(
    root: Path, call: Call, name: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (root / "pyproject.toml").write_text(
        "[tool.release-gate]\nexpected = ['lint']\nbaseline = 'accepted.jsonl'\n"
        + ("gate-files = ['own.py']\n" if name == "own.py" else "")
    )
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(root / name)
    found, message = call(*arguments)
    assert (found, said in message) == (code, True), message


def test_project_without_any_file_is_3_and_no_pass(root: Path, call: Call) -> None:
    (root / "a.py").unlink()
    (root / "pyproject.toml").unlink()
    code, message = call("run")
    assert code == 3
    assert "there is no gate to run" in message


@pytest.mark.parametrize("value", ["relative", ""])
def test_cache_that_is_no_absolute_path_is_2(
    call: Call, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RELEASE_GATE_CACHE", value)
    code, message = call("run")
    assert code == 2
    assert "RELEASE_GATE_CACHE" in message


def test_key_that_is_too_short_to_keep_a_secret_is_2(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELEASE_GATE_SECRET_KEY", "short")
    assert main(["run"], final=False) == 2
    assert "RELEASE_GATE_SECRET_KEY" in capsys.readouterr().err


# --- folders that reports are not written to


def test_output_folder_that_is_a_file_is_3(root: Path, call: Call) -> None:
    (root / "out").write_text("mine")
    code, message = call("run", "--output", "out")
    assert code == 3
    assert "out cannot be written" in message
    assert (root / "out").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "."])
def test_the_project_itself_is_no_output_folder(root: Path, call: Call, name: str) -> None:
    (root / ".gitignore").write_text("mine\n")
    (root / "logs").mkdir()
    (root / "logs" / "mine.log").write_text("mine")
    code, message = call("run", "--output", name)
    assert code == 3
    assert "holds pyproject.toml" in message
    assert (root / ".gitignore").read_text() == "mine\n"
    assert (root / "logs" / "mine.log").read_text() == "mine"


@pytest.mark.parametrize("name", [".gitignore", "logs/HEAD", "artifacts/page.html"])
def test_folder_of_the_users_is_no_output_folder(root: Path, call: Call, name: str) -> None:
    mine = root / "theirs" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    code, message = call("run", "--output", "theirs")
    assert code == 3
    assert "not release-gate's" in message
    assert mine.read_text() == "mine"
    assert [one for one in (root / "theirs").rglob("*") if one.is_file()] == [mine]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("target", ["elsewhere", "nowhere", "out"])
def test_output_folder_that_is_a_link_is_3(root: Path, call: Call, target: str) -> None:
    (root / "elsewhere").mkdir()
    (root / "out").symlink_to(target)
    code, message = call("run", "--output", "out")
    assert code == 3
    assert "out is a link" in message
    assert list((root / "elsewhere").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_logs_behind_a_link_are_not_removed(root: Path, call: Call) -> None:
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "mine.log").write_text("mine")
    (root / "out").mkdir()
    (root / "out" / "logs").symlink_to(root / "elsewhere")
    code, message = call("run", "--output", "out")
    assert code == 3
    assert "logs is a link" in message
    assert (root / "elsewhere" / "mine.log").read_text() == "mine"
