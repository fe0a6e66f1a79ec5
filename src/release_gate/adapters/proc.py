"""Reading Linux's ``/proc``: who runs, below whom, and with which mark.

Formats: proc_pid_stat(5) and proc_pid_environ(5).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_ZOMBIE = b"Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessInfo:
    """One process at one moment.

    Args:
        pid: Its id, which the system gives to another process one day.
        started: Clock ticks since boot; with the pid it is unique.
        parent: Its parent's pid.
        group: Its process group.
        session: Its session.
        zombie: Whether it has ended and waits to be reaped.
    """

    pid: int
    started: int
    parent: int
    group: int
    session: int
    zombie: bool


def processes(proc: Path = PROC) -> dict[int, ProcessInfo]:
    """Every process that can be seen, by pid."""
    found = (process(int(name), proc) for name in _numbers(proc))
    return {one.pid: one for one in found if one is not None}


def process(pid: int, proc: Path = PROC) -> ProcessInfo | None:
    """One process; ``None`` if it has gone."""
    try:
        line = (proc / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The name stands in brackets and may itself hold brackets and spaces.
    fields = line[line.rfind(b")") + 2 :].split()
    return ProcessInfo(
        pid=pid,
        started=int(fields[19]),
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        zombie=fields[0] == _ZOMBIE,
    )


def marks(pid: int, name: str, proc: Path = PROC) -> list[str]:
    """The values, split at commas, of a variable that a process was started with."""
    try:
        variables = (proc / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # another user's, or gone
    start = f"{name}=".encode()
    found = [one[len(start) :] for one in variables if one.startswith(start)]
    return os.fsdecode(found[0]).split(",") if found else []


def below(roots: set[int], everyone: dict[int, ProcessInfo]) -> set[int]:
    """Pids of all descendants of some processes, without these."""
    children: dict[int, list[int]] = {}
    for one in everyone.values():
        children.setdefault(one.parent, []).append(one.pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        new = [pid for pid in children.get(waiting.pop(), ()) if pid not in found]
        found.update(new)
        waiting += new
    return found - roots


def _numbers(proc: Path) -> Iterator[str]:
    try:
        names = os.listdir(proc)  # noqa: PTH208 - names only, several times a second
    except OSError:
        return
    yield from (name for name in names if name.isdigit())
