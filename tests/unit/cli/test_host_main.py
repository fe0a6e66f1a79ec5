"""The child process of a gate, called as a function."""

from __future__ import annotations

import io
import os
import sys
from hashlib import sha256
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from release_gate.adapters.environment import GivenEnvironment
from release_gate.cli import host_main
from release_gate.cli.hosted_context import context_for
from release_gate.errors import GateFileError
from release_gate.plan.hosted import HostAnswer, HostFile, HostRequest, decode, encode
from release_gate.ports import CHANNEL, FileEntry

pytestmark = pytest.mark.unit

GATE = """
from release_gate.api import *

class Own(Settings, frozen=True, kw_only=True):
    most: int = 1

def collect(ctx, settings):
    {body}

GATE = Gate(kind="{kind}", title="Mine", settings=Own, applies=lambda p, s: {applies},
            collect=collect, limits=lambda s, p: (Limit(metric="m"),),
            inputs=lambda p, s: Inputs(files=()))
"""
FINE = "return Evidence(examined=Examined(unit='files', count=settings.most))"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path / "cache"))


def request_of(
    root: Path, body: str = FINE, kind: str = "mine", applies: str = "None", **more: Any
) -> HostRequest:
    text = more.pop("text", GATE.format(body=body, kind=kind, applies=applies))
    (root / "mine.py").write_text(text)
    entry = FileEntry(path="mine.py", tracked=True, size=1)
    values: dict[str, Any] = {
        "gate_id": "g",
        "kind": "mine",
        "home": "file",
        "file": "mine.py",
        "sha256": sha256(text.encode()).hexdigest(),
        "entry_point": None,
        "settings": {"most": 5},
        "root": str(root),
        "name": "example",
        "files": (HostFile.of(entry),),
        "source": ("src",),
        "requires_python": None,
        "work": str(root),
        "artifacts": str(root),
        "base": None,
        "project_python": None,
        "project_environment": "built",
        "paths": (),
        "deadline_s": 10.0,
        "secret_key": b"k",
    }
    return HostRequest(**{**values, **more})


def answer(request: HostRequest) -> HostAnswer:
    said = host_main.answer_to(request, Path(request.work, "gate.log"))
    return decode(encode(said), HostAnswer)


def problem(request: HostRequest) -> str:
    said = answer(request)
    assert said.evidence is None
    assert said.problem is not None
    return f"{said.problem.slug}: {said.problem.what}"


def test_evidence_title_and_limits_are_answered(tmp_path: Path) -> None:
    said = answer(request_of(tmp_path))
    assert said.evidence is not None
    assert said.evidence["examined"]["count"] == 5
    assert (said.gate_id, said.title, said.limits[0].metric) == ("g", "Mine", "m")


