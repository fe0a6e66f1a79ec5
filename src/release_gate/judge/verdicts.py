"""Verdicts: their order, and what each means to the calling process."""

from __future__ import annotations

from collections.abc import Iterable

from release_gate.judge.types import Verdict

# Worst first. A table, so that reordering an enum can never turn a red run green.
_WORST_FIRST = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS)

_EXIT_CODES = {
    Verdict.PASS: 0,
    Verdict.FAIL: 1,
    Verdict.ERROR: 3,
    Verdict.INCONCLUSIVE: 3,
}


def run_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst verdict of the expected gates.

    Args:
        verdicts: One for each expected gate. ``skipped`` neither helps nor hurts, but a run
            in which nothing else happened is an error: a check of nothing is not a pass.
    """
    present = set(verdicts)
    for verdict in _WORST_FIRST:
        if verdict in present:
            return verdict
    return Verdict.ERROR


def worse(one: Verdict, other: Verdict) -> Verdict:
    """The worse of two verdicts of gates that ran."""
    return run_verdict((one, other))


def exit_code(verdict: Verdict) -> int:
    """Exit code of the process for a run's verdict.

    Raises:
        KeyError: For ``skipped``, which is never the verdict of a run.
    """
    return _EXIT_CODES[verdict]
