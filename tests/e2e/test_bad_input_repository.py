"""Repositories and files as nobody wants them: a message or an error, never a wrong pass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

COUNT = (
    "return Evidence(examined=Examined(unit='files',"
    " count=len([f for f in ctx.project.files if f.kind == 'file'])))"
)
# Key of the form that a scanner knows, and of no account that ever was.
KEY = "AKIA" + "Z3" * 8

linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux takes names of any bytes"
)
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def subject(scratch: Scratch) -> dict[str, Any]:
    found: dict[str, Any] = scratch.report()["subject"]
    return found


def refused(scratch: Scratch, *options: str, **more: str) -> str:
    """Standard error of a run that could not judge, and left no report and no traceback."""
    done = scratch.run("run", *options, **more)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "crash-" not in done.stderr
    assert not (scratch.output / "gate.json").exists()
    text: str = done.stderr
    return text


def ready(scratch: Scratch, body: str = "return EVIDENCE") -> None:
    scratch.gate("one", body)
    scratch.ready()


# --- states of the repository


def test_before_the_first_commit_there_is_no_commit_and_it_says_so(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.configure()
    scratch.git("init", "--quiet", "--initial-branch", "main")
    done = scratch.run("run")
    assert done.returncode == 0, done.stderr
    assert "there is no commit yet" in done.stdout
    assert subject(scratch)["commit"] is None


def test_merge_in_conflict_is_dirty_and_no_pass(scratch: Scratch) -> None:
    ready(scratch)
    for branch, text in (("other", "x = 2\n"), ("main", "x = 3\n")):
        scratch.git("checkout", "--quiet", "-B", branch, "main")
        scratch.write("a.py", text)
        scratch.git("commit", "--quiet", "--all", "--message", branch)
    with pytest.raises(subprocess.CalledProcessError):
        scratch.git("merge", "other")
    scratch.configure(expected=["one", "lint"])
    done = scratch.run("run", CI="true")
    assert done.returncode in (1, 3), done.stderr
    assert subject(scratch)["dirty"] is True
    assert scratch.verdicts()["lint"] in ("fail", "error")
    assert "differs from the commit" in scratch.report()["problems"][0]["what"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda git: (git / "HEAD").write_text("rubbish"), id="HEAD"),
        pytest.param(lambda git: (git / "index").write_bytes(b"xx"), id="index"),
        pytest.param(lambda git: shutil.rmtree(git / "objects"), id="objects"),
        pytest.param(lambda git: (git / "config").write_text("[core\n"), id="config"),
    ],
)
def test_broken_repository_is_3_and_not_the_mode_without_git(
    scratch: Scratch, broken: Callable[[Path], object]
) -> None:
    ready(scratch)
    broken(scratch.root / ".git")
    assert "(repository)" in refused(scratch)


def test_work_tree_whose_git_folder_is_gone_is_3(scratch: Scratch) -> None:
    ready(scratch)
    shutil.rmtree(scratch.root / ".git")
    scratch.write(".git", "gitdir: /nowhere/of/this/name\n")
    assert "(repository)" in refused(scratch)


def test_bare_repository_is_3_and_says_what_it_is(scratch: Scratch) -> None:
    ready(scratch)
    scratch.git("config", "core.bare", "true")
    assert "there is no work tree here" in refused(scratch)


def test_repository_of_another_user_is_3_with_the_remedy(scratch: Scratch) -> None:
    ready(scratch)
    text = refused(scratch, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert "git refuses to read the repository" in text
    assert "safe.directory" in text


def test_shallow_clone_without_its_base_is_3_with_the_remedy(scratch: Scratch) -> None:
    ready(scratch)
    scratch.write("a.py", "x = 2\n")
    scratch.git("commit", "--quiet", "--all", "--message", "two")
    clone = scratch.root.with_name("clone")
    scratch.git("clone", "--quiet", "--depth", "1", scratch.root.as_uri(), str(clone))
    scratch.root, scratch.output = clone, clone / "build" / "release-gate"
    assert "git fetch --unshallow" in refused(scratch, "--base", "HEAD~1")
    assert "git fetch --unshallow" in refused(scratch)
    done = scratch.run("run", "--base", "HEAD")
    assert done.returncode == 0, done.stderr


def test_submodule_is_one_entry_and_counts_as_dirty_where_it_moved(scratch: Scratch) -> None:
    other = scratch.root.with_name("other")
    other.mkdir()
    identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
    for command in (["init", "--quiet"], [*identity, "commit", "--quiet", "--allow-empty", "-m1"]):
        subprocess.run(["git", *command], cwd=other, env=scratch.environment, check=True)
    names = "[f.path for f in ctx.project.files if f.kind == 'submodule']"
    scratch.gate("one", f"assert {names} == ['vendor/other']; return EVIDENCE")
    scratch.configure()
    scratch.git("init", "--quiet", "--initial-branch", "main")
    allowed = ("-c", "protocol.file.allow=always")
    scratch.git(*allowed, "submodule", "--quiet", "add", str(other), "vendor/other")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    done = scratch.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    inside = scratch.root / "vendor" / "other"
    command = ["git", *identity, "commit", "--quiet", "--allow-empty", "-m2"]
    subprocess.run(command, cwd=inside, env=scratch.environment, check=True)
    assert scratch.run("run", CI="true").returncode == 3
    assert subject(scratch)["dirty"] is True


def test_project_in_a_folder_of_a_larger_repository_sees_only_itself(scratch: Scratch) -> None:
    whole = scratch.root
    scratch.root = whole / "service"
    scratch.output = scratch.root / "build" / "release-gate"
    names = "[f.path for f in ctx.project.files]"
    body = f"assert {names} == ['a.py', 'gates/one.py', 'pyproject.toml'], {names}; return EVIDENCE"
    scratch.write("a.py", "x = 1\n")
    scratch.gate("one", body)
    scratch.configure()
    scratch.root = whole
    scratch.git("init", "--quiet", "--initial-branch", "main")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    scratch.write("b.py", "x = 1\n")  # beside the project: it is not dirty by that
    scratch.root = whole / "service"
    done = scratch.run("run", CI="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert subject(scratch)["dirty"] is False


def test_a_repository_without_git_on_the_path_is_3(scratch: Scratch) -> None:
    ready(scratch)
    assert "git is not on PATH" in refused(scratch, PATH=str(scratch.marks))


def test_variables_of_a_git_hook_lead_to_no_other_repository(scratch: Scratch) -> None:
    ready(scratch)
    nowhere = str(scratch.marks)
    more = {"GIT_DIR": nowhere, "GIT_INDEX_FILE": f"{nowhere}/index", "GIT_WORK_TREE": nowhere}
    done = scratch.run("run", **more)
    assert done.returncode == 0, done.stderr
    assert subject(scratch)["commit"] is not None
    assert subject(scratch)["dirty"] is False


# --- names and kinds of files

ODD = (
    b"with space.py",
    b"quote'\".py",
    b"new\nline.py",
    b"caf\xe9.py",
    b"-dash.py",
    b"--config=x.py",
    b"@args.py",
    b"star*[b]?.py",
    b"{root}%s.py",
    b"tab\t\x1b[31m.py",
    b"back\\slash.py",
    "na\u00efve\u202e.py".encode(),
)


@linux_only
def test_a_finding_in_a_file_of_any_name_is_found_and_written(scratch: Scratch) -> None:
    for name in ODD:
        with open(os.fsencode(scratch.root) + b"/" + name, "wb") as stream:  # noqa: PTH123 - bytes
            stream.write(f'import os\r\n\r\nkey = "{KEY}"\r\n'.encode())
    scratch.ready()
    scratch.configure(expected=["lint", "secrets", "security"])
    done = scratch.run("run")
    assert done.returncode == 1, done.stdout + done.stderr
    gates = {one["id"]: one for one in scratch.report()["gates"]}
    assert {name: one["problems"] for name, one in gates.items()} == {one: [] for one in gates}
    unused = [one for one in gates["lint"]["findings"] if one["rule_id"] == "F401"]
    keys = [one for one in gates["secrets"]["findings"] if one["rule_id"] == "aws-access-key"]
    assert len({one["path"] for one in unused}) == len(ODD)
    assert len({one["path"] for one in keys}) == len(ODD)
    assert gates["security"]["examined"]["count"] == len(ODD) + 1
    for written in ("gate.json", "report.html", "summary.md"):
        text = (scratch.output / written).read_text("utf-8")
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert KEY not in text


@linux_only
def test_a_name_of_any_bytes_can_be_asked_for(scratch: Scratch) -> None:
    scratch.gate("one", "assert len(ctx.paths) == 2, ctx.paths; return EVIDENCE")
    for name in (b"caf\xe9.py", b"-dash.py"):
        with open(os.fsencode(scratch.root) + b"/" + name, "wb") as stream:  # noqa: PTH123 - bytes
            stream.write(b"x = 1\n")
    scratch.ready()
    odd = os.fsdecode(b"caf\xe9.py")
    done = scratch.run("run", "--gate", "one", "--path", odd, "--path=-dash.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert scratch.run("plan", "--json", "--path", odd).returncode == 0


@posix_only
def test_links_lead_nowhere(scratch: Scratch) -> None:
    outside = scratch.root.with_name("outside")
    outside.mkdir()
    (outside / "secret.py").write_text(f'key = "{KEY}"\n')
    scratch.gate("one", COUNT)
    (scratch.root / "loop").symlink_to("loop")
    (scratch.root / "self").symlink_to(".")
    (scratch.root / "out.py").symlink_to(outside / "secret.py")
    (scratch.root / "out").symlink_to(outside)
    os.mkfifo(scratch.root / "pipe.py")
    scratch.ready()
    scratch.configure(expected=["one", "secrets"])
    done = scratch.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert scratch.report()["gates"][0]["examined"]["count"] == 4
    assert KEY not in (scratch.output / "gate.json").read_text()


def test_lines_that_end_as_on_windows_keep_their_numbers(scratch: Scratch) -> None:
    scratch.write("b.py", "")
    (scratch.root / "b.py").write_bytes(f'x = 1\r\nimport os\r\nkey = "{KEY}"\r\n'.encode())
    scratch.ready()
    scratch.configure(expected=["lint", "secrets"])
    assert scratch.run("run").returncode == 1
    found = {
        (finding["rule_id"], finding["line"])
        for gate in scratch.report()["gates"]
        for finding in gate["findings"]
    }
    assert {("F401", 2), ("aws-access-key", 3)} <= found


@posix_only
@pytest.mark.parametrize("name", ["a b'\"\n[x] {y} $z", "r" * 200 + "/" + "s" * 200])
def test_root_of_any_name_is_judged(scratch: Scratch, name: str) -> None:
    scratch.root = scratch.root / name
    scratch.output = scratch.root / "build" / "release-gate"
    scratch.write("a.py", "x = 1\n")
    scratch.gate("one")
    scratch.ready()
    scratch.configure(expected=["one", "lint", "secrets", "security"])
    scratch.write("gates/one.py", (scratch.root / "gates/one.py").read_text() + "# ruff: noqa\n")
    done = scratch.run("run")
    assert done.returncode in (0, 1), done.stdout + done.stderr  # the gate's layout may displease
    assert set(scratch.verdicts().values()) <= {"pass", "fail"}


@linux_only
def test_path_longer_than_the_system_takes_is_3(scratch: Scratch) -> None:
    ready(scratch)
    before = Path.cwd()
    try:
        os.chdir(scratch.root)
        for _ in range(25):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
        Path("x.py").write_text("x = 1\n")
    finally:
        os.chdir(before)
    assert "cannot be listed" in refused(scratch)
    subprocess.run(["rm", "-rf", str(scratch.root / ("d" * 200))], check=True)


def test_fifty_thousand_files_are_planned_and_listed_again(scratch: Scratch) -> None:
    scratch.gate("one", COUNT)
    for folder in range(500):
        inside = scratch.root / f"part{folder:03}"
        inside.mkdir()
        for file in range(100):
            (inside / f"m{file:02}.py").touch()
    scratch.ready()
    since = time.monotonic()
    done = scratch.run("run", "--quiet")
    assert done.returncode == 0, done.stderr
    assert scratch.report()["gates"][0]["examined"]["count"] == 50_004
    assert time.monotonic() - since < 20


# --- while it runs


def test_file_that_goes_away_is_named_and_no_gate_passes_over_it(scratch: Scratch) -> None:
    scratch.gate("goes", "(ctx.project.root / 'a.py').unlink(); return EVIDENCE")
    scratch.ready()
    scratch.configure(expected=["goes", "lint"])
    done = scratch.run("run", "--jobs", "1")
    assert done.returncode == 3, done.stdout
    assert scratch.report()["problems"][0]["what"].startswith("a.py disappeared during the run")
    assert scratch.verdicts()["lint"] == "error"


def test_project_that_goes_away_as_a_whole_is_3(scratch: Scratch) -> None:
    ready(scratch, "import shutil; shutil.rmtree(ctx.project.root); return EVIDENCE")
    done = scratch.run("run")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


# --- a checkout that nobody may write to


@pytest.mark.skipif(
    sys.platform != "linux" or (hasattr(os, "geteuid") and os.geteuid() != 0),
    reason="mounting takes root on Linux",
)
def test_read_only_checkout_is_3_unless_the_output_lies_elsewhere(scratch: Scratch) -> None:
    ready(scratch)
    here, there = str(scratch.root), scratch.root.with_name("there")
    if subprocess.run(["mount", "--bind", here, here], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", here], check=True)
        assert "Read-only file system" in refused(scratch)
        done = scratch.run("run", "--output", str(there))
        assert done.returncode == 0, done.stdout + done.stderr
        assert (there / "gate.json").is_file()
    finally:
        subprocess.run(["umount", here], check=True)
