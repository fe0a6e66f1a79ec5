"""Orders: place once, find, cancel."""

import hashlib
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from orders.clock import utc_now
from orders.errors import ConflictError, NotFoundError
from orders.models import UNFINISHED, Order, OrderLine, OrderStatus
from orders.pricing import total_cents
from orders.schemas.orders import NewOrder
from orders.services.customers import find_customer


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, and whether this request created it or an earlier one with the same key."""

    order: Order
    created: bool


def digest_of(wanted: NewOrder) -> str:
    """What tells two requests with the same idempotency key apart."""
    return hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()


async def place_order(
    session: AsyncSession, wanted: NewOrder, idempotency_key: str | None = None
) -> Placed:
    """Store an order once per customer and key.

    The same key with the same content answers with the stored order; with
    other content it is a conflict.
    """
    customer = await find_customer(session, wanted.customer_id)
    if customer.blocked:
        raise ConflictError("this customer is blocked")
    earlier = await _find_earlier(session, wanted, idempotency_key)
    if earlier is not None:
        return Placed(earlier, created=False)
    order = _build(wanted, idempotency_key)
    session.add(order)
    try:
        await session.commit()
    except IntegrityError:
        # The same key arrived twice at once and the other request was first.
        await session.rollback()
        earlier = await _find_earlier(session, wanted, idempotency_key)
        if earlier is None:
            raise
        return Placed(earlier, created=False)
    return Placed(order, created=True)


async def find_order(session: AsyncSession, order_id: int) -> Order:
    """The order with this id."""
    order = await session.get(Order, order_id)
    if order is None:
        raise NotFoundError("no such order")
    return order


async def cancel_order(session: AsyncSession, order_id: int) -> Order:
    """Cancel an order that has not failed; the caller commits."""
    order = await find_order(session, order_id)
    if order.status in (OrderStatus.FAILED, OrderStatus.CANCELLED):
        raise ConflictError("this order cannot be cancelled any more")
    if order.status in UNFINISHED:
        order.finished_at = utc_now()
    order.status = OrderStatus.CANCELLED.value
    return order


def _build(wanted: NewOrder, idempotency_key: str | None) -> Order:
    return Order(
        customer_id=wanted.customer_id,
        status=OrderStatus.PENDING.value,
        total_cents=total_cents(wanted.lines),
        idempotency_key=idempotency_key,
        request_digest=None if idempotency_key is None else digest_of(wanted),
        reference=f"ORD-{uuid4().hex[:16].upper()}",
        lines=[
            OrderLine(
                position=position,
                sku=line.sku,
                quantity=line.quantity,
                unit_price_cents=line.unit_price_cents,
            )
            for position, line in enumerate(wanted.lines, start=1)
        ],
    )


async def _find_earlier(
    session: AsyncSession, wanted: NewOrder, idempotency_key: str | None
) -> Order | None:
    if idempotency_key is None:
        return None
    query = select(Order).where(
        Order.customer_id == wanted.customer_id, Order.idempotency_key == idempotency_key
    )
    earlier = (await session.scalars(query)).one_or_none()
    if earlier is not None and earlier.request_digest != digest_of(wanted):
        raise ConflictError("this idempotency key was used for another order")
    return earlier
