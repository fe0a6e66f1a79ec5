"""Pytest plug-in that writes what every test did as JSON lines; runs in the project environment.

A copy of this file is loaded with ``-p``. It imports nothing but the standard library, pytest
and coverage, and keeps to Python 3.8. Each process writes a file of its own, one unbuffered
write a line, so that a killed run leaves whole lines and no ``finish``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

EVENTS = "RELEASE_GATE_EVENTS"
MEASURE = "RELEASE_GATE_MEASURE"


class _Sink:
    """The event file of this process."""

    def __init__(self, folder: str, worker: str | None) -> None:
        self.pid = os.getpid()
        name = "{}-{}.jsonl".format(worker or "main", self.pid)
        # Held open for the life of the process: a test may change directory or descriptors' limits.
        self.stream = open(os.path.join(folder, name), "ab", buffering=0)  # noqa: SIM115, PTH118, PTH123 - see above

    def write(self, event: str, **facts: Any) -> None:
        """Write one line, unless a fork of the tests has inherited this object."""
        if os.getpid() == self.pid:
            self.stream.write(json.dumps(dict(facts, event=event)).encode("ascii") + b"\n")


class Recorder:
    """Writes the events of one pytest session."""

    def __init__(self, config: Any, sink: _Sink) -> None:
        self.config = config
        self.sink = sink
        self.root = str(getattr(config, "rootpath", "") or config.rootdir)
        self.worker = os.environ.get("PYTEST_XDIST_WORKER")
        self.collected: list[str] = []

    def in_worker(self) -> bool:
        """Whether this process only executes tests for a controller."""
        return hasattr(self.config, "workerinput")

    def pytest_sessionstart(self) -> None:
        """The session begins."""
        self.sink.write(
            "start",
            pytest=pytest.__version__,
            rootdir=self.root,
            python=sys.version.split()[0],
            worker=self.worker if self.in_worker() else None,
        )

    def pytest_itemcollected(self, item: Any) -> None:
        """A test was found."""
        self.collected.append(item.nodeid)

    def pytest_deselected(self, items: Any) -> None:
        """Tests were collected and then left out."""
        self.sink.write("deselected", ids=[item.nodeid for item in items])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """What is going to be run is settled."""
        selected = [item.nodeid for item in session.items]
        # A hook may take tests out of the list without a word to anyone.
        dropped = sorted(set(self.collected) - set(selected))
        if selected:
            self.sink.write("selected", ids=selected)
        if dropped:
            self.sink.write("deselected", ids=dropped)

    def pytest_collectreport(self, report: Any) -> None:
        """A module or a class was collected, skipped as a whole, or could not be."""
        if report.failed:
            message = _last_line(report.longrepr)
            self.sink.write("collect-error", id=report.nodeid, message=message)
        elif report.skipped:
            self.sink.write("collect-skip", id=report.nodeid, message=_skip_reason(report))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase of one test has ended."""
        if self.in_worker():
            return  # the controller reports it
        facts = {"id": report.nodeid, "when": report.when or "", "outcome": report.outcome}
        if _is_subtest(report):
            facts["subtest"] = True
        if hasattr(report, "wasxfail"):
            facts["xfail"] = str(report.wasxfail)
        if report.outcome == "skipped":
            facts["message"] = _skip_reason(report)
        elif report.outcome != "passed":
            facts.update(_failure(report, self.root))
        self.sink.write("report", **facts)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: Any) -> None:
        """The session ends: the proof that nothing was cut off."""
        if self.in_worker():
            _save_measurement()
        self.sink.write("finish", status=int(exitstatus))


def _is_subtest(report: Any) -> bool:
    """Whether it is of a part of a test: pytest 9 and pytest-subtests each have a class for it."""
    return any(kind.__name__.lower() == "subtestreport" for kind in type(report).__mro__)


def _skip_reason(report: Any) -> str:
    longrepr = report.longrepr
    if isinstance(longrepr, tuple) and len(longrepr) == 3:  # noqa: PLR2004 - file, line, reason
        return str(longrepr[2]).replace("Skipped: ", "", 1)
    return str(longrepr or "")


def _last_line(longrepr: Any) -> str:
    lines = [line for line in str(longrepr or "").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E ")]
    return (errors or lines or [""])[-1][:2000]


def _failure(report: Any, root: str) -> dict[str, Any]:
    """Message and place of a failure, whatever style of traceback is asked for."""
    longrepr = report.longrepr
    crash = getattr(longrepr, "reprcrash", None)
    message = crash.message if crash is not None else _last_line(longrepr)
    location = report.location or ("", None, "")
    path = os.path.normpath(os.path.join(root, str(location[0])))  # noqa: PTH118 - Python 3.8
    return {
        "message": str(message)[:2000],
        "path": path,
        "line": _line_in(longrepr, path, root) or (location[1] or 0) + 1,
    }


def _line_in(longrepr: Any, path: str, root: str) -> int | None:
    """The last line of the traceback that lies in the test's own file."""
    found = None
    entries = getattr(getattr(longrepr, "reprtraceback", None), "reprentries", ())
    for entry in entries:
        place = getattr(entry, "reprfileloc", None)
        if place is None:
            continue
        file = os.path.normpath(os.path.join(root, str(place.path)))  # noqa: PTH118 - Python 3.8
        if file == path:
            found = int(place.lineno)
    return found


def _start_measurement() -> None:
    """Measure this process if it executes tests for pytest-xdist and nothing measures it yet."""
    plan = os.environ.get(MEASURE)
    if not plan or "PYTEST_XDIST_WORKER" not in os.environ:
        return
    import coverage  # noqa: PLC0415 - only where it is needed

    if coverage.Coverage.current() is not None:
        return
    measurement = coverage.Coverage(data_suffix=True, **json.loads(plan))
    # Each process sees only a part: what one of them did not import says nothing.
    measurement.set_option(
        "run:disable_warnings",
        ["module-not-imported", "module-not-measured", "no-data-collected", "already-imported"],
    )
    measurement.start()


def _save_measurement() -> None:
    """Save before the controller ends this process, which runs no exit handlers."""
    if "PYTEST_XDIST_WORKER" not in os.environ or not os.environ.get(MEASURE):
        return
    import coverage  # noqa: PLC0415 - only where it is needed

    current = coverage.Coverage.current()
    if current is not None:
        current.stop()
        current.save()


def pytest_addoption(parser: Any, pluginmanager: Any) -> None:
    """Keep the options of our command valid where the project has blocked their plug-ins."""
    if not pluginmanager.has_plugin("cacheprovider"):
        parser.addini("cache_dir", "not used", default="")
    if pluginmanager.is_blocked("pytest_cov"):
        parser.addoption("--no-cov", action="store_true", help="not used")


def pytest_configure(config: Any) -> None:
    """Begin to write, before any other plug-in can end the session."""
    folder = os.environ.get(EVENTS)
    if folder:
        sink = _Sink(folder, os.environ.get("PYTEST_XDIST_WORKER"))
        config.pluginmanager.register(Recorder(config, sink), "release-gate-recorder")


_start_measurement()
