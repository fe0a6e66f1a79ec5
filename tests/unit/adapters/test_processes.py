from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters import proc
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.processes import Processes
from release_gate.adapters.runner import GateRunner
from release_gate.errors import (
    DeadlineExceeded,
    Interrupted,
    OutputProblem,
    ToolMissing,
    ToolProblem,
)
from release_gate.redact import Redactor
from release_gate.testing import FixedClock

pytestmark = pytest.mark.unit

linux = pytest.mark.skipif(sys.platform != "linux", reason="found through /proc")
PYTHON = sys.executable
# For what hangs: whatever must not be waited for here goes on for half a minute or longer.
HANGS_S = 20
# Starts a grandchild in each way to get out of a group, writes its pid, and goes on with TAIL.
ESCAPE = """
import os, subprocess, sys, time
def note():
    with open({pids!r}, "a") as stream:
        stream.write(f"{{os.getpid()}}\\n")
def stay():
    note()
    time.sleep(60)
    os._exit(0)
if os.fork() == 0:
    stay()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        stay()
    os._exit(0)
code = "import os, time; open({pids!r}, 'a').write(str(os.getpid()) + chr(10)); time.sleep(60)"
clean = subprocess.Popen([sys.executable, "-c", code], env={{}}, start_new_session=True)
clean.returncode = 0
while len(open({pids!r}).read().split()) < 3:
    time.sleep(0.01)
{tail}
"""


@pytest.fixture
def runner(processes: Processes, tmp_path: Path) -> GateRunner:
    return processes.for_gate("lint", tmp_path / "logs" / "lint.log", 60)


def log_of(tmp_path: Path) -> str:
    return (tmp_path / "logs" / "lint.log").read_text("utf-8")


def python(code: str) -> list[str]:
    return [PYTHON, "-c", code]


def alive(pid: int) -> bool:
    found = proc.process(pid)
    return found is not None and not found.zombie


def escapers(tmp_path: Path, tail: str) -> tuple[list[str], Callable[[], list[int]]]:
    pids = tmp_path / "pids"
    pids.touch()
    code = ESCAPE.format(pids=str(pids), tail=tail)
    return python(code), lambda: [int(one) for one in pids.read_text().split()]


