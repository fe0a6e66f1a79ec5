"""Ctrl-C, SIGTERM and their relatives during a run.

A handler can strike between any two instructions. Outside the engine's loop it raises
:class:`Interrupted`; in the loop it only leaves a message, so that the loop can end the
children in order; while finished files are moved into place it waits.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from release_gate.errors import Interrupted

# SIGBREAK is Ctrl-Break on Windows, SIGHUP the closed terminal on POSIX.
_NAMES = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")

# After that, the first one seems to have been swallowed, and the user must not be left alone.
_CLEANUP_S = 5.0

Notify = Callable[[], None]


class Interrupts:
    """Installs handlers for its ``with`` block and puts the former ones back.

    Only the main thread can install handlers; elsewhere this does nothing. A signal that the
    process was started to ignore (``nohup``) stays ignored.

    Args:
        final: Whether the process ends after an interrupt. Then further signals are ignored, so
            that an impatient second Ctrl-C does not find the former handlers on the way out.
    """

    def __init__(self, *, final: bool = False) -> None:
        self._final = final
        self._former: dict[int, Any] = {}
        self._notify: Notify | None = None
        self._deferred = 0
        self._received: str | None = None
        self._heard_at = 0.0

    @property
    def received(self) -> str | None:
        """Name of the first signal that came, if any."""
        return self._received

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) in {signal.SIG_IGN, None}:
                continue
            self._former[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ends = self._final and self._received is not None
        while self._former:
            number, former = self._former.popitem()
            # Python itself puts SIG_DFL in place of a handler on its way out, but not of SIG_IGN.
            signal.signal(number, signal.SIG_IGN if ends else former)

    @contextmanager
    def listening(self, notify: Notify) -> Iterator[None]:
        """Within, a signal only calls ``notify``, which must be safe in a handler."""
        self._notify = notify
        try:
            self.check()
            yield
        finally:
            self._notify = None
        self.check()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within, a signal waits; on the way out it raises :class:`Interrupted`."""
        self._deferred += 1
        try:
            yield
        finally:
            self._deferred -= 1
        self.check()

    def check(self) -> None:
        """Raise if a signal came, even if what it raised then has been swallowed by someone.

        Raises:
            Interrupted: If so, and unless it is put off.
        """
        if self._received is not None and not self._deferred:
            raise self.error()

    def error(self) -> Interrupted:
        """The error that ends the run."""
        return Interrupted(f"interrupted by {self._received or 'Ctrl-C'}")

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._received is not None and now - self._heard_at < _CLEANUP_S:
            return  # an impatient second Ctrl-C must not break the cleanup of the first
        self._received, self._heard_at = signal.Signals(number).name, now
        if self._notify is not None:
            self._notify()
        else:
            self.check()
