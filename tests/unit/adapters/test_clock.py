from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from release_gate.adapters.clock import SystemClock

pytestmark = pytest.mark.unit


def test_the_wall_clock_is_aware_and_in_utc() -> None:
    now = SystemClock().now()
    assert UTC is now.tzinfo
    assert timedelta(0) <= SystemClock().now() - now < timedelta(minutes=1)


def test_the_stopwatch_does_not_run_backwards() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