def later(call: Callable[[], Any]) -> Callable[[], BaseException | Any]:
    """Call in a thread; the returned function waits for the result or the exception."""
    box: list[Any] = []

    def work() -> None:
        try:
            box.append(call())
        except BaseException as error:  # noqa: BLE001 - it is what the test looks at
            box.append(error)

    thread = threading.Thread(target=work)
    thread.start()

    def result() -> Any:
        thread.join(10)
        assert not thread.is_alive()
        return box[0]

    return result


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def until(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_program_runs_in_the_root_with_its_output_and_exit_code(
    runner: GateRunner, tmp_path: Path
) -> None:
    code = "import os, sys; print(os.getcwd()); print('oh', file=sys.stderr); sys.exit(7)"
    done = runner.run(python(code))
    assert (7, f"{tmp_path}\n".encode(), b"oh\n") == (done.exit_code, done.stdout, done.stderr)
    assert tmp_path / "logs" / "lint.log" == done.log
    assert tuple(python(code)) == done.argv


def test_the_log_holds_command_output_and_end(runner: GateRunner, tmp_path: Path) -> None:
    runner.run(python("print('hello')"))
    first, hello, last = log_of(tmp_path).splitlines()
    assert first.startswith(f"$ {PYTHON} -c ")
    assert hello == "hello"
    assert last.startswith("[exit 0 after ")


def test_a_second_command_is_appended_to_the_log(runner: GateRunner, tmp_path: Path) -> None:
    runner.run(python("print('one')"))
    runner.run(python("print('two')"))
    assert [one for one in log_of(tmp_path).split("\n") if len(one) == 3] == ["one", "two"]


def test_the_log_is_redacted_and_without_escapes(tmp_path: Path, environment: Any) -> None:
    made = Processes(tmp_path, environment, SystemClock(), redactor=Redactor(["hunter2hunter2"]))
    code = "import sys; sys.stdout.write('\\x1b[31mhunter2'); sys.stdout.flush(); print('hunter2')"
    done = made.for_gate("lint", tmp_path / "logs" / "lint.log", 60).run(
        [*python(code), "--password=hunter2hunter2"]
    )
    assert "hunter2hunter2" not in log_of(tmp_path)
    assert "\n[redacted]\n" in log_of(tmp_path)
    assert done.stdout == b"\x1b[31mhunter2hunter2\n"


def test_many_arguments_are_cut_in_the_log(runner: GateRunner, tmp_path: Path) -> None:
    runner.run([*python("pass"), *(f"file{n}.py" for n in range(1000))])
    assert "and 963 more" in log_of(tmp_path).splitlines()[0]


def test_standard_input_is_closed_unless_given(runner: GateRunner) -> None:
    code = "import sys; print(len(sys.stdin.buffer.read()))"
    assert runner.run(python(code)).stdout == b"0\n"
    assert runner.run(python(code), stdin=b"x" * 1_000_000).stdout == b"1000000\n"


def test_a_child_that_reads_none_of_its_input_is_no_error(runner: GateRunner) -> None:
    assert runner.run(python("pass"), stdin=b"x" * 10_000_000).exit_code == 0


def test_lines_are_told_as_they_come(runner: GateRunner) -> None:
    heard: list[tuple[str, float]] = []
    code = "import sys, time; print('a', flush=True); time.sleep(0.5); sys.stderr.write('b')"
    runner.run(python(code), on_line=lambda line: heard.append((line, time.monotonic())))
    assert [line for line, _ in heard] == ["a", "b"]
    assert heard[1][1] - heard[0][1] > 0.3


def test_an_error_in_the_callback_ends_the_child_and_is_raised(runner: GateRunner) -> None:
    def broken(line: str) -> None:
        raise LookupError(line)

    started = time.monotonic()
    with pytest.raises(LookupError, match="hello"):
        runner.run(
            python("import time; print('hello', flush=True); time.sleep(30)"), on_line=broken
        )
    assert time.monotonic() - started < HANGS_S


def test_a_flood_on_both_pipes_is_drained(runner: GateRunner) -> None:
    code = "import os\nfor _ in range(800): os.write(1, b'x' * 62_500); os.write(2, b'y' * 62_500)"
    done = runner.run(python(code))
    assert (len(done.stdout), len(done.stderr)) == (50_000_000, 50_000_000)


def test_more_output_than_can_be_held_is_an_error_that_names_the_cap(
    tmp_path: Path, environment: Any
) -> None:
    made = Processes(tmp_path, environment, SystemClock(), held_bytes=2_000_000)
    flood = python("import os\nwhile True: os.write(2, b'y' * 65536)")
    with pytest.raises(ToolProblem, match=r"standard error of .* more than the 2 MB"):
        made.for_gate("lint", tmp_path / "x.log", 60).run(flood)


def test_the_environment_is_the_users_with_changes(tmp_path: Path) -> None:
    made = Processes(
        tmp_path, {"KEPT": "1", "GONE": "2", "GIT_DIR": "/x", "PATH": "/bin"}, SystemClock()
    )
    code = "import os; print(sorted(set(os.environ) & {'KEPT', 'GONE', 'NEW', 'GIT_DIR'}))"
    done = made.for_gate("lint", tmp_path / "x.log", 60).run(
        python(code), env={"NEW": "3", "GONE": None}
    )
    assert done.stdout == b"['KEPT', 'NEW']\n"


def test_no_shell_reads_the_arguments(runner: GateRunner) -> None:
    odd = "$(touch x); `id` & | > y ' \" \n"
    done = runner.run([*python("import sys; sys.stdout.write(sys.argv[1])"), odd])
    assert odd.encode() == done.stdout


@pytest.mark.parametrize("kind", ["absent", "not executable", "no program", "folder"])
def test_what_cannot_be_started_is_missing(runner: GateRunner, tmp_path: Path, kind: str) -> None:
    tool = tmp_path / "tool"
    if kind == "folder":
        tool.mkdir()
    elif kind != "absent":
        tool.write_bytes(b"\x00\x01 no program")
        tool.chmod(0o755 if kind == "no program" else 0o644)
    with pytest.raises(ToolMissing, match="could not be started"):
        runner.run([str(tool)])


def test_a_bare_name_is_looked_up_in_the_childs_path(runner: GateRunner, tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "my-tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    with pytest.raises(ToolMissing):
        runner.run(["my-tool"])
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    assert runner.run(["my-tool"], env={"PATH": path}).stdout == b"mine\n"


def test_a_folder_that_is_not_there_is_no_missing_tool(runner: GateRunner, tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="there is no such folder") as caught:
        runner.run(python("pass"), cwd=tmp_path / "nowhere")
    assert not isinstance(caught.value, ToolMissing)


def test_a_null_byte_is_a_problem(runner: GateRunner) -> None:
    with pytest.raises(ToolProblem, match="cannot be run"):
        runner.run([PYTHON, "a\0b"])


def test_what_the_system_refuses_is_a_problem(
    runner: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(ToolProblem, match="Resource temporarily unavailable") as caught:
        runner.run(python("pass"))
    assert not isinstance(caught.value, ToolMissing)


def test_too_many_arguments_are_a_problem_with_a_remedy(runner: GateRunner) -> None:
    with pytest.raises(ToolProblem, match="are too many") as caught:
        runner.run([PYTHON, *("x" * 100_000 for _ in range(100))])
    assert "--path" in caught.value.remedy


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(30)",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(30)",
        "import os, time; os.close(1); os.close(2); time.sleep(30)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        # Not faster, or a quick machine reaches the most that is held before the deadline.
        "import time\nwhile True: print('x' * 1000, flush=True); time.sleep(0.0005)",
    ],
    ids=["sleeps", "ignores SIGTERM", "closes its output", "is stopped", "floods"],
)
def test_what_does_not_end_is_ended_at_its_deadline(
    processes: Processes, tmp_path: Path, code: str
) -> None:
    runner = processes.for_gate("lint", tmp_path / "logs" / "lint.log", 0.5)
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"its deadline was 0.5 s") as caught:
        runner.run(python(code))
    assert time.monotonic() - started < HANGS_S
    assert "table of lint" in caught.value.remedy
    assert caught.value.log == tmp_path / "logs" / "lint.log"
    assert "[ended: DeadlineExceeded" in log_of(tmp_path)