def test_gate_that_does_not_apply_is_not_run(tmp_path: Path) -> None:
    said = answer(request_of(tmp_path, "1 / 0", applies="'no Dockerfile'"))
    assert (said.applies, said.evidence, said.problem) == ("no Dockerfile", None, None)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"body": "1 / 0"}, "gate-crashed: ZeroDivisionError"),
        ({"body": "raise SystemExit(0)"}, "gate-crashed: SystemExit: 0"),
        ({"body": "raise KeyboardInterrupt"}, "gate-crashed: KeyboardInterrupt"),
        ({"body": "return None"}, "collect returned None"),
        ({"body": "raise ToolProblem('ill')"}, "tool-problem: ill"),
        ({"applies": "1 / 0"}, "ZeroDivisionError"),
        ({"kind": "other"}, "defines a gate of kind 'other', not 'mine'"),
        ({"text": "x = 1\n"}, "gate-file-invalid: mine.py defines no GATE"),
        ({"text": "(\n"}, "SyntaxError"),
        ({"sha256": "0"}, "has changed since the plan"),
        ({"file": "gone.py"}, "FileNotFoundError"),
        ({"settings": {"least": 1}}, "config-invalid: [tool.release-gate.gates.g]"),
        ({"settings": {"most": "1"}}, "config-invalid"),
    ],
)
def test_whatever_goes_wrong_is_answered(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    assert told in problem(request_of(tmp_path, **changes))


def test_traceback_goes_to_the_output_that_is_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(request_of(tmp_path, "ctx.progress('half\\nway'); 1 / 0"))
    shown = capsys.readouterr().err
    assert "release-gate progress: half way\n" in shown
    assert "in collect" in shown


def installed(monkeypatch: pytest.MonkeyPatch, *found: EntryPoint) -> None:
    monkeypatch.setattr(host_main, "entry_points", lambda **_: found)


@pytest.mark.parametrize("value", ["mine:GATE", "mine"])
def test_installed_gate_is_loaded_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    request = request_of(tmp_path, home="entry-point", file=None, sha256=None, entry_point="mine")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    installed(monkeypatch, EntryPoint(name="mine", value=value, group="release_gate.gates"))
    assert answer(request).evidence is not None


def test_installed_gate_must_be_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_of(tmp_path, home="entry-point", file=None, sha256=None, entry_point="mine")
    installed(monkeypatch)
    assert "0 entry points named 'mine'" in problem(request)
    one = EntryPoint(name="mine", value="mine", group="release_gate.gates")
    installed(monkeypatch, one, one)
    assert "2 entry points named 'mine'" in problem(request)


def call(request: HostRequest, monkeypatch: pytest.MonkeyPatch, channel: str, log: Path) -> int:
    stream = io.TextIOWrapper(io.BytesIO(encode(request)))
    monkeypatch.setattr(sys, "stdin", stream)
    return host_main.main([str(log)], {CHANNEL: channel})


def test_answer_goes_to_the_descriptor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    log = tmp_path / "gate.log"
    assert call(request_of(tmp_path), monkeypatch, f"fd:{writing}", log) == 0
    with os.fdopen(reading, "rb") as stream:
        assert decode(stream.read(), HostAnswer).gate_id == "g"


def test_answer_goes_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "channel"
    log = tmp_path / "gate.log"
    assert call(request_of(tmp_path), monkeypatch, f"file:{file}", log) == 0
    assert decode(file.read_bytes(), HostAnswer).gate_id == "g"


def test_copy_of_the_process_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter([1, 2])
    monkeypatch.setattr(host_main, "os", SimpleNamespace(getpid=lambda: next(numbers)))
    file = tmp_path / "channel"
    file.touch()
    assert call(request_of(tmp_path), monkeypatch, f"file:{file}", tmp_path / "log") == 0
    assert file.read_bytes() == b""


def test_context_is_that_of_the_parent(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    request = request_of(tmp_path, project_python="/venv/bin/python", project_environment=".venv")
    context = context_for(request, tmp_path / "log", print)
    assert context.project.pyproject == {"project": {"name": "x"}}
    assert context.project.files[0].path == "mine.py"
    assert context.secret_key == b"k"
    assert CHANNEL not in context.environment
    assert isinstance(context.project_environment, GivenEnvironment)
    assert context.project_environment.origin() == ".venv"


def test_environment_that_has_to_be_built_is_left_to_the_one_who_needs_it(tmp_path: Path) -> None:
    context = context_for(request_of(tmp_path), tmp_path / "log", print)
    assert not isinstance(context.project_environment, GivenEnvironment)


def test_pyproject_that_broke_meanwhile_is_said(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[")
    with pytest.raises(GateFileError, match="has changed since the plan"):
        context_for(request_of(tmp_path), tmp_path / "log", print)


def test_request_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = msgspec.structs.replace(request_of(tmp_path), protocol=99)
    with pytest.raises(ValueError, match="version 99"):
        call(request, monkeypatch, f"file:{tmp_path / 'channel'}", tmp_path / "log")
