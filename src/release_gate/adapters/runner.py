"""Running one program for one gate: deadline, log, output, and what every end means."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from release_gate.adapters.channel import Channel, channel
from release_gate.adapters.child_output import Held, Lines, Log, Pipe, Sink, ToLog, write_all
from release_gate.adapters.process_tree import Tree
from release_gate.adapters.spawn import Command
from release_gate.errors import DeadlineExceeded
from release_gate.ports import Clock, Completed
from release_gate.redact import Redactor

# How long something that cannot be ended may hold a pipe open after the child has ended.
_PATIENCE_S = 1.0
_TICK_S = 0.05
_SHOWN_ARGUMENTS = 40

OnLine = Callable[[str], None]


class Children(Protocol):
    """What a runner needs of the one place that knows all children of a run."""

    root: Path
    clock: Clock
    redactor: Redactor
    held_bytes: int

    def check(self) -> None:
        """Raise ``Interrupted`` if the run is being ended."""
        ...

    def child(self, command: Command) -> AbstractContextManager[Tree]:
        """Start a program; on the way out nothing of it is left."""
        ...

    def finish(self, tree: Tree) -> None:
        """End what is left of a tree."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    command: Command
    until: float
    limit_s: float
    stdin: bytes | None
    on_line: OnLine | None

    @property
    def name(self) -> str:
        return Path(self.command.argv[0]).name


class GateRunner:
    """Implements :class:`release_gate.ports.Runner` and :class:`release_gate.ports.HostRunner`.

    Args:
        processes: Everything that runs.
        gate_id: For messages.
        log: Appended to.
        deadline_s: Seconds for all commands together, from now on.
    """

    def __init__(self, processes: Children, gate_id: str, log: Path, deadline_s: float) -> None:
        self._processes = processes
        self._gate_id = gate_id
        self._log = log
        self._deadline_s = deadline_s
        # Real time even where the clock stands still: a deadline that never comes is none.
        self._until = time.monotonic() + deadline_s

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
        stdin: bytes | None = None,
        on_line: OnLine | None = None,
    ) -> Completed:
        """See :meth:`release_gate.ports.Runner.run`."""
        command = self._command(argv, cwd, env or {}, stdin=stdin is not None)
        return self._run(self._call(command, timeout, stdin, on_line), None)

    def run_with_channel(
        self,
        argv: Sequence[str],
        payload: bytes,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
        on_line: OnLine | None = None,
    ) -> tuple[Completed, bytes]:
        """See :meth:`release_gate.ports.HostRunner.run_with_channel`."""
        with channel(self._processes.held_bytes) as way_out:
            changes = {**(env or {}), **way_out.variables}
            command = self._command(argv, cwd, changes, stdin=True, pass_fds=way_out.pass_fds)
            completed = self._run(self._call(command, timeout, payload, on_line), way_out)
            return completed, way_out.value()

    def _command(
        self,
        argv: Sequence[str],
        cwd: Path | None,
        changes: Mapping[str, str | None],
        *,
        stdin: bool,
        pass_fds: tuple[int, ...] = (),
    ) -> Command:
        return Command(
            argv=tuple(os.fspath(part) for part in argv),
            cwd=cwd or self._processes.root,
            changes=changes,
            stdin=stdin,
            pass_fds=pass_fds,
        )

    def _call(
        self, command: Command, timeout: float | None, stdin: bytes | None, on_line: OnLine | None
    ) -> _Call:
        until, limit_s = self._until, self._deadline_s
        if timeout is not None and time.monotonic() + timeout < until:
            until, limit_s = time.monotonic() + timeout, timeout
        return _Call(command=command, until=until, limit_s=limit_s, stdin=stdin, on_line=on_line)

    def _run(self, call: _Call, way_out: Channel | None) -> Completed:
        self._processes.check()
        if time.monotonic() >= call.until:
            raise self._late(call, "had no time left to start")
        with closing(Log(self._log, self._processes.redactor)) as log:
            log.say(f"$ {_shown(call.command.argv)}")
            try:
                completed = self._completed(call, way_out, log)
            except BaseException as error:
                log.say(f"[ended: {type(error).__name__}: {error}]")
                raise
            log.say(f"[exit {completed.exit_code} after {completed.duration_s:.2f} s]")
            return completed

    def _completed(self, call: _Call, way_out: Channel | None, log: Log) -> Completed:
        clock = self._processes.clock
        started = clock.monotonic()
        out = Held(self._processes.held_bytes, f"standard output of {call.name}")
        err = Held(self._processes.held_bytes, f"standard error of {call.name}")
        with self._processes.child(call.command) as tree:
            pipes = _pipes(tree.popen, out, err, log, call.on_line)
            pipes += way_out.opened() if way_out else ()
            if tree.popen.stdin:
                write_all(tree.popen.stdin, call.stdin or b"")
            try:
                exit_code = self._wait(tree, call, pipes)
            finally:
                # What the child left behind may hold the pipes open.
                self._processes.finish(tree)
                for pipe in pipes:
                    pipe.join(_PATIENCE_S)
            _raise_failure(pipes)
        return Completed(
            argv=call.command.argv,
            exit_code=exit_code,
            stdout=out.value(),
            stderr=err.value(),
            duration_s=clock.monotonic() - started,
            log=self._log,
        )

    def _wait(self, tree: Tree, call: _Call, pipes: tuple[Pipe, ...]) -> int:
        while True:
            try:
                code = tree.popen.wait(_TICK_S)
            except subprocess.TimeoutExpired:
                code = None
            # First of all, since a child that was ended with the run has an exit code too.
            self._processes.check()
            _raise_failure(pipes)
            if code is not None:
                return code
            if time.monotonic() >= call.until:
                raise self._late(call, "was still running and was ended")

    def _late(self, call: _Call, what: str) -> DeadlineExceeded:
        return DeadlineExceeded(
            f"{call.name} {what}: its deadline was {call.limit_s:g} s",
            self._log,
            remedy=f'Raise "deadline" in the table of {self._gate_id}, or see in the log what it '
            "was waiting for.",
        )


def _pipes(
    popen: subprocess.Popen[bytes], out: Held, err: Held, log: Log, on_line: OnLine | None
) -> tuple[Pipe, ...]:
    if popen.stdout is None or popen.stderr is None:
        raise AssertionError("a child is always started with both pipes")
    told = _one_at_a_time(on_line) if on_line else None

    def sinks(held: Held) -> tuple[Sink, ...]:
        return (held, ToLog(log), *([Lines(told)] if told else []))

    return (
        Pipe(popen.stdout, sinks(out), "standard output"),
        Pipe(popen.stderr, sinks(err), "standard error"),
    )


def _one_at_a_time(on_line: OnLine) -> OnLine:
    lock = threading.Lock()

    def told(line: str) -> None:
        with lock:
            on_line(line)

    return told


def _raise_failure(pipes: tuple[Pipe, ...]) -> None:
    for pipe in pipes:
        if pipe.failure is not None:
            raise pipe.failure


def _shown(argv: tuple[str, ...]) -> str:
    shown = shlex.join(argv[:_SHOWN_ARGUMENTS])
    more = len(argv) - _SHOWN_ARGUMENTS
    return f"{shown} … and {more} more" if more > 0 else shown