def test_the_time_of_one_command_is_the_shorter_of_both(runner: GateRunner) -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"0.3 s"):
        runner.run(python("import time; time.sleep(30)"), timeout=0.3)
    assert time.monotonic() - started < HANGS_S
    assert runner.run(python("pass"), timeout=1000).exit_code == 0


def test_all_commands_of_a_gate_share_one_deadline(processes: Processes, tmp_path: Path) -> None:
    runner = processes.for_gate("lint", tmp_path / "x.log", 0.6)
    runner.run(python("import time; time.sleep(0.3)"))
    with pytest.raises(DeadlineExceeded):
        runner.run(python("import time; time.sleep(0.5)"))
    with pytest.raises(DeadlineExceeded, match="no time left"):
        runner.run(python("pass"))


def test_deadlines_hold_where_the_clock_stands_still(tmp_path: Path, environment: Any) -> None:
    made = Processes(tmp_path, environment, FixedClock())
    with pytest.raises(DeadlineExceeded):
        made.for_gate("x", tmp_path / "x.log", 0.2).run(python("import time; time.sleep(30)"))
    assert made.for_gate("x", tmp_path / "x.log", 30).run(python("pass")).duration_s == 0.0


@linux
def test_nothing_is_left_after_a_child_that_ended_by_itself(
    runner: GateRunner, tmp_path: Path
) -> None:
    argv, pids = escapers(tmp_path, "print('done')")
    started = time.monotonic()
    done = runner.run(argv)
    assert (done.exit_code, done.stdout) == (0, b"done\n")
    assert time.monotonic() - started < HANGS_S
    assert len(pids()) == 3
    assert [pid for pid in pids() if alive(pid)] == []


@linux
def test_nothing_is_left_after_a_deadline(processes: Processes, tmp_path: Path) -> None:
    argv, pids = escapers(tmp_path, "time.sleep(60)")
    with pytest.raises(DeadlineExceeded):
        processes.for_gate("x", tmp_path / "x.log", 1.5).run(argv)
    assert len(pids()) == 3
    assert [pid for pid in pids() if alive(pid)] == []


@linux
def test_a_grandchild_that_holds_the_pipe_does_not_hold_us(runner: GateRunner) -> None:
    started = time.monotonic()
    assert runner.run(["sh", "-c", "sleep 30 & echo here"]).stdout == b"here\n"
    assert time.monotonic() - started < HANGS_S


@linux
def test_ending_all_takes_every_descendant(processes: Processes, tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    argv, pids = escapers(tmp_path, stubborn)
    results = [
        later(partial(processes.for_gate("a", tmp_path / "a.log", 60).run, argv)),
        later(partial(processes.for_gate("b", tmp_path / "b.log", 60).run, ["sleep", "60"])),
    ]
    until(lambda: len(pids()) == 3)
    started = time.monotonic()
    processes.end_all()
    assert time.monotonic() - started < HANGS_S
    assert [pid for pid in pids() if alive(pid)] == []
    assert [Interrupted, Interrupted] == [type(result()) for result in results]
    with pytest.raises(Interrupted):
        processes.for_gate("c", tmp_path / "c.log", 60).run(["true"])


@linux
def test_what_others_started_in_this_process_is_left_alone(
    processes: Processes, tmp_path: Path
) -> None:
    other = os.posix_spawn("/bin/sleep", ["sleep", "60"], os.environ)
    try:
        processes.for_gate("a", tmp_path / "a.log", 60).run(["sh", "-c", "sleep 60 &"])
        processes.end_all()
        assert alive(other)
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)


