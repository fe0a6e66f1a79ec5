"""Surroundings as nobody wants them: variables, streams, disks, gates of the configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="closes streams through a shell")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs a device or mount of Linux")


def by_shell(scratch: Scratch, redirect: str) -> subprocess.CompletedProcess[str]:
    """A run whose streams a shell has led elsewhere."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -m release_gate run --json {redirect}', sys.executable],
        cwd=scratch.root,
        env=scratch.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# --- gates that the configuration names


def test_gate_files_that_misbehave_on_loading_are_errors_and_the_others_finish(
    scratch: Scratch,
) -> None:
    texts = {
        "rubbish": 'import os\nos.write(1, b\'{"gate_id": "rubbish"}\' * 999)\nGATE = 1\n',
        "exits": "import os\nos._exit(0)\n",
        "leaves": "import sys\nsys.exit(0)\n",
        "sleeps": "import time\ntime.sleep(600)\n",
        "raises": "raise KeyboardInterrupt\n",
        "recurses": "def f(): f()\nf()\n",
        "bytes": "\0\0",
    }
    scratch.gate("asked", applies="1 / 0")
    scratch.gate("limited")
    limited = (scratch.root / "gates/limited.py").read_text()
    scratch.write("gates/limited.py", limited.replace("lambda s, p: ()", "lambda s, p: 1 / 0"))
    for name in texts:
        scratch.gate(name)
    for name, text in texts.items():
        scratch.write(f"gates/{name}.py", text)
    scratch.gate("fine")
    scratch.ready("\n[tool.release-gate.gates.sleeps]\ndeadline = '3s'\n")
    done = scratch.run("run", "--jobs", "4")
    assert done.returncode == 3, done.stderr
    gates = {one["id"]: one for one in scratch.report()["gates"]}
    assert gates.pop("fine")["verdict"] == "pass"
    assert set(gates) == {*texts, "asked", "limited"}
    for one in gates.values():
        assert one["verdict"] == "error"
        assert one["problems"][0]["log"] == f"logs/{one['id']}.log"
        assert (scratch.output / "logs" / f"{one['id']}.log").is_file()


def test_a_gate_that_runs_the_chain_again_is_told_who_writes(scratch: Scratch) -> None:
    body = (
        "import subprocess; command = [sys.executable, '-m', 'release_gate', 'run'];"
        " done = subprocess.run(command, cwd=ctx.project.root, capture_output=True, text=True);"
        " assert done.returncode == 3 and 'is writing to' in done.stderr, done; return EVIDENCE"
    )
    scratch.gate("one", body)
    scratch.ready()
    done = scratch.run("run")
    assert done.returncode == 0, done.stdout


def test_two_runs_at_once_the_second_says_so_and_leaves_the_first_alone(scratch: Scratch) -> None:
    wait = (
        "marks = Path(os.environ['MARKS']); (marks / 'up').write_text('x');"
        " [time.sleep(0.02) for _ in range(2000) if not (marks / 'go').exists()]; return EVIDENCE"
    )
    scratch.gate("one", wait)
    scratch.ready()
    first = scratch.start("run")
    scratch.wait_for_mark("up")
    for options in ((), ("--gate", "one")):
        second = scratch.run("run", *options)
        assert second.returncode == 3
        assert f"process {first.pid}, since " in second.stderr
        assert "(output-locked)" in second.stderr
    (scratch.marks / "go").write_text("x")
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert scratch.report()["verdict"] == "pass"


def test_phases_without_gates_and_all_gates_skipped_are_3(scratch: Scratch) -> None:
    scratch.gate("one")
    skipped = "\n[tool.release-gate.gates.one]\nskip-reason = 'we know'\n"
    scratch.ready(f"{skipped}[tool.release-gate.phases.later]\n")
    assert scratch.run("run", "--phase", "later").returncode == 3
    done = scratch.run("run")
    assert done.returncode == 3
    assert "a run of nothing is not a pass" in done.stdout
    assert scratch.verdicts() == {"one": "skipped"}


def test_expected_gates_with_no_python_to_look_at_are_3(scratch: Scratch) -> None:
    for name in ("a.py", "noxfile.py"):
        (scratch.root / name).unlink()
    scratch.configure(expected=["lint", "types", "security", "coverage", "dependencies"])
    done = scratch.run("run", GIT_CEILING_DIRECTORIES=str(scratch.root.parent))
    assert done.returncode == 3, done.stderr
    assert set(scratch.verdicts().values()) == {"error"}


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_advisories_that_hold_none_are_3(scratch: Scratch, content: bytes | None) -> None:
    scratch.write("requirements.txt", f"idna==3.6 --hash=sha256:{'0' * 64}\n")
    scratch.configure(expected=["dependencies"])
    archive = scratch.marks / "all.zip"
    if content is not None:
        archive.write_bytes(content)
    done = scratch.run("run", RELEASE_GATE_ADVISORIES=str(archive))
    assert done.returncode == 3, done.stdout
    (problem,) = scratch.report()["gates"][0]["problems"]
    assert "all.zip" in problem["what"]
    assert "RELEASE_GATE_ADVISORIES" in problem["what"]


