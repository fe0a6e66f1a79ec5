"""One verdict, one exit code: by the command, by the module and through nox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any
Call = Callable[..., Any]

FAIL = "return Evidence(examined=Examined(unit='files', count=1), findings=(finding(),))"
EMPTY = "return Evidence(examined=Examined(unit='files', count=0))"


@pytest.fixture(params=["command", "nox"])
def call(request: pytest.FixtureRequest, scratch: Scratch) -> Call:
    """Runs the chain with options, directly or through ``nox -s gate``."""

    def run(*options: str, **more: str) -> Any:
        if request.param == "nox":
            return scratch.nox("-s", "gate", "--", *options, **more)
        return scratch.run("run", *options, **more)

    return run


def test_pass_is_0_and_leaves_every_output(scratch: Scratch, call: Call) -> None:
    scratch.gate("one")
    scratch.ready()
    done = call()
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
    assert scratch.report()["verdict"] == "pass"
    assert {"gate.json", "report.html", "summary.md"} <= {
        one.name for one in scratch.output.iterdir()
    }


def test_fail_is_1(scratch: Scratch, call: Call) -> None:
    scratch.gate("one", FAIL)
    scratch.gate("two")
    scratch.ready()
    done = call()
    assert done.returncode == 1
    assert "OWN1" in done.stdout
    assert scratch.verdicts() == {"one": "fail", "two": "pass"}


def test_nothing_examined_is_3(scratch: Scratch, call: Call) -> None:
    scratch.gate("one", EMPTY)
    scratch.ready()
    assert call().returncode == 3
    assert scratch.verdicts() == {"one": "error"}


def test_fail_is_worse_than_error(scratch: Scratch, call: Call) -> None:
    scratch.gate("one", FAIL)
    scratch.gate("two", EMPTY)
    scratch.ready()
    assert call().returncode == 1


def test_unknown_key_is_2_with_file_line_and_the_nearest(scratch: Scratch, call: Call) -> None:
    scratch.gate("one")
    scratch.ready("\n[tool.release-gate.gates.one]\ndeadlime = '3s'\nmost = 1\n")
    scratch.configure(extra="exspected = []\n")
    done = call()
    assert done.returncode == 2
    assert "pyproject.toml:7:" in done.stderr
    assert "expected" in done.stderr


def test_broken_pyproject_is_2_with_file_and_line(scratch: Scratch, call: Call) -> None:
    scratch.gate("one")
    scratch.ready()
    scratch.write("pyproject.toml", "[project]\nname = \n")
    done = call()
    assert done.returncode == 2
    assert "pyproject.toml:2:" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_gate_is_2(scratch: Scratch, call: Call) -> None:
    scratch.gate("one")
    scratch.ready()
    done = call("--gate", "ome")
    assert done.returncode == 2
    assert "one" in done.stderr


def test_expected_gate_that_does_not_apply_is_3(scratch: Scratch, call: Call) -> None:
    scratch.gate("one", applies="'no Dockerfile'")
    scratch.ready()
    done = call()
    assert done.returncode == 3
    assert "no Dockerfile" in done.stdout


def test_dirty_tree_is_3_in_ci_unless_allowed(scratch: Scratch, call: Call) -> None:
    scratch.gate("one")
    scratch.ready()
    scratch.write("b.py", "y = 2\n")
    assert call().returncode == 0
    assert call(CI="true").returncode == 3
    assert call("--allow-dirty", CI="true").returncode == 0


def test_missing_subcommand_and_bad_option_are_2(scratch: Scratch) -> None:
    assert scratch.run().returncode == 2
    assert scratch.run("run", "--jobs", "0").returncode == 2


def test_json_is_the_stored_report(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    done = scratch.run("run", "--json")
    assert json.loads(done.stdout) == scratch.report()


def test_quiet_prints_one_line(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    done = scratch.run("run", "--quiet")
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("PASS")


def test_no_escape_sequences_without_a_terminal(scratch: Scratch) -> None:
    scratch.gate("one", FAIL)
    scratch.ready()
    done = scratch.run("run", "--verbose")
    assert "\x1b" not in done.stdout + done.stderr
    assert "one: started" in done.stderr


def test_part_says_so_and_never_replaces_the_report(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.gate("two", FAIL)
    scratch.ready()
    assert scratch.run("run").returncode == 1
    before = (scratch.output / "gate.json").read_bytes()
    done = scratch.run("run", "--gate", "one")
    assert done.returncode == 0
    assert "PARTIAL" in done.stdout
    assert (scratch.output / "gate.json").read_bytes() == before
    part = json.loads((scratch.output / "parts" / "one.json").read_text())
    assert part["partial"] is True


def test_report_is_written_again_with_the_same_verdict(scratch: Scratch) -> None:
    scratch.gate("one", FAIL)
    scratch.ready()
    scratch.run("run")
    page = (scratch.output / "report.html").read_bytes()
    (scratch.output / "report.html").unlink()
    assert scratch.run("report").returncode == 1
    assert (scratch.output / "report.html").read_bytes() == page


@pytest.mark.parametrize("text", [None, "", '{"schema_version": 1', '{"schema_version": 9}'])
def test_report_of_nothing_usable_is_3(scratch: Scratch, text: str | None) -> None:
    scratch.ready()
    if text is not None:
        scratch.write("build/release-gate/gate.json", text)
    done = scratch.run("report")
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) <= 2


def test_plan_runs_nothing_and_list_names_the_kinds(scratch: Scratch) -> None:
    scratch.gate("one", "Path(os.environ['MARKS'], 'ran').write_text('x'); return EVIDENCE")
    scratch.write("gates/one.py", (scratch.root / "gates/one.py").read_text() + "\n1 / 0\n")
    scratch.ready()
    plan = json.loads(scratch.run("plan", "--json").stdout)
    assert [one["id"] for one in plan["gates"]] == ["one"]
    assert "one: Gate one" in scratch.run("plan", "--verbose").stdout
    kinds = {one["kind"]: one["source"] for one in json.loads(scratch.run("list", "--json").stdout)}
    assert kinds["one"] == "gates/one.py"
    assert kinds["lint"] == "built in"
    assert list(scratch.marks.iterdir()) == []


def test_reader_that_leaves_early_changes_no_exit_code(scratch: Scratch) -> None:
    scratch.gate("one", FAIL)
    scratch.ready()
    process = scratch.start("run", "--verbose")
    process.stdout.close()
    assert process.wait(60) == 1
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_where_it_is_no_repository_it_says_so_and_judges(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.configure()
    done = scratch.run("run", GIT_CEILING_DIRECTORIES=str(scratch.root.parent))
    assert done.returncode == 0, done.stderr
    assert "not a git repository" in done.stdout
    assert scratch.report()["subject"]["commit"] is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes names of any bytes")
def test_names_of_every_sort_are_read(scratch: Scratch) -> None:
    body = "return Evidence(examined=Examined(unit='files', count=len(ctx.project.files)))"
    scratch.gate("one", body)
    for name in (b"with space.py", b"quote'\".py", b"new\nline.py", b"caf\xe9.py", b"-dash.py"):
        with open(os.fsencode(scratch.root) + b"/" + name, "wb") as stream:  # noqa: PTH123 - bytes
            stream.write(b"x = 1\n")
    (scratch.root / "loop").symlink_to("loop")
    scratch.ready()
    done = scratch.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert scratch.report()["gates"][0]["examined"]["count"] >= 9


def test_run_from_a_folder_below_gates_the_whole_project(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    (scratch.root / "deep" / "down").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "release_gate", "run", "--quiet"],
        cwd=scratch.root / "deep" / "down",
        env=scratch.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert scratch.report()["verdict"] == "pass"
