from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.services.gaps import Gap, longest_gap

pytestmark = pytest.mark.unit

TIMES = st.lists(st.integers(min_value=-50, max_value=150))


@given(TIMES)
def test_no_stretch_without_a_point_is_longer(times: list[int]) -> None:
    gap = longest_gap(0, 100, times)
    inside = sorted(time for time in times if 0 <= time <= 100)
    assert not [time for time in inside if gap.start < time < gap.start + gap.length]
    assert gap.length >= 100 / (len(inside) + 1)
    assert 0 <= gap.start <= gap.start + gap.length <= 100


@given(TIMES, st.integers(min_value=0, max_value=100))
def test_one_more_point_never_makes_the_gap_longer(times: list[int], more: int) -> None:
    assert longest_gap(0, 100, [*times, more]).length <= longest_gap(0, 100, times).length


def test_without_a_point_the_whole_window_is_a_gap() -> None:
    assert longest_gap(0, 100, []) == Gap(start=0, length=100)