# --- variables


@pytest.mark.parametrize(
    "more",
    [
        {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2", "PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "1", "TMPDIR": "/nowhere/of/this/name", "TZ": "Nowhere/Here"},
    ],
    ids=["german", "ascii", "python", "odd"],
)
def test_variables_change_no_verdict(scratch: Scratch, more: dict[str, str]) -> None:
    scratch.gate("one")
    scratch.ready()
    scratch.configure(expected=["one", "secrets"])
    done = scratch.run("run", **more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert scratch.verdicts() == {"one": "pass", "secrets": "pass"}


def test_modules_on_the_python_path_take_no_tools_place(scratch: Scratch) -> None:
    for name in ("ruff", "bandit", "detect_secrets", "yaml", "stevedore"):
        (scratch.marks / f"{name}.py").write_text("raise SystemExit(0)\n")
    (scratch.marks / "startup.py").write_text("raise SystemExit(0)\n")
    scratch.write("b.py", "import os\n")
    scratch.configure(expected=["lint", "security", "secrets"])
    more = {"PYTHONPATH": str(scratch.marks), "PYTHONSTARTUP": str(scratch.marks / "startup.py")}
    done = scratch.run("run", **more)
    assert done.returncode == 1, done.stdout + done.stderr
    assert scratch.verdicts() == {"lint": "fail", "security": "pass", "secrets": "pass"}


def test_module_that_ends_the_process_on_import_is_no_pass(scratch: Scratch) -> None:
    (scratch.marks / "coverage.py").write_text("raise SystemExit(0)\n")
    scratch.gate("one")
    scratch.ready()
    done = scratch.run("run", PYTHONPATH=str(scratch.marks))
    assert done.returncode == 3
    assert "SystemExit: 0" in done.stderr


@pytest.mark.parametrize("home", [None, "", "relative", "/proc/nowhere"])
def test_no_home_is_a_message_unless_the_cache_lies_elsewhere(
    scratch: Scratch, home: str | None
) -> None:
    scratch.gate("one")
    scratch.ready()
    del scratch.environment["HOME"]
    more = {} if home is None else {"HOME": home}
    assert scratch.run("run", **more).returncode == 0
    del scratch.environment["RELEASE_GATE_CACHE"]
    done = scratch.run("run", **more)
    assert done.returncode in (2, 3)
    assert "RELEASE_GATE_CACHE" in done.stderr
    assert "crash-" not in done.stderr


# --- streams


@posix_only
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_closed_streams_change_neither_output_nor_exit_code(scratch: Scratch, closed: str) -> None:
    scratch.gate("one")
    scratch.ready()
    done = by_shell(scratch, closed)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == scratch.report()


@posix_only
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_without_any_output_the_report_and_the_exit_code_stay(
    scratch: Scratch, closed: str
) -> None:
    scratch.gate("one")
    scratch.ready()
    done = by_shell(scratch, closed)
    assert done.returncode == 0, done.stderr
    assert scratch.verdicts() == {"one": "pass"}


@linux_only
def test_standard_output_that_is_full_is_3_in_one_line(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    done = by_shell(scratch, ">/dev/full")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == (
        "release-gate: standard output cannot be written: No space left on device (output-folder)"
    )


@posix_only
def test_present_folder_that_is_gone_is_2(scratch: Scratch) -> None:
    scratch.ready()
    command = 'mkdir gone; cd gone; rmdir ../gone; exec "$0" -m release_gate run'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable],
        cwd=scratch.root,
        env=scratch.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "the present folder has been removed" in done.stderr


# --- disks


@pytest.mark.skipif(
    sys.platform != "linux" or (hasattr(os, "geteuid") and os.geteuid() != 0),
    reason="mounting takes root on Linux",
)
def test_full_disk_is_3_in_one_line_and_the_earlier_report_is_untouched(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    scratch.output.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(scratch.output)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        assert scratch.run("run").returncode == 0
        before = content(scratch.output)
        _fill(scratch.output / "logs" / "ballast", leave=8192)
        (scratch.output / "logs" / "ballast").rename(scratch.output / "ballast")
        done = scratch.run("run", "--quiet")
        assert done.returncode == 3
        assert "cannot be written: No space left on device" in done.stderr.splitlines()[0]
        assert "Traceback" not in done.stderr
        assert content(scratch.output) == before
        assert not list(scratch.output.rglob(".writing-*"))
    finally:
        subprocess.run(["umount", str(scratch.output)], check=True)


def content(folder: Path) -> dict[str, bytes]:
    names = ("gate.json", "report.html", "summary.md")
    return {name: (folder / name).read_bytes() for name in names}


def _fill(file: Path, *, leave: int) -> None:
    room = os.statvfs(file.parent)
    file.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - leave))
