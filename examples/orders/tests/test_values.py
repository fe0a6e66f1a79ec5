"""Small pure parts: amounts, cells, time stamps."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from orders.export import inert
from orders.models.base import UtcDateTime
from orders.pricing import format_cents, total_cents


@dataclass
class Line:
    quantity: int
    unit_price_cents: int


def test_totals_add_up() -> None:
    assert total_cents([]) == 0
    assert total_cents([Line(3, 999), Line(1, 1)]) == 2998


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (5, "0.05"), (123456, "1,234.56"), (-250, "-2.50"), (-5, "-0.05")],
)
def test_amounts_are_readable(amount: int, text: str) -> None:
    assert format_cents(amount) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_made_inert(start: str) -> None:
    assert inert(f"{start}1+1") == f"'{start}1+1"
    assert inert("plain = text") == "plain = text"


def test_time_stamps_keep_their_zone() -> None:
    column = UtcDateTime()
    dialect = sqlite.dialect()
    east = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert column.process_bind_param(east, dialect) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert column.process_result_value(datetime(2026, 3, 1, 10), dialect) == east
    assert column.process_result_value(None, dialect) is None
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(datetime(2026, 3, 1), dialect)
