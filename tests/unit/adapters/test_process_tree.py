from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from release_gate.adapters import proc, process_tree, processes
from release_gate.adapters.process_tree import Orphans, Tree, end, own_session, start_time

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform == "win32", reason="signals and groups of POSIX"),
]

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def start(script: str) -> Tree:
    popen = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, **own_session())
    return Tree(popen=popen, mark="x", started=start_time(popen.pid))


def first_line(tree: Tree) -> int:
    assert tree.popen.stdout is not None
    with tree.popen.stdout as stream:
        return int(stream.readline())


def alive(pid: int) -> bool:
    found = proc.process(pid)
    return found is not None and not found.zombie


class Clock:
    """Time that passes only when something sleeps, and what was done when."""

    def __init__(self, *stubborn: int) -> None:
        self.now = 100.0
        self.stubborn = set(stubborn)
        self.sent: dict[int, list[tuple[str, float]]] = {pid: [] for pid in stubborn}

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def signal(self, one: proc.ProcessInfo, number: int) -> None:
        said = (signal.Signals(number).name, round(self.now - 100.0, 6))
        if said[0] not in [name for name, _ in self.sent[one.pid]]:
            self.sent[one.pid].append(said)

    def members(self) -> tuple[proc.ProcessInfo, ...]:
        return tuple(
            proc.ProcessInfo(pid=pid, started=1, parent=1, group=pid, session=pid, zombie=False)
            for pid in sorted(self.stubborn)
        )


@pytest.fixture(params=["by /proc", "by group"])
def _each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "by group":
        monkeypatch.setattr(process_tree, "LINUX", False)


@pytest.mark.usefixtures("_each_way")
def test_a_group_is_ended_politely_first() -> None:
    tree = start("trap 'exit 7' TERM; sleep 60 & echo $!; wait")
    grandchild = first_line(tree)
    tree.end()
    assert tree.popen.wait(1) == 7
    assert not alive(grandchild)


@pytest.mark.usefixtures("_each_way")
def test_what_does_not_listen_is_killed() -> None:
    tree = start("trap '' TERM; echo 1; while :; do sleep 0.01; done")
    first_line(tree)
    tree.end()
    assert tree.popen.wait(1) == -9


@pytest.mark.usefixtures("_each_way")
def test_a_tree_that_has_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = start("echo 1")
    first_line(tree)
    tree.popen.wait()
    clock = Clock()
    monkeypatch.setattr(process_tree, "time", clock)
    tree.end()
    assert clock.now == 100.0


@linux
def test_a_number_that_was_given_to_a_stranger_is_left_alone() -> None:
    stranger = start("echo 1; sleep 60")
    first_line(stranger)
    stale = Tree(popen=stranger.popen, mark="y", started=stranger.started - 1)
    stale.end()
    assert stranger.popen.poll() is None
    stranger.end()
    stranger.popen.wait()


@linux
def test_what_cannot_be_ended_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = start("echo 1; sleep 60")
    first_line(tree)
    with monkeypatch.context() as patch:
        patch.setattr(process_tree, "_signal", lambda *_: None)
        tree.end()
        assert alive(tree.popen.pid)
    tree.end()
    tree.popen.wait()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(7, 8)
    monkeypatch.setattr(process_tree, "time", made)
    monkeypatch.setattr(process_tree, "_signal", made.signal)
    return made


@linux
def test_the_stubborn_are_killed_after_half_a_second_and_given_up_within_two(clock: Clock) -> None:
    process_tree._end_members(clock.members)
    for sent in clock.sent.values():
        assert [name for name, _ in sent] == ["SIGTERM", "SIGCONT", "SIGKILL"]
        assert [when for _, when in sent] == pytest.approx([0, 0, process_tree.GRACE_S], abs=0.02)
    # The rest of two seconds is for taking the exit status of the child itself.
    spent = clock.now - 100.0
    assert spent == pytest.approx(process_tree.LIMIT_S, abs=0.02)
    assert spent + processes._KILLED_BY_NOW_S <= 2.02


@linux
def test_what_ends_when_it_is_killed_is_not_waited_for_any_longer(clock: Clock) -> None:
    def members() -> tuple[proc.ProcessInfo, ...]:
        clock.stubborn -= {pid for pid, sent in clock.sent.items() if "SIGKILL" in dict(sent)}
        return clock.members()

    process_tree._end_members(members)
    assert clock.now - 100.0 == pytest.approx(process_tree.GRACE_S, abs=0.03)


@linux
def test_a_process_that_has_gone_gets_no_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = start("echo 1; sleep 60")
    first_line(tree)
    info = proc.process(tree.popen.pid)
    assert info is not None
    tree.end()
    tree.popen.wait()
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    process_tree._signal(info, 9)
    assert sent == []


@linux
def test_children_from_before_and_of_our_session_are_no_strays() -> None:
    before = start("echo 1; sleep 60")
    orphans = Orphans()
    stray, known = start("echo 1; sleep 60"), start("echo 1; sleep 60")
    same_session = subprocess.Popen(["sleep", "60"])
    try:
        assert orphans.strays({known.popen.pid}) == {stray.popen.pid}
        end((), strays=lambda: orphans.strays({known.popen.pid}))
        assert not alive(stray.popen.pid)
        stray.popen.wait()
    finally:
        for one in (before, known):
            first_line(one)
            one.end()
            one.popen.wait()
        first_line(stray)
        same_session.kill()
        same_session.wait()


def test_elsewhere_there_are_no_orphans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_tree, "LINUX", False)
    orphans = Orphans()
    orphans.adopt(yes=True)
    assert (set(), 0) == (orphans.strays(()), start_time(os.getpid()))


def test_without_proc_nothing_is_seen(tmp_path: Path) -> None:
    assert proc.processes(tmp_path / "nowhere") == {}
    assert proc.process(1, tmp_path) is None
    assert proc.marks(1, "X", tmp_path) == []


def test_a_name_with_brackets_and_spaces(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    numbers = " ".join(str(n) for n in range(4, 53))
    (tmp_path / "7" / "stat").write_text(f"7 (a) b (c) Z 1 2 3 {numbers}\n")
    assert proc.processes(tmp_path) == {
        7: proc.ProcessInfo(pid=7, started=19, parent=1, group=2, session=3, zombie=True)
    }


def test_marks_are_read_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "environ").write_bytes(b"A=1\0XMARK=no\0MARK=one,two\0")
    assert proc.marks(7, "MARK", tmp_path) == ["one", "two"]
    assert proc.marks(7, "NONE", tmp_path) == []
