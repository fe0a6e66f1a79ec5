"""Every child process of a run: one place that knows all of them and can end them."""

from __future__ import annotations

import secrets
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from release_gate.adapters.child_environment import child_environment
from release_gate.adapters.process_tree import MARK, Orphans, Tree, end, start_time
from release_gate.adapters.runner import GateRunner
from release_gate.adapters.spawn import Command, spawn
from release_gate.errors import Interrupted
from release_gate.ports import Clock
from release_gate.redact import Redactor

HELD_BYTES = 64_000_000
_KILLED_BY_NOW_S = 0.5


class Processes:
    """Starts programs for gates and ends them all on Ctrl-C.

    Args:
        root: The project's root, where programs start unless told otherwise.
        environment: The process environment as injected.
        clock: For the durations that are reported. Deadlines go by real time.
        redactor: What must not stand in any log.
        held_bytes: Most bytes that are kept of one stream.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str],
        clock: Clock,
        *,
        redactor: Redactor | None = None,
        held_bytes: int = HELD_BYTES,
    ) -> None:
        self.root = root
        self.clock = clock
        self.redactor = redactor or Redactor()
        self.held_bytes = held_bytes
        self._environment = environment
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._trees: dict[str, Tree] = {}
        self._orphans: Orphans | None = None

    def for_gate(self, gate_id: str, log: Path, deadline_s: float) -> GateRunner:
        """A runner bound to one gate; its deadline begins now.

        Args:
            gate_id: For messages.
            log: Appended to.
            deadline_s: Seconds that all of the gate's commands have together.
        """
        return GateRunner(self, gate_id, log, deadline_s)

    def cancel(self) -> None:
        """Let every ``run`` end its own child and raise; returns at once, safe in a handler."""
        self._cancelled.set()

    def end_all(self) -> None:
        """End every child and everything below it within two seconds; later ``run`` raise."""
        self.cancel()
        with self._lock:
            trees = tuple(self._trees.values())
            orphans = self._orphans
        if orphans:
            known = {tree.popen.pid for tree in trees}
            end(trees, strays=lambda: orphans.strays(known))

    def check(self) -> None:
        """Raise if the run is being ended.

        Raises:
            Interrupted: If so.
        """
        if self._cancelled.is_set():
            raise Interrupted("the run is being ended")

    @contextmanager
    def child(self, command: Command) -> Iterator[Tree]:
        """Start a program; on the way out nothing of it is left.

        Raises:
            ToolMissing: If it cannot be started.
            ToolProblem: If its arguments or its folder cannot be used.
            Interrupted: If the run is being ended.
        """
        tree = self._start(command)
        try:
            yield tree
        finally:
            self.finish(tree)
            with self._lock:
                del self._trees[tree.mark]
                self._let_orphans_go()

    def finish(self, tree: Tree) -> None:
        """End what is left of a tree; with the last one, also orphans that bear no mark."""
        end((tree,), strays=lambda: self._strays_of_the_last(tree))
        with suppress(subprocess.TimeoutExpired):  # a process in the kernel's hands may stay
            tree.popen.wait(_KILLED_BY_NOW_S)

    def _strays_of_the_last(self, tree: Tree) -> set[int]:
        """Orphans without a mark, as long as no other child could have left them.

        Looked up under the lock each time: a child that another thread starts meanwhile is
        known before it can be seen here.
        """
        with self._lock:
            if self._orphans is None or set(self._trees) != {tree.mark}:
                return set()
            return self._orphans.strays({tree.popen.pid})

    def _start(self, command: Command) -> Tree:
        mark = secrets.token_hex(8)
        environment = child_environment(self._environment, command.changes)
        above = environment.get(MARK)
        environment[MARK] = f"{above},{mark}" if above else mark
        # Held over the start, so that end_all() either sees the child or prevents it.
        with self._lock:
            self.check()
            if not self._trees:
                self._orphans = self._orphans or Orphans()
                self._orphans.adopt(yes=True)
            try:
                popen = spawn(command, environment)
            except BaseException:
                self._let_orphans_go()
                raise
            tree = Tree(popen=popen, mark=mark, started=start_time(popen.pid))
            self._trees[mark] = tree
            return tree

    def _let_orphans_go(self) -> None:
        if not self._trees and self._orphans:
            self._orphans.adopt(yes=False)