def test_cancelling_lets_each_run_end_its_own(processes: Processes, tmp_path: Path) -> None:
    result = later(partial(processes.for_gate("a", tmp_path / "a.log", 60).run, ["sleep", "60"]))
    until((tmp_path / "a.log").exists)
    time.sleep(0.1)
    started = time.monotonic()
    processes.cancel()
    assert isinstance(result(), Interrupted)
    assert time.monotonic() - started < HANGS_S


def test_ending_all_twice_with_nothing_running_lets_nothing_start_afterwards(
    processes: Processes, runner: GateRunner, tmp_path: Path
) -> None:
    processes.end_all()
    processes.end_all()
    with pytest.raises(Interrupted):
        runner.run(["touch", str(tmp_path / "started")])
    assert not (tmp_path / "started").exists()


@linux
def test_no_zombie_and_no_descriptor_is_left(runner: GateRunner) -> None:
    runner.run(["sh", "-c", "(setsid sh -c 'sleep 60' &) ; true"])
    before = descriptors()
    for _ in range(5):
        runner.run(["sh", "-c", "(setsid sh -c 'sleep 60' &) ; true"])
        with pytest.raises(ToolMissing):
            runner.run(["/nowhere"])
        with pytest.raises(ToolMissing):
            runner.run_with_channel(["/nowhere"], b"")
    assert before == descriptors()
    mine = [one for one in proc.processes().values() if one.parent == os.getpid()]
    assert [one for one in mine if one.zombie] == []


def test_a_log_that_cannot_be_written_is_an_output_problem(
    processes: Processes, tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("in the way")
    with pytest.raises(OutputProblem, match=r"the log lint.log cannot be written"):
        processes.for_gate("lint", tmp_path / "logs" / "lint.log", 60).run(python("pass"))


@linux
def test_a_disk_that_fills_up_under_the_log_ends_the_child(processes: Processes) -> None:
    flood = python("while True: print('x' * 1000)")
    with pytest.raises(OutputProblem, match="No space left"):
        processes.for_gate("lint", Path("/dev/full"), 60).run(flood)


def test_evidence_comes_through_its_own_channel(runner: GateRunner, tmp_path: Path) -> None:
    code = (
        "import os, sys; kind, _, place = os.environ['RELEASE_GATE_CHANNEL'].partition(':');"
        "out = os.fdopen(int(place), 'wb') if kind == 'fd' else open(place, 'wb');"
        "data = sys.stdin.buffer.read(); print('noise'); out.write(data * 2)"
    )
    done, answer = runner.run_with_channel(python(code), b"x" * 300_000)
    assert (done.exit_code, done.stdout) == (0, b"noise\n")
    assert answer == b"x" * 600_000
    assert "noise" in log_of(tmp_path)


def test_a_channel_that_nobody_writes_to_is_empty(runner: GateRunner) -> None:
    done, answer = runner.run_with_channel(python("raise SystemExit(3)"), b"{}")
    assert (done.exit_code, answer) == (3, b"")


@linux
def test_a_channel_held_open_by_a_grandchild_has_an_end(runner: GateRunner) -> None:
    code = (
        "import os; fd = int(os.environ['RELEASE_GATE_CHANNEL'][3:]); os.write(fd, b'yes')\n"
        "if os.fork() == 0:\n    import time; os.setsid(); time.sleep(60)"
    )
    started = time.monotonic()
    assert runner.run_with_channel(python(code), b"")[1] == b"yes"
    assert time.monotonic() - started < HANGS_S


@linux
def test_a_nested_run_that_is_killed_leaves_nothing(runner: GateRunner, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"""
import os, signal, sys, threading, time
from functools import partial
from pathlib import Path
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.processes import Processes
inner = Processes(Path.cwd(), dict(os.environ), SystemClock())
run = inner.for_gate("x", Path("inner.log"), 60).run
argv = ["sh", "-c", "echo $$ > {pids}; exec sleep 60"]
threading.Thread(target=run, args=(argv,), daemon=True).start()
while not os.path.exists({str(pids)!r}) or not open({str(pids)!r}).read():
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert runner.run(python(code)).exit_code == -signal.SIGKILL
    assert not alive(int(pids.read_text()))
