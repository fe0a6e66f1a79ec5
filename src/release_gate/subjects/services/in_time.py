"""Work that no time-out can be put into, ended for us at the end of the budget."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from release_gate.subjects.probes.contract import Budget, ProbeFailed

T = TypeVar("T")


def in_time(work: Callable[[], T], budget: Budget, what: str) -> T:
    """The result of some work, or no result once the time is up.

    The work goes on in a thread of its own that nobody waits for: name look-ups and foreign
    drivers cannot be interrupted. Whatever it does afterwards has no effect on the check.

    Args:
        work: Called once, in another thread.
        budget: The time that is left.
        what: What is being done, for the message, as in ``"looking up db.example.org"``.

    Raises:
        ProbeFailed: Transient, if the time ran out.
    """
    answer: queue.SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asked
            answer.put((None, error))

    threading.Thread(target=run, daemon=True, name="probe").start()
    try:
        result, error = answer.get(timeout=budget.left())
    except queue.Empty:
        raise ProbeFailed(f"{what} was not done at the deadline", transient=True) from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value] # no error: the work's own result
