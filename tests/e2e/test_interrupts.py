"""Ctrl-C and SIGTERM: children gone, 130, nothing half-written, an earlier report stays."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals"),
]

Scratch = Any

# A child of the gate, a grandchild, and a grandchild that left the group.
FAMILY = """
import os, subprocess, sys, time
from pathlib import Path
def sleeper(name, **more):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], **more)
    Path(os.environ["MARKS"], name).write_text(str(child.pid))
sleeper("grandchild")
sleeper("stray", start_new_session=True)
Path(os.environ["MARKS"], "child").write_text(str(os.getpid()))
time.sleep(600)
"""
LONG = f"ctx.runner.run([sys.executable, '-c', {FAMILY!r}]); return EVIDENCE"
# Only for a run that hangs: everything it started would go on for ten minutes. That two seconds
# are enough is shown by a clock of its own in tests/unit/adapters/test_process_tree.py.
HANGS_S = 120


@pytest.fixture
def reported(scratch: Scratch) -> bytes:
    """A gate that runs for ten minutes, and the report of an earlier run."""
    scratch.gate("long")
    scratch.ready()
    assert scratch.run("run").returncode == 0
    scratch.gates.clear()
    scratch.gate("long", LONG)
    content: bytes = (scratch.output / "gate.json").read_bytes()
    return content


def gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be reaped has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return Path("/proc/self").exists() or not _alive(pid)
    return state == "Z"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def family(scratch: Scratch) -> list[int]:
    return [int(scratch.wait_for_mark(name)) for name in ("grandchild", "stray", "child")]


def start(scratch: Scratch, how: str) -> Any:
    if how == "nox":
        return scratch.start("-s", "gate", module="nox")
    return scratch.start("run")


@pytest.mark.parametrize("how", ["command", "nox"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_everything_with_130(
    scratch: Scratch, reported: bytes, how: str, number: int
) -> None:
    process = start(scratch, how)
    pids = family(scratch)
    process.send_signal(number)
    process.wait(HANGS_S)
    # Before anything else is waited for: whoever gets the exit code finds nothing running.
    left = [pid for pid in pids if not gone(pid)]
    out, err = process.communicate(timeout=HANGS_S)
    assert process.returncode == 130, out + err
    assert left == []
    assert f"interrupted by {signal.Signals(number).name}" in err
    assert "Traceback" not in err
    assert (scratch.output / "gate.json").read_bytes() == reported
    assert list(scratch.output.rglob(".writing-*")) == []


def test_impatient_user_changes_nothing(scratch: Scratch, reported: bytes) -> None:
    process = start(scratch, "command")
    pids = family(scratch)
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    _, err = process.communicate(timeout=HANGS_S)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert [pid for pid in pids if not gone(pid)] == []
    assert (scratch.output / "gate.json").read_bytes() == reported


def test_output_folder_is_free_again(scratch: Scratch, reported: bytes) -> None:
    process = start(scratch, "command")
    family(scratch)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=HANGS_S)
    scratch.gates.clear()
    scratch.gate("long")
    assert scratch.run("run").returncode == 0


def test_killed_run_leaves_a_folder_that_the_next_can_use(
    scratch: Scratch, reported: bytes
) -> None:
    process = start(scratch, "command")
    pids = family(scratch)
    process.kill()
    process.communicate(timeout=HANGS_S)
    scratch.gates.clear()
    scratch.gate("long")
    assert scratch.run("run").returncode == 0
    for pid in pids:
        if not gone(pid):
            os.kill(pid, signal.SIGKILL)


def test_second_run_in_the_same_folder_says_so(scratch: Scratch, reported: bytes) -> None:
    process = start(scratch, "command")
    family(scratch)
    second = scratch.run("run")
    assert second.returncode == 3
    assert "is writing to release-gate" in second.stderr
    assert len(second.stderr.strip().splitlines()) <= 2
    assert scratch.run("report").returncode == 3
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=HANGS_S)
    assert (scratch.output / "gate.json").read_bytes() == reported


@pytest.mark.parametrize("place", ["/proc/release-gate", "a.py/below", "a.py"])
def test_output_that_cannot_be_written_is_3_and_one_line(scratch: Scratch, place: str) -> None:
    scratch.gate("one")
    scratch.ready()
    done = scratch.run("run", "--output", place)
    assert done.returncode == 3, done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2
    assert "output-folder" in done.stderr
