"""Why a package is in the lock."""

from __future__ import annotations

from collections.abc import Mapping

from release_gate.subjects.locks.types import Lock, Pin


def why(lock: Lock, pin: Pin) -> str:
    """One sentence: asked for directly, or through which packages; empty if not known.

    Args:
        lock: The lock.
        pin: One of its pins.
    """
    groups = f" (group {', '.join(pin.groups)})" if pin.groups else ""
    if pin.direct:
        return f"The project asks for it itself{groups}."
    if not pin.required_by:
        return f"It belongs to group {', '.join(pin.groups)}." if pin.groups else ""
    chain = _chain({one.name: one for one in reversed(lock.pins)}, pin)
    return f"It comes with {' → '.join((*chain, pin.name))}{groups}."


def _chain(pins: Mapping[str, Pin], pin: Pin) -> tuple[str, ...]:
    """The shortest way from something the project asks for, the nearest name first by letter."""
    seen = {pin.name}
    ways: list[tuple[str, ...]] = [(name,) for name in pin.required_by]
    for way in ways:  # grows while it is walked: breadth first
        first = way[0]
        parent = pins.get(first)
        if parent is None or parent.direct or not parent.required_by:
            return way
        if first not in seen:
            seen.add(first)
            ways += [(name, *way) for name in parent.required_by if name not in seen]
    return ways[0]
