"""Numbers for people: rounded, but never across a limit.

A value that misses 80 by a hair must not be printed as 80, and 99.996 % of
lines is not 100 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

_USUAL_DIGITS = 2
_MOST_DIGITS = 15
_SIXTY = 60
_HOUR = 3600


def exact_text(value: Fraction) -> str:
    """A fraction without rounding: ``79.5``, or ``1/3`` where the decimals would not end."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    return _fixed(value, digits)


def short_text(value: Fraction, marks: Iterable[Fraction] = ()) -> str:
    """A fraction in as few digits as keep it on its own side of every mark.

    Args:
        value: The exact value.
        marks: Limits, and ends such as 0 and 100 %.
    """
    marks = tuple(marks)
    for digits in range(_USUAL_DIGITS, _MOST_DIGITS + 1):
        text = _trim(_fixed(value, digits))
        rounded = Fraction(text.replace(",", ""))
        if all(_side(rounded, mark) == _side(value, mark) for mark in marks):
            return text
    return exact_text(value)


def duration_text(seconds: float) -> str:
    """``0.1 s``, ``14.2 s``, ``2 min 05 s``, ``1 h 02 min``."""
    tenths = round(seconds, 1)
    if tenths < _SIXTY:
        return f"{tenths:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _SIXTY} min {whole % _SIXTY:02d} s"
    minutes = round(seconds / _SIXTY)
    return f"{minutes // _SIXTY} h {minutes % _SIXTY:02d} min"


def count_text(count: int, one: str, many: str | None = None) -> str:
    """``1 finding``, ``2,000 findings``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_text(size: int) -> str:
    """``512 B``, ``1.5 KiB``, ``3.0 MiB``."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:  # noqa: PLR2004 - binary units
            return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def _side(value: Fraction, mark: Fraction) -> int:
    return (value > mark) - (value < mark)


def _fixed(value: Fraction, digits: int) -> str:
    """Decimal text with exactly this many digits, rounded half to even."""
    scaled = round(abs(value) * 10**digits)
    whole, part = divmod(scaled, 10**digits)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}" + (f".{part:0{digits}d}" if digits else "")


def _trim(text: str) -> str:
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole
