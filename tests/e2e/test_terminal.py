"""On a terminal lines are drawn over; in CI and with NO_COLOR they are not."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX pseudo-terminal"),
]

Scratch = Any
SLOW = "ctx.progress('half way'); time.sleep(0.6); return EVIDENCE"


def on_a_terminal(scratch: Scratch, *arguments: str, **more: str) -> tuple[int, str]:
    import pty  # noqa: PLC0415 - not on Windows

    main, side = pty.openpty()
    process = scratch.start(*arguments, out=side, TERM="xterm", **more)
    os.close(side)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    return process.wait(30), shown.decode()


def test_line_of_a_running_gate_is_drawn_and_taken_away(scratch: Scratch) -> None:
    scratch.gate("slow", SLOW)
    scratch.ready()
    code, shown = on_a_terminal(scratch, "run")
    assert code == 0
    assert "half way" in shown
    assert "\x1b[" in shown
    assert "PASS" in shown
    assert shown.rstrip().endswith("report.html")


def test_nothing_is_drawn_over_in_ci(scratch: Scratch) -> None:
    scratch.gate("slow", SLOW)
    scratch.ready()
    code, shown = on_a_terminal(scratch, "run", CI="true", NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in shown
    assert "slow: 1 file in" in shown


def test_colour_is_left_out_where_it_is_not_wanted(scratch: Scratch) -> None:
    scratch.gate("slow")
    scratch.ready()
    _, coloured = on_a_terminal(scratch, "run", CI="true")
    assert "\x1b[" in coloured
    _, plain = on_a_terminal(scratch, "run", CI="true", NO_COLOR="1")
    assert "\x1b" not in plain
