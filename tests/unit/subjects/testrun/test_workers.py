"""The files that are sent into the project environment, driven by hand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace as Space
from typing import Any

import pytest

import coverage
from release_gate.subjects.testrun import worker_events, worker_probe

pytestmark = pytest.mark.unit


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> worker_events.Recorder:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    sink = worker_events._Sink(str(tmp_path), None)
    return worker_events.Recorder(Space(rootpath=tmp_path), sink)


def written(recorder: worker_events.Recorder, folder: Path) -> list[dict[str, Any]]:
    recorder.sink.stream.close()
    (file,) = folder.glob("main-*.jsonl")
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def report(**facts: Any) -> Space:
    values = {
        "nodeid": "t.py::a",
        "when": "call",
        "outcome": "passed",
        "longrepr": None,
        "location": ("t.py", 4, "a"),
        "failed": facts.get("outcome") == "failed",
        "skipped": facts.get("outcome") == "skipped",
    }
    return Space(**{**values, **facts})


def test_a_session_is_written_from_start_to_end(
    recorder: worker_events.Recorder, tmp_path: Path
) -> None:
    recorder.pytest_sessionstart()
    recorder.pytest_collectreport(report(outcome="passed"))
    recorder.pytest_collectreport(report(outcome="failed", longrepr="x\nE   broken\n"))
    recorder.pytest_collectreport(report(outcome="skipped", longrepr=("f", 1, "Skipped: no db")))
    recorder.pytest_deselected([Space(nodeid="t.py::b")])
    recorder.pytest_collection_finish(Space(items=[]))
    recorder.pytest_collection_finish(Space(items=[Space(nodeid="t.py::a")]))
    recorder.pytest_runtest_logreport(report(wasxfail="reason: known"))
    recorder.pytest_runtest_logreport(report(outcome="skipped", longrepr="later"))
    recorder.pytest_sessionfinish(0)

    start, *rest = written(recorder, tmp_path)
    assert (start["event"], start["rootdir"], start["worker"]) == ("start", str(tmp_path), None)
    name = {"id": "t.py::a"}
    phase = {"event": "report", "when": "call", **name}
    assert rest == [
        {"event": "collect-error", "message": "E   broken", **name},
        {"event": "collect-skip", "message": "no db", **name},
        {"event": "deselected", "ids": ["t.py::b"]},
        {"event": "selected", "ids": ["t.py::a"]},
        {"outcome": "passed", "xfail": "reason: known", **phase},
        {"outcome": "skipped", "message": "later", **phase},
        {"event": "finish", "status": 0},
    ]


@pytest.mark.parametrize("name", ["SubtestReport", "SubTestReport"])
def test_a_part_of_a_test_is_told_apart_whoever_reports_it(
    recorder: worker_events.Recorder, tmp_path: Path, name: str
) -> None:
    kind = type(name, (Space,), {})
    recorder.pytest_runtest_logreport(kind(**vars(report(outcome="skipped", longrepr="later"))))
    recorder.pytest_runtest_logreport(report())

    part, whole = written(recorder, tmp_path)
    assert (part["subtest"], part["outcome"]) == (True, "skipped")
    assert "subtest" not in whole


def test_the_place_of_a_failure_is_the_last_line_in_the_tests_file(
    recorder: worker_events.Recorder, tmp_path: Path
) -> None:
    places = [("t.py", 5), (str(tmp_path / "t.py"), 7), ("src/x.py", 9)]
    entries = [Space(reprfileloc=Space(path=path, lineno=line)) for path, line in places]
    longrepr = Space(
        reprcrash=Space(message="boom\nmore"),
        reprtraceback=Space(reprentries=[*entries, Space(reprfileloc=None)]),
    )
    recorder.pytest_runtest_logreport(report(outcome="failed", longrepr=longrepr))
    recorder.pytest_runtest_logreport(report(outcome="failed", longrepr="plain\ntext"))
    recorder.pytest_runtest_logreport(report(outcome="failed", longrepr=None, location=None))

    first, second, third = written(recorder, tmp_path)
    assert (first["message"], first["line"], first["path"]) == (
        "boom\nmore",
        7,
        str(tmp_path / "t.py"),
    )
    assert (second["message"], second["line"]) == ("text", 5)
    assert (third["message"], third["line"]) == ("", 1)


def test_a_fork_of_the_tests_writes_nothing(
    recorder: worker_events.Recorder, tmp_path: Path
) -> None:
    recorder.sink.pid = os.getpid() + 1
    recorder.pytest_sessionfinish(0)

    assert written(recorder, tmp_path) == []


def test_a_worker_leaves_reports_to_its_controller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    monkeypatch.delenv("RELEASE_GATE_MEASURE", raising=False)
    sink = worker_events._Sink(str(tmp_path), "gw1")
    recorder = worker_events.Recorder(Space(rootdir=tmp_path, workerinput={}), sink)
    recorder.pytest_sessionstart()
    recorder.pytest_runtest_logreport(report())
    recorder.pytest_sessionfinish(0)
    sink.stream.close()

    (file,) = tmp_path.glob("gw1-*.jsonl")
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [(line["event"], line.get("worker")) for line in lines] == [
        ("start", "gw1"),
        ("finish", None),
    ]


class FakeCoverage:
    """Stands in for coverage, which is measuring these tests already."""

    running: Any = None

    def __init__(self, **plan: Any) -> None:
        self.done: list[Any] = [plan]

    @classmethod
    def current(cls) -> Any:
        return cls.running

    def set_option(self, name: str, value: Any) -> None:
        self.done.append(name)

    def start(self) -> None:
        self.done.append("start")
        type(self).running = self

    def stop(self) -> None:
        self.done.append("stop")

    def save(self) -> None:
        self.done.append("save")


def test_a_worker_is_measured_and_saves_before_it_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage, "Coverage", FakeCoverage)
    monkeypatch.setattr(FakeCoverage, "running", None)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    monkeypatch.setenv("RELEASE_GATE_MEASURE", '{"source": ["src"]}')
    worker_events._save_measurement()
    worker_events._start_measurement()
    worker_events._start_measurement()
    worker_events._save_measurement()

    assert FakeCoverage.running.done == [
        {"source": ["src"], "data_suffix": True},
        "run:disable_warnings",
        "start",
        "stop",
        "save",
    ]


def test_a_process_that_is_no_worker_is_not_measured_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage, "Coverage", FakeCoverage)
    monkeypatch.setattr(FakeCoverage, "running", None)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("RELEASE_GATE_MEASURE", "{}")
    worker_events._start_measurement()
    worker_events._save_measurement()

    assert FakeCoverage.running is None


def test_options_of_blocked_plugins_stay_valid() -> None:
    known: list[str] = []
    parser = Space(
        addini=lambda name, *_, **__: known.append(name),
        addoption=lambda name, **_: known.append(name),
    )
    blocked = Space(has_plugin=lambda _: False, is_blocked=lambda _: True)
    free = Space(has_plugin=lambda _: True, is_blocked=lambda _: False)
    worker_events.pytest_addoption(parser, free)
    assert known == []
    worker_events.pytest_addoption(parser, blocked)
    assert known == ["cache_dir", "--no-cov"]


def test_the_recorder_is_registered_only_in_our_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered: list[Any] = []
    manager = Space(register=lambda plugin, name: registered.append((plugin, name)))
    config = Space(pluginmanager=manager, rootpath=tmp_path)
    monkeypatch.delenv("RELEASE_GATE_EVENTS", raising=False)
    worker_events.pytest_configure(config)
    assert registered == []
    monkeypatch.setenv("RELEASE_GATE_EVENTS", str(tmp_path))
    worker_events.pytest_configure(config)
    ((plugin, name),) = registered
    plugin.sink.stream.close()
    assert name == "release-gate-recorder"


def test_the_probe_says_what_is_there(tmp_path: Path) -> None:
    result = tmp_path / "facts.json"
    worker_probe.main(str(result))

    facts = json.loads(result.read_text())
    assert facts["python"] == list(sys.version_info[:3])
    assert facts["importable"] == {"coverage": True, "pytest": True}
    assert facts["versions"]["pytest"] == pytest.__version__
    assert worker_probe._version("no-such-distribution") is None
