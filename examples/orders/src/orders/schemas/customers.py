"""Customers over the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from orders.schemas.common import Answer, PersonName, Request


def _lower(address: str) -> str:
    return address.lower()


# Deliberately simple: one @, a dot after it, no blanks. Whether the address
# exists only a delivered mail can tell.
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    ),
    AfterValidator(_lower),
]


class NewCustomer(Request):
    """Who wants to order."""

    email: Email
    name: PersonName
    spend_limit_cents: int | None = Field(default=None, ge=0, le=10**12)


class CustomerAnswer(Answer):
    """A customer as stored."""

    id: int
    email: str
    name: str
    blocked: bool
    spend_limit_cents: int | None
    created_at: datetime


class Budget(Answer):
    """What a customer has spent; cancelled and failed orders do not count."""

    customer_id: int
    blocked: bool
    spend_cents: int
    limit_cents: int | None
