from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.adapters.locks import FileLock, LockHeld
from release_gate.adapters.output import OutputFolder
from release_gate.errors import OutputLocked, OutputProblem
from release_gate.testing import FixedClock

pytestmark = pytest.mark.unit

HOLD = """
import sys, time
from pathlib import Path
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.locks import FileLock
from release_gate.adapters.output import OutputFolder
with OutputFolder(Path(sys.argv[1]), SystemClock()):
    print("held", flush=True)
    time.sleep(60)
"""


def output(path: Path) -> OutputFolder:
    return OutputFolder(path, FixedClock())


def files(folder: Path) -> list[str]:
    found = (one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())
    return sorted(found)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("only root on Linux can make a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_the_folder_makes_and_ignores_itself(tmp_path: Path) -> None:
    place = tmp_path / "build" / "release-gate"
    with output(place) as made:
        assert [place / "logs", place / "artifacts", place / "parts"] == [
            made.logs,
            made.artifacts,
            made.parts,
        ]
        assert all(one.is_dir() for one in (made.logs, made.artifacts, made.parts))
    assert files(place) == [".gitignore", ".lock"]
    assert "*" in (place / ".gitignore").read_text().splitlines()


def test_git_sees_nothing_of_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    with output(tmp_path / "out") as made:
        made.write("gate.json", b"{}\n")
    status = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=tmp_path, check=True, capture_output=True
    )
    assert status.stdout == b""


def test_a_file_is_written_and_written_over(tmp_path: Path) -> None:
    with output(tmp_path / "out") as made:
        made.write("parts/lint.json", b"one")
        assert made.parts / "lint.json" == made.write("parts/lint.json", b"two")
    assert (tmp_path / "out/parts/lint.json").read_bytes() == b"two"
    assert files(tmp_path / "out") == [".gitignore", ".lock", "parts/lint.json"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a\\b"])
def test_names_outside_are_refused(tmp_path: Path, name: str) -> None:
    with output(tmp_path / "out") as made, pytest.raises(OutputProblem, match="no name within"):
        made.write(name, b"")


def test_two_runs_at_once_the_second_says_so(tmp_path: Path) -> None:
    with (
        output(tmp_path / "out"),
        pytest.raises(OutputLocked, match=rf"process {os.getpid()}, since 03:04:05 UTC, is writ"),
        output(tmp_path / "out"),
    ):
        pass
    with output(tmp_path / "out"):
        pass


def test_threads_keep_each_other_out_too(tmp_path: Path) -> None:
    seen: list[type[BaseException]] = []

    def enter() -> None:
        try:
            with output(tmp_path / "out"):
                pass
        except OutputLocked as error:
            seen.append(type(error))

    with output(tmp_path / "out"):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert [OutputLocked] == seen


def test_the_lock_of_a_killed_run_is_no_lock(tmp_path: Path) -> None:
    place = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OutputLocked, match=f"process {holder.pid}"), output(place):
            pass
        holder.kill()
    with output(place):
        pass


def test_children_do_not_inherit_the_lock(tmp_path: Path) -> None:
    with output(tmp_path / "out"):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with output(tmp_path / "out") as second:
            assert child.poll() is None
            assert second.write("gate.json", b"whole").read_bytes() == b"whole"
    finally:
        child.kill()
        child.wait()


def test_what_a_killed_run_left_half_written_goes(tmp_path: Path) -> None:
    with output(tmp_path / "out") as made:
        made.write("gate.json", b"whole")
    (tmp_path / "out" / ".writing-1-gate.json").write_bytes(b"ha")
    (tmp_path / "out" / "parts" / ".writing-1-lint.json").write_bytes(b"ha")
    with output(tmp_path / "out"):
        pass
    assert files(tmp_path / "out") == [".gitignore", ".lock", "gate.json"]


def test_logs_of_earlier_runs_go(tmp_path: Path) -> None:
    with output(tmp_path / "out") as made:
        for name in ("lint", "types", "coverage"):
            (made.logs / f"{name}.log").write_text("old")
        (made.logs / "a-folder").mkdir()
        made.fresh_logs(["lint"])
        assert files(made.logs) == ["coverage.log", "types.log"]
        made.fresh_logs()
        assert files(made.logs) == []


def test_letting_go_twice_leaves_the_lock_of_the_next_alone(tmp_path: Path) -> None:
    first, second = (FileLock(tmp_path / "lock", name) for name in ("first", "second"))
    first.acquire()
    first.release()
    second.acquire()
    first.release()
    with pytest.raises(LockHeld) as held:
        first.acquire()
    assert held.value.holder == "second"
    second.release()


def test_a_holder_that_cannot_be_read_is_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: Path) -> bytes:
        raise OSError(5, "x")

    with output(tmp_path / "out"):
        monkeypatch.setattr(Path, "read_bytes", unreadable)
        with pytest.raises(OutputLocked, match="another process is writing"):
            output(tmp_path / "out").__enter__()


def test_a_file_in_the_way_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputProblem) as caught, output(tmp_path / "out"):
        pass
    assert caught.value.what == "out cannot be written: File exists"
    assert "--output" in caught.value.remedy


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputProblem, match="cannot be written"), output(Path("/proc/out")):
        pass


def test_a_full_disk_leaves_the_earlier_report_and_no_rest(small: Path) -> None:
    place = small / "out"
    with OutputFolder(place, SystemClock()) as made:
        made.write("gate.json", b"earlier")
        before = files(place)
        with pytest.raises(OutputProblem, match=r"gate.json cannot be written: No space left"):
            made.write("gate.json", b"x" * 100_000)
        with pytest.raises(OutputProblem, match="No space left"):
            made.write_all({"gate.json": b"new", "report.html": b"x" * 100_000})
    assert before == files(place)
    assert (place / "gate.json").read_bytes() == b"earlier"


def test_files_that_belong_together_are_written_together(tmp_path: Path) -> None:
    with output(tmp_path / "out") as made:
        made.write_all({"gate.json": b"{}", "report.html": b"<p>", "sub/x.md": b"#"})
    assert files(tmp_path / "out") == [
        ".gitignore",
        ".lock",
        "gate.json",
        "report.html",
        "sub/x.md",
    ]


def test_a_name_that_cannot_be_used_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    with output(tmp_path / "out") as made:
        made.write_all({"gate.json": b"old", "report.html": b"old"})
        (made.path / "summary.md").mkdir()
        (made.path / "summary.md" / "x").touch()
        with pytest.raises(OutputProblem, match=r"summary.md"):
            made.write_all({"gate.json": b"new", "summary.md": b"new"})
    assert (tmp_path / "out/gate.json").read_bytes() == b"old"
    assert not [one for one in files(tmp_path / "out") if "writing" in one]


@pytest.mark.parametrize("what", ["fsync", "write"])
def test_an_error_that_comes_late_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with output(tmp_path / "out") as made:
        made.write("gate.json", b"earlier")
        monkeypatch.setattr(os, what, full)
        with pytest.raises(OutputProblem, match="No space left"):
            made.write("gate.json", b"new")
        monkeypatch.undo()
    assert (tmp_path / "out/gate.json").read_bytes() == b"earlier"
    assert files(tmp_path / "out") == [".gitignore", ".lock", "gate.json"]


def test_the_lock_is_let_go_if_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "logs").write_text("in the way")
    for _ in range(2):
        with pytest.raises(OutputProblem, match="File exists"), output(tmp_path / "out"):
            pass
