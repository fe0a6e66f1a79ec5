from __future__ import annotations

import pytest

from release_gate.subjects.locks.types import Lock, Pin
from release_gate.subjects.locks.why import why

pytestmark = pytest.mark.unit


def test_the_way_from_what_the_project_asks_for() -> None:
    pins = (
        Pin(name="app", version="1", direct=True),
        Pin(name="b", version="1", required_by=("c", "app"), direct=False),
        Pin(name="c", version="1", required_by=("b",), direct=False),
        Pin(name="d", version="1", required_by=("c", "b"), direct=False, groups=("dev",)),
    )
    lock = Lock(path="uv.lock", kind="uv", pins=pins)
    assert why(lock, pins[0]) == "The project asks for it itself."
    assert why(lock, pins[1]) == "It comes with app → b."
    assert why(lock, pins[3]) == "It comes with app → b → d (group dev)."


def test_a_circle_without_a_beginning_ends() -> None:
    pins = (
        Pin(name="a", version="1", required_by=("b",)),
        Pin(name="b", version="1", required_by=("a",)),
    )
    assert why(Lock(path="x", kind="uv", pins=pins), pins[0]) == "It comes with b → a."


def test_what_the_lock_does_not_say_is_not_said() -> None:
    pins = (Pin(name="a", version="1"), Pin(name="b", version="1", groups=("dev",)))
    lock = Lock(path="x", kind="pylock", pins=pins)
    assert why(lock, pins[0]) == ""
    assert why(lock, pins[1]) == "It belongs to group dev."
