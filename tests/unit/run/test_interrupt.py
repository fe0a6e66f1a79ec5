"""Signals: raised, noted or put off, and the former handlers come back."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress

import pytest

from release_gate.errors import Interrupted
from release_gate.run.interrupt import Interrupts

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals"),
]


def strike(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def test_signal_raises_where_nobody_listens() -> None:
    with pytest.raises(Interrupted, match="SIGTERM"), Interrupts():
        strike(signal.SIGTERM)


def test_exit_code_is_130() -> None:
    assert Interrupted.exit_code == 130


def test_former_handlers_are_restored() -> None:
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(one) for one in watched]
    with Interrupts():
        assert before != [signal.getsignal(one) for one in watched]
    assert before == [signal.getsignal(one) for one in watched]


def test_former_handlers_are_restored_after_an_error() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted), Interrupts():
        strike()
    assert before == signal.getsignal(signal.SIGINT)


def test_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            strike(signal.SIGHUP)
            assert interrupts.received is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_listener_is_told_once_and_nothing_is_raised_until_the_end() -> None:
    told: list[int] = []

    def listen(interrupts: Interrupts) -> None:
        with interrupts.listening(lambda: told.append(1)):
            strike()
            strike()
            told.append(2)

    with Interrupts() as interrupts, pytest.raises(Interrupted):
        listen(interrupts)
    assert told == [1, 2]


def test_swallowed_interrupt_is_raised_again_at_the_next_turn() -> None:
    with Interrupts() as interrupts:
        with suppress(Exception):
            strike()
        with pytest.raises(Interrupted), interrupts.listening(lambda: None):
            pass


def test_user_who_waited_in_vain_is_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release_gate.run.interrupt._CLEANUP_S", 0.0)
    with Interrupts():
        with suppress(Exception):
            strike()
        with pytest.raises(Interrupted):
            strike()


def test_signal_in_a_deferred_block_is_raised_on_the_way_out() -> None:
    received: list[str | None] = []

    def defer(interrupts: Interrupts) -> None:
        with interrupts.deferred():
            strike()
            received.append(interrupts.received)

    with Interrupts() as interrupts, pytest.raises(Interrupted):
        defer(interrupts)
    assert received == ["SIGINT"]


def test_second_signal_does_not_break_the_cleanup_of_the_first() -> None:
    cleaned = False
    with Interrupts():
        try:
            strike()
        except Interrupted:
            strike()
            strike(signal.SIGTERM)
            cleaned = True
    assert cleaned


def test_deferred_blocks_nest() -> None:
    received: list[str | None] = []

    def defer(interrupts: Interrupts) -> None:
        with interrupts.deferred():
            with interrupts.deferred():
                strike()
            received.append(interrupts.received)

    with Interrupts() as interrupts, pytest.raises(Interrupted):
        defer(interrupts)
    assert received == ["SIGINT"]


def test_error_inside_a_deferred_block_is_not_replaced() -> None:
    def defer(interrupts: Interrupts) -> None:
        with interrupts.deferred():
            strike()
            raise ValueError("mine")

    with Interrupts() as interrupts, pytest.raises(ValueError, match="mine"):
        defer(interrupts)


def test_another_thread_installs_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    inside: list[object] = []

    def use() -> None:
        with Interrupts():
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert inside == [before]


def test_nothing_interrupts_the_way_out_of_a_final_one() -> None:
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(one) for one in watched]
    try:
        with pytest.raises(Interrupted), Interrupts(final=True):
            strike()
        strike()
        strike(signal.SIGTERM)
    finally:
        for one, handler in zip(watched, before, strict=True):
            signal.signal(one, handler)


def test_final_one_restores_where_no_signal_came() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts(final=True):
        pass
    assert before == signal.getsignal(signal.SIGINT)
