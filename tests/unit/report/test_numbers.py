"""Numbers for people."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from release_gate.report.numbers import (
    count_text,
    duration_text,
    exact_text,
    short_text,
    size_text,
)

pytestmark = pytest.mark.unit

EIGHTY = Fraction(80)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(80), "80"),
        (Fraction(159, 2), "79.5"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(0), "0"),
        (Fraction("1e-9"), "0.000000001"),
    ],
)
def test_exact_numbers(value: Fraction, text: str) -> None:
    assert text == exact_text(value)


@given(st.fractions())
def test_law_an_exact_number_reads_back(value: Fraction) -> None:
    assert value == Fraction(exact_text(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("79.996", "79.996"),
        ("79.99999999", "79.99999999"),
        ("80", "80"),
        ("80.004", "80.004"),
        ("87.41666", "87.42"),
        ("87.4", "87.4"),
        ("0", "0"),
        ("-0.001", "0"),
    ],
)
def test_a_value_is_not_rounded_onto_its_limit(value: str, text: str) -> None:
    assert text == short_text(Fraction(value), [EIGHTY])


def test_a_value_beyond_all_digits_is_given_exactly() -> None:
    value = EIGHTY - Fraction(1, 3 * 10**20)
    assert exact_text(value) == short_text(value, [EIGHTY])


@given(st.fractions(), st.fractions())
def test_law_rounding_never_changes_sides(value: Fraction, mark: Fraction) -> None:
    assume(value != mark)
    shown = Fraction(short_text(value, [mark]))
    assert (value > mark) == (shown > mark)
    assert (value < mark) == (shown < mark)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (0.04, "0.0 s"),
        (14.24, "14.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7_320, "2 h 02 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert text == duration_text(seconds)


def test_counts() -> None:
    assert count_text(1, "finding") == "1 finding"
    assert count_text(2_000, "finding") == "2,000 findings"
    assert count_text(0, "gate blocks", "gates block") == "0 gates block"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (5 << 30, "5.0 GiB")],
)
def test_sizes(size: int, text: str) -> None:
    assert text == size_text(size)
