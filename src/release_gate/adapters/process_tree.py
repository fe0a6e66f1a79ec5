"""Ending a child process together with everything below it.

On POSIX each child leads a session of its own, so that its group can be signalled. On Linux
also those are found that left the group: by parentage, by a mark in their environment, and,
because this process is made the reaper of orphans meanwhile (prctl(2),
PR_SET_CHILD_SUBREAPER), as children of this process. On macOS what leaves the group is out of
reach; on Windows ``taskkill /T`` follows parentage.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release_gate.adapters import proc
from release_gate.adapters.proc import ProcessInfo

MARK = "RELEASE_GATE_CHILD"
GRACE_S = 0.5
LIMIT_S = 1.5
_LOOK_AGAIN_S = 0.01
LINUX = sys.platform == "linux"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A child that was started with :func:`own_session`, and all that came of it.

    Args:
        popen: The child.
        mark: Unique; stands in its variable ``RELEASE_GATE_CHILD``, after the marks of a
            release-gate that this one runs under.
        started: Start time by ``/proc``; 0 where there is none.
    """

    popen: subprocess.Popen[bytes]
    mark: str
    started: int = 0

    def end(self) -> None:
        """End all of it: politely for half a second, then not. Takes at most 1.5 s."""
        end((self,))


def own_session() -> dict[str, Any]:
    """Arguments of ``Popen`` that put a child where it can be ended with all below it.

    A session of its own also takes the terminal away: no tool can wait there for a password,
    and Ctrl-C reaches only us.
    """
    if sys.platform == "win32":  # pragma: no cover - Windows
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def start_time(pid: int) -> int:
    """Start of a process in ticks since boot; 0 where it cannot be told."""
    info = proc.process(pid) if LINUX else None
    return info.started if info else 0


def end(trees: Iterable[Tree], *, strays: Callable[[], set[int]] | None = None) -> None:
    """End several trees at once.

    Args:
        trees: What to end.
        strays: On Linux: pids of orphans that belong to none of them but must go as well.
    """
    trees = tuple(trees)
    if sys.platform == "win32":  # pragma: no cover - Windows
        _end_on_windows(trees)
    elif LINUX and proc.process(os.getpid()):
        _end_members(lambda: _members(trees, strays))
    else:
        _end_groups(trees)


# --- Linux


def _members(
    trees: tuple[Tree, ...], strays: Callable[[], set[int]] | None
) -> tuple[ProcessInfo, ...]:
    """Everything that is alive and belongs to the trees; what has ended is reaped."""
    everyone = proc.processes()
    found = {pid for tree in trees for pid in _of(tree, everyone)}
    found |= strays() if strays else set()
    found |= proc.below(found, everyone)
    found -= {os.getpid()}
    members = [everyone[pid] for pid in sorted(found) if pid in everyone]
    _reap([one for one in members if one.zombie], {tree.popen.pid for tree in trees})
    return tuple(one for one in members if not one.zombie)


def _of(tree: Tree, everyone: dict[int, ProcessInfo]) -> set[int]:
    pid = tree.popen.pid
    leader = everyone.get(pid)
    # Once all of the group has gone, the system may give its number to strangers.
    reused = leader is not None and leader.started != tree.started
    return {
        one.pid
        for one in everyone.values()
        if one.started >= tree.started
        and (
            (not reused and pid in (one.pid, one.group, one.session))
            or tree.mark in proc.marks(one.pid, MARK)
        )
    }


def _reap(zombies: Iterable[ProcessInfo], not_these: set[int]) -> None:
    """Take the exit status of orphans that were handed to us; Popen takes its own child's."""
    for one in zombies:
        if one.parent == os.getpid() and one.pid not in not_these:
            with suppress(ChildProcessError):
                os.waitpid(one.pid, os.WNOHANG)


def _end_members(members: Callable[[], tuple[ProcessInfo, ...]]) -> None:
    started = time.monotonic()
    told: set[tuple[int, int]] = set()
    while alive := members():
        spent = time.monotonic() - started
        if spent > LIMIT_S:
            return
        for one in alive:
            if spent > GRACE_S:
                _signal(one, signal.SIGKILL)
            elif (one.pid, one.started) not in told:
                told.add((one.pid, one.started))
                _signal(one, signal.SIGTERM)
                _signal(one, signal.SIGCONT)
        time.sleep(_LOOK_AGAIN_S)


def _signal(one: ProcessInfo, number: int) -> None:
    now = proc.process(one.pid)
    if now is not None and now.started == one.started:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(one.pid, number)


# --- other POSIX


def _end_groups(trees: tuple[Tree, ...]) -> None:
    for number, patience in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, LIMIT_S - GRACE_S)):
        for tree in trees:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(tree.popen.pid, number)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if not any(_group_is_there(tree) for tree in trees):
                return
            time.sleep(_LOOK_AGAIN_S)


def _group_is_there(tree: Tree) -> bool:
    tree.popen.poll()
    try:
        os.killpg(tree.popen.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


# --- Windows


def _end_on_windows(trees: tuple[Tree, ...]) -> None:  # pragma: no cover - Windows
    taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
    for tree in trees:
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 - a fixed program and a number
                [taskkill, "/F", "/T", "/PID", str(tree.popen.pid)],
                capture_output=True,
                timeout=LIMIT_S,
                check=False,
            )
        with suppress(OSError):
            tree.popen.kill()


# --- orphans


class Orphans:
    """Has orphaned descendants handed to this process instead of to init; Linux only.

    Held while any child runs. What was our child before is not ours to end, nor is what other
    code in this process starts: that shares our session, while every descendant of a child of
    ours is in another one.
    """

    _PR_SET_CHILD_SUBREAPER = 36

    def __init__(self) -> None:
        self._before = {one.pid: one.started for one in self._children()}

    def adopt(self, *, yes: bool) -> None:
        """Begin or stop taking orphans in."""
        if not LINUX:
            return
        import ctypes  # noqa: PLC0415 - not loaded where nothing is run

        # Failure (an old kernel, a sandbox) leaves the other ways of finding descendants.
        ctypes.CDLL(None).prctl(self._PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)

    def strays(self, known: Iterable[int]) -> set[int]:
        """Pids of adopted processes.

        Args:
            known: Pids of children that were started on purpose.
        """
        known = set(known)
        session = os.getsid(0) if LINUX else 0
        return {
            one.pid
            for one in self._children()
            if one.pid not in known
            and self._before.get(one.pid) != one.started
            and one.session != session
        }

    def _children(self) -> list[ProcessInfo]:
        if not LINUX:
            return []
        return [one for one in proc.processes().values() if one.parent == os.getpid()]
