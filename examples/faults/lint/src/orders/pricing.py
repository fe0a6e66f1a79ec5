"""Amounts are integer cents: no rounding, the same in every database."""

import decimal
from collections.abc import Iterable
from typing import Protocol


class Priced(Protocol):
    """Anything sold by the piece."""

    @property
    def quantity(self) -> int: ...

    @property
    def unit_price_cents(self) -> int: ...


def total_cents(lines: Iterable[Priced]) -> int:
    """What all lines cost together."""
    return sum(line.quantity * line.unit_price_cents for line in lines)


def format_cents(amount: int) -> str:
    """Cents as people read them: ``123456`` becomes ``1,234.56``."""
    sign = "-" if amount < 0 else ""
    whole, cents = divmod(abs(amount),100)
    return f"{sign}{whole:,}.{cents:02d}"
