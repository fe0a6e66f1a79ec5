"""The verdict table: every combination of gate verdicts, and what the process exits with."""

from __future__ import annotations

from itertools import product

import pytest

from release_gate.judge.types import Verdict
from release_gate.judge.verdicts import exit_code, run_verdict, worse

pytestmark = pytest.mark.unit

P, F, E, N, S = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.SKIPPED,
)

# Written out by hand: the set of verdicts present, and the verdict of the run.
TABLE = {
    frozenset(): E,
    frozenset({S}): E,
    frozenset({P}): P,
    frozenset({P, S}): P,
    frozenset({N}): N,
    frozenset({N, S}): N,
    frozenset({N, P}): N,
    frozenset({N, P, S}): N,
    frozenset({E}): E,
    frozenset({E, S}): E,
    frozenset({E, P}): E,
    frozenset({E, P, S}): E,
    frozenset({E, N}): E,
    frozenset({E, N, S}): E,
    frozenset({E, N, P}): E,
    frozenset({E, N, P, S}): E,
    frozenset({F}): F,
    frozenset({F, S}): F,
    frozenset({F, P}): F,
    frozenset({F, P, S}): F,
    frozenset({F, N}): F,
    frozenset({F, N, S}): F,
    frozenset({F, N, P}): F,
    frozenset({F, N, P, S}): F,
    frozenset({F, E}): F,
    frozenset({F, E, S}): F,
    frozenset({F, E, P}): F,
    frozenset({F, E, P, S}): F,
    frozenset({F, E, N}): F,
    frozenset({F, E, N, S}): F,
    frozenset({F, E, N, P}): F,
    frozenset({F, E, N, P, S}): F,
}


def test_the_table_names_every_set_of_verdicts() -> None:
    assert len(TABLE) == 2 ** len(Verdict)


@pytest.mark.parametrize("verdicts", list(product(Verdict, repeat=4)))
def test_run_verdict_over_every_combination_of_four_gates(verdicts: tuple[Verdict, ...]) -> None:
    assert run_verdict(verdicts) is TABLE[frozenset(verdicts)]


def test_a_run_without_gates_is_an_error() -> None:
    assert run_verdict(()) is E


@pytest.mark.parametrize(("verdict", "code"), [(P, 0), (F, 1), (E, 3), (N, 3)])
def test_exit_codes(verdict: Verdict, code: int) -> None:
    assert exit_code(verdict) == code


def test_skipped_is_never_the_verdict_of_a_run_and_has_no_exit_code() -> None:
    with pytest.raises(KeyError):
        exit_code(S)


@pytest.mark.parametrize(("one", "other"), list(product((P, F, E, N), repeat=2)))
def test_worse_is_symmetric_and_never_better_than_either(one: Verdict, other: Verdict) -> None:
    rank = [F, E, N, P]
    assert worse(one, other) is worse(other, one)
    assert rank.index(worse(one, other)) == min(rank.index(one), rank.index(other))
