"""A gate of the user's that misbehaves is an error with its log; all others still finish."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

DIES = ("dies", "os.kill(os.getpid(), 9)", "without an answer, with exit code -9")

# Name, body of collect, what the report must say of it.
BROKEN = [
    ("raises", "raise ValueError('what a pity')", "ValueError: what a pity"),
    ("leaves", "sys.exit(0)", "SystemExit: 0"),
    ("vanishes", "os._exit(0)", "without an answer, with exit code 0"),
    ("nothing", "return None", "collect returned None"),
    ("wrong", "return True", "type bool"),
    ("typed", "return Evidence(examined=Examined(unit='files', count='9'))", "wrong value"),
    ("refuses", "raise ToolProblem('the tool is ill', remedy='cure it')", "the tool is ill"),
    ("closes", "os.closerange(3, 200); return EVIDENCE", "without an answer"),
    *([] if sys.platform == "win32" else [DIES]),
    ("prints", "os.write(1, b'\\xff{}' * 70000); return None", "collect returned None"),
]


def test_each_is_an_error_of_its_own_and_the_others_pass(scratch: Scratch) -> None:
    for name, body, _ in BROKEN:
        scratch.gate(name, body)
    scratch.gate("fine")
    scratch.ready()
    done = scratch.run("run", "--jobs", "2")
    assert done.returncode == 3, done.stderr
    gates = {one["id"]: one for one in scratch.report()["gates"]}
    assert gates["fine"]["verdict"] == "pass"
    for name, _, said in BROKEN:
        (problem,) = gates[name]["problems"]
        assert gates[name]["verdict"] == "error"
        assert said in problem["what"]
        assert problem["log"] == f"logs/{name}.log"
        assert (scratch.output / problem["log"]).is_file()


def test_traceback_is_in_the_log_and_no_path_in_the_report(scratch: Scratch) -> None:
    scratch.gate("raises", "raise ValueError(str(ctx.project.root / 'secret place'))")
    scratch.ready()
    assert scratch.run("run").returncode == 3
    assert "in collect" in (scratch.output / "logs" / "raises.log").read_text()
    assert "ValueError: {root}/secret place" in (scratch.output / "gate.json").read_text()
    assert str(scratch.root) not in (scratch.output / "gate.json").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="looks for a process by its POSIX id")
def test_gate_that_hangs_is_ended_with_all_it_started(scratch: Scratch) -> None:
    body = (
        "import subprocess; child = subprocess.Popen(['sleep', '600'], start_new_session=True);"
        " Path(os.environ['MARKS'], 'pid').write_text(str(child.pid)); time.sleep(600)"
    )
    scratch.gate("hangs", body)
    scratch.gate("fine")
    scratch.ready("\n[tool.release-gate.gates.hangs]\ndeadline = '3s'\n")
    done = scratch.run("run")
    assert done.returncode == 3, done.stderr
    gates = {one["id"]: one for one in scratch.report()["gates"]}
    assert gates["fine"]["verdict"] == "pass"
    assert gates["hangs"]["problems"][0]["slug"] == "deadline"
    with pytest.raises(ProcessLookupError):
        os.kill(int(scratch.wait_for_mark("pid")), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_gate_that_forks_answers_once(scratch: Scratch) -> None:
    scratch.gate("forks", "os.fork(); return EVIDENCE")
    scratch.ready()
    assert scratch.run("run").returncode == 0
    assert scratch.verdicts() == {"forks": "pass"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GATE = 3\n", "defines no GATE"),
        ("import nothing_of_this_name\n", "nothing_of_this_name"),
        ("def (:\n", "SyntaxError"),
        ("", "defines no GATE"),
        ("raise SystemExit(0)\n", "SystemExit"),
    ],
)
def test_gate_file_that_cannot_be_loaded_is_an_error(
    scratch: Scratch, text: str, said: str
) -> None:
    scratch.gate("one")
    scratch.write("gates/one.py", text)
    scratch.ready()
    done = scratch.run("run")
    assert done.returncode == 3, done.stderr
    assert said in scratch.report()["gates"][0]["problems"][0]["what"]


def test_settings_reach_the_gate_and_wrong_ones_are_named(scratch: Scratch) -> None:
    scratch.gate("one", "return Evidence(examined=Examined(unit='files', count=settings.most))")
    scratch.ready("\n[tool.release-gate.gates.one]\nmost = 7\n")
    assert scratch.run("run").returncode == 0
    assert scratch.report()["gates"][0]["examined"]["count"] == 7
    scratch.configure(extra="\n[tool.release-gate.gates.one]\nmost = 'seven'\n")
    assert scratch.run("run").returncode == 3
    assert "most" in scratch.report()["gates"][0]["problems"][0]["what"]


def test_progress_and_output_of_a_gate_reach_screen_and_log(scratch: Scratch) -> None:
    scratch.gate("one", "ctx.progress('half way'); print('in the log'); return EVIDENCE")
    scratch.ready()
    done = scratch.run("run", "--verbose")
    assert "one: half way" in done.stderr
    assert "in the log" not in done.stdout
    assert "in the log" in (scratch.output / "logs" / "one.log").read_text()


def test_module_of_the_project_cannot_take_the_place_of_the_librarys(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.write("json.py", "raise RuntimeError('the wrong json')\n")
    scratch.write("click.py", "raise RuntimeError('the wrong click')\n")
    scratch.ready()
    done = scratch.run("run", PYTHONSAFEPATH="1")
    assert done.returncode == 0, done.stderr


def test_gate_that_writes_into_the_project_is_named_with_the_file(scratch: Scratch) -> None:
    scratch.gate("writes", "(ctx.project.root / 'new.py').write_text('x'); return EVIDENCE")
    scratch.ready()
    assert scratch.run("run").returncode == 3
    (problem,) = scratch.report()["problems"]
    assert problem["what"] == "new.py appeared during the run of writes"


def test_artifact_of_a_gate_lies_in_the_output_folder(scratch: Scratch) -> None:
    scratch.gate("one", "(ctx.artifacts / 'page.html').write_text('x'); return EVIDENCE")
    scratch.ready()
    assert scratch.run("run").returncode == 0
    assert (scratch.output / "artifacts" / "one" / "page.html").read_text() == "x"
