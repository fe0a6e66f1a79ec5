"""Limits on suppressing comments."""

from __future__ import annotations

from fractions import Fraction

import pytest

from release_gate.subjects.source.limits import suppression_limits

pytestmark = pytest.mark.unit


def test_none_is_set_by_default() -> None:
    assert suppression_limits(None, None) == ()


def test_zero_is_a_limit_and_the_one_on_new_ones_waits_for_a_base() -> None:
    assert [("suppressions", Fraction(0), False), ("suppressions-new", Fraction(0), True)] == [
        (item.metric, item.at_most, item.optional) for item in suppression_limits(0, 0)
    ]
