"""A gate that has something to undo gets its time before the children are ended."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from release_gate.api import Context, Evidence
from release_gate.errors import Interrupted
from release_gate.run.engine import Engine
from release_gate.run.interrupt import Interrupts

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals"),
]


def test_it_is_told_and_has_ended_before_the_children_go(kit: Any, heard: Any) -> None:
    order: list[str] = []

    def undo(context: Context, _settings: Any) -> Evidence:
        os.kill(os.getpid(), signal.SIGINT)
        while not context.stopping():
            time.sleep(0.01)
        time.sleep(0.2)
        order.append("undone")
        raise Interrupted("the run was ended")

    gate = kit.gate("g", undo)
    gate = replace(gate, gate=replace(gate.gate, farewell_s=30.0))
    with Interrupts() as interrupts:
        world = kit.world(interrupts=interrupts, end_children=lambda: order.append("children"))
        with pytest.raises(Interrupted):
            Engine(world).collect_all(kit.plan([gate]), heard)
    assert order == ["undone", "children"]


def test_one_that_takes_too_long_is_not_waited_for(kit: Any, heard: Any) -> None:
    release = threading.Event()

    def hang(_context: Context, _settings: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        release.wait(60)

    gate = kit.gate("g", hang)
    gate = replace(gate, gate=replace(gate.gate, farewell_s=0.2))
    with Interrupts() as interrupts, pytest.raises(Interrupted):
        Engine(kit.world(interrupts=interrupts)).collect_all(kit.plan([gate]), heard)
    release.set()
    assert kit.ended == 1
