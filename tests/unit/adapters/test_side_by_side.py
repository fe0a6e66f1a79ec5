"""Children of several gates at once: ending one tree leaves the others alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import pytest

from release_gate.adapters import processes as module
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.process_tree import Tree, end
from release_gate.adapters.processes import Processes
from release_gate.adapters.spawn import Command

pytestmark = pytest.mark.unit


def close_pipes(tree: Tree) -> None:
    for pipe in (tree.popen.stdin, tree.popen.stdout, tree.popen.stderr):
        if pipe is not None:
            pipe.close()


def test_a_child_that_starts_while_the_last_one_is_tidied_up_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = Processes(tmp_path, dict(os.environ), SystemClock())
    waiting = Command(argv=(sys.executable, "-c", "input()"), cwd=tmp_path, stdin=True)
    ending = Command(argv=(sys.executable, "-c", ""), cwd=tmp_path)
    with ExitStack() as later:
        started: list[Tree] = []

        def start_another_first(
            trees: Iterable[Tree], *, strays: Callable[[], set[int]] | None = None
        ) -> None:
            if not started:
                started.append(later.enter_context(processes.child(waiting)))
                later.callback(close_pipes, started[0])
            end(trees, strays=strays)

        monkeypatch.setattr(module, "end", start_another_first)
        with processes.child(ending) as tree:
            tree.popen.wait()
            close_pipes(tree)
        assert started[0].popen.poll() is None
