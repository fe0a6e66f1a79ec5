"""When requests are due."""

from __future__ import annotations

from fractions import Fraction

import pytest

from release_gate.subjects.load.schedule import Planned, Step, length_us, schedule

pytestmark = pytest.mark.unit


def step(rate: float, duration: float) -> Step:
    return Step(rate=Fraction(str(rate)), duration_s=Fraction(str(duration)))


def test_a_constant_rate_is_evenly_spaced() -> None:
    assert [one.offset_us for one in schedule([step(4, 1)])] == [0, 250_000, 500_000, 750_000]


def test_no_rate_drifts_by_rounding() -> None:
    planned = schedule([step(3, 1000)])
    assert (len(planned), planned[2997].offset_us) == (3000, 999_000_000)


def test_steps_follow_one_another() -> None:
    planned = schedule([step(2, 1), step(4, 0.5)])
    assert [one.offset_us for one in planned] == [0, 500_000, 1_000_000, 1_250_000]
    assert length_us([step(2, 1), step(4, 0.5)]) == 1_500_000


def test_release_and_control_take_turns_at_the_same_time() -> None:
    assert schedule([step(2, 1)], arms=2) == (
        Planned(offset_us=0, arm=0),
        Planned(offset_us=250_000, arm=1),
        Planned(offset_us=500_000, arm=0),
        Planned(offset_us=750_000, arm=1),
    )


@pytest.mark.parametrize(
    ("steps", "arms", "message"),
    [
        ([step(201, 1)], 1, "201 requests/s are more than 200"),
        ([step(101, 1)], 2, "202 requests/s are more than 200"),
        ([step(0, 1)], 1, "more than 0"),
        ([step(1, 0)], 1, "more than 0"),
        ([step(0.5, 1)], 1, "holds no request"),
        ([step(200, 2000)], 1, "400,000 requests are more than"),
        ([], 1, "holds no request"),
    ],
)
def test_what_is_no_light_load_is_refused(steps: list[Step], arms: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        schedule(steps, arms)
