"""Orders over the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from orders.models import OrderStatus
from orders.schemas.common import LARGEST_ID, Answer, Request

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,31}$")]


class NewLine(Request):
    """An article, how many, and the price of one."""

    sku: Sku
    quantity: int = Field(ge=1, le=1000)
    unit_price_cents: int = Field(ge=0, le=10_000_000)


class NewOrder(Request):
    """What a customer wants."""

    customer_id: int = Field(ge=1, le=LARGEST_ID)
    lines: tuple[NewLine, ...] = Field(min_length=1, max_length=100)


class LineAnswer(Answer):
    """A line as stored."""

    position: int
    sku: str
    quantity: int
    unit_price_cents: int


class OrderAnswer(Answer):
    """An order and how far it has come."""

    id: int
    reference: str
    customer_id: int
    status: OrderStatus
    total_cents: int
    created_at: datetime
    finished_at: datetime | None
    failure: str | None
    lines: list[LineAnswer]
