"""Lengths of time as a check writes them."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|h)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_S = 24 * 3600.0

Duration = int | float | str


def seconds(duration: Duration, key: str) -> float:
    """A length of time in seconds.

    Args:
        duration: Seconds, or a number with one of the units ``ms``, ``s``, ``m``, ``h``.
        key: Name of the key, for the message.

    Raises:
        ValueError: If it is neither, not more than nothing, or more than a day.
    """
    if isinstance(duration, str):
        found = _DURATION.fullmatch(duration.strip())
        if not found:
            raise ValueError(f'{key} must be like "500ms", "10s" or "2m", not "{duration}"')
        value = float(found["number"]) * _UNITS[found["unit"]]
    else:
        value = float(duration)
    if not 0 < value <= _LONGEST_S:
        raise ValueError(f"{key} must be more than 0 and at most a day, not {duration}")
    return value
