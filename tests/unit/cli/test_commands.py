"""Every command in this process, with one gate that the test brings along."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_gate.api import Context, Evidence, Examined, Finding, Gate, Identity, Inputs, Severity
from release_gate.api import Settings as GateSettings
from release_gate.cli import main
from release_gate.cli.outputs import part_name, shown, wants_colour

pytestmark = pytest.mark.unit

Seen = list[Evidence]
Call = Callable[..., int]


def finding(path: str) -> Finding:
    return Finding(
        tool="own",
        rule_id="OWN1",
        severity=Severity.HIGH,
        message="it is wrong",
        identity=Identity(kind="code", key=("x",)),
        path=path,
        line=1,
    )


def saw(*paths: str) -> Evidence:
    found = tuple(finding(one) for one in paths)
    return Evidence(examined=Examined(unit="files", count=1), findings=found)


@pytest.fixture
def seen() -> Seen:
    """What the gate will see, in order; the last one for ever."""
    return [saw()]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: Seen) -> Call:
    def collect(_context: Context, _settings: GateSettings) -> Evidence:
        return seen.pop(0) if len(seen) > 1 else seen[0]

    gate = Gate(
        kind="one",
        title="Gate one",
        settings=GateSettings,
        applies=lambda _project, _settings: None,
        collect=collect,
        limits=lambda _settings, _project: (),
        inputs=lambda _project, _settings: Inputs(files=()),
        default=True,
    )
    monkeypatch.setattr("release_gate.plan.discovery.bundled_gates", lambda: {"one": gate})
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(root)
    monkeypatch.setenv("RELEASE_GATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return lambda *arguments: main(arguments, final=False)


def stored(name: str = "gate.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("build/release-gate", name).read_text())
    return found


def test_run_prints_the_verdict_and_writes_the_outputs(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("run") == 0
    captured = capsys.readouterr()
    assert "PASS" in captured.out
    assert "build/release-gate/report.html" in captured.out
    assert captured.err == "  one: 1 file in 0.0 s\n"
    assert stored()["verdict"] == "pass"


def test_run_that_finds_something_fails(call: Call, seen: Seen) -> None:
    seen[:] = [saw("a.py")]
    assert call("run", "--quiet") == 1


def test_part_is_named_after_its_gates(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "--gate", "one") == 0
    assert "PARTIAL" in capsys.readouterr().out
    assert stored("parts/one.json")["partial"] is True
    assert not Path("build/release-gate/gate.json").exists()


def test_json_is_what_is_stored(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", "--json") == 0
    assert json.loads(capsys.readouterr().out) == stored()


def test_report_keeps_the_verdict(
    call: Call, seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    seen[:] = [saw("a.py")]
    call("run")
    Path("build/release-gate/report.html").unlink()
    assert call("report") == 1
    assert Path("build/release-gate/report.html").is_file()
    capsys.readouterr()
    assert call("report", "--json") == 1
    assert json.loads(capsys.readouterr().out) == stored()


def test_report_of_a_part_is_refused(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("run", "--gate", "one")
    part = Path("build/release-gate/parts/one.json")
    part.rename("build/release-gate/gate.json")
    assert call("report") == 3
    assert "report of a part" in capsys.readouterr().err


def test_plan_and_list_are_text_or_json(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("plan") == 0
    assert "  one: Gate one" in capsys.readouterr().out
    assert call("plan", "--json") == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["gates"]] == ["one"]
    assert call("list") == 0
    assert "one   pre-release  yes      built in  Gate one" in capsys.readouterr().out
    assert call("list", "--json") == 0
    assert [one["kind"] for one in json.loads(capsys.readouterr().out)] == ["one"]


def test_explain_reads_the_last_report(
    call: Call, seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    seen[:] = [saw("a.py")]
    call("run")
    capsys.readouterr()
    assert call("explain", "OWN1") == 0
    assert "a.py:1 · new" in capsys.readouterr().out
    assert call("explain", "OWN2") == 2


def test_explain_needs_no_report(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("explain", "F401") == 0
    assert "ruff F401: unused-import" in capsys.readouterr().out


def test_baseline_accepts_and_only_what_is_new_blocks(
    call: Call, seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    seen[:] = [saw("a.py")]
    assert call("baseline", "create") == 0
    assert "1 accepted (1 of one)" in capsys.readouterr().out
    assert call("run") == 0
    seen[:] = [saw("a.py", "b.py")]
    assert call("run") == 1
    assert call("baseline", "create") == 2
    assert call("baseline", "create", "--force") == 0
    assert call("run") == 0


def test_baseline_that_is_asked_for_is_shown(
    call: Call, seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("baseline", "show") == 2
    seen[:] = [saw("a.py")]
    call("baseline", "create")
    capsys.readouterr()
    assert call("baseline", "show") == 0
    assert "1 accepted in release-gate-baseline.jsonl" in capsys.readouterr().out
    assert call("baseline", "show", "--gate", "other", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"entries": [], "ratchets": []}


def test_confirmed_secret_is_said_to_go_on_failing(
    call: Call, seen: Seen, capsys: pytest.CaptureFixture[str]
) -> None:
    confirmed = dataclasses.replace(finding("a.py"), always_blocks=True)
    seen[:] = [dataclasses.replace(saw(), findings=(confirmed,))]
    assert call("baseline", "create") == 0
    assert "1 of them are confirmed secrets" in capsys.readouterr().out
    assert call("run") == 1


def test_native_baseline_needs_a_gate_that_scans_for_secrets(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".secrets.baseline").write_text('{"plugins_used": []}')
    assert call("baseline", "import", ".secrets.baseline") == 2
    assert "0 gates of kind secrets" in capsys.readouterr().err


def test_baseline_that_cannot_be_read_or_written_is_said(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("release-gate-baseline.jsonl").mkdir()
    assert call("baseline", "show") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_disk_that_is_full_leaves_the_old_baseline(
    call: Call, seen: Seen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call("baseline", "create")
    before = Path("release-gate-baseline.jsonl").read_bytes()
    seen[:] = [saw("a.py")]

    def full(_self: Path, _mode: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "chmod", full)
    assert call("baseline", "create", "--force") == 3
    assert "No space left on device" in capsys.readouterr().err
    assert Path("release-gate-baseline.jsonl").read_bytes() == before
    assert list(Path().glob(".release-gate-baseline*")) == []


def test_folder_of_templates_that_is_not_there_is_a_configuration_error(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("release-gate.toml").write_text('templates = "no-such-folder"\n')
    assert call("run") == 2
    assert "no-such-folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("gates", "length"), [(("lint", "types"), len("lint+types")), (("gate-number",) * 40, 113)]
)
def test_name_of_a_part_stays_short(gates: tuple[str, ...], length: int) -> None:
    assert len(part_name(gates)) == length


def test_narrowed_part_is_not_taken_for_a_whole_one(call: Call) -> None:
    assert call("run", "--path", "a.py") == 0
    (part,) = Path("build/release-gate/parts").iterdir()
    assert part.name.startswith("one@")
    assert "only these were looked at: a.py" in json.loads(part.read_text())["notes"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_those_who_want_it(environment: dict[str, str], expected: bool) -> None:
    assert wants_colour(environment) is expected


def test_paths_are_shown_as_one_would_type_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b") == str(Path("a", "b"))
    assert shown(tmp_path.parent / "x") == str(tmp_path.parent / "x")
