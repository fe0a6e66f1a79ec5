"""From PENDING to COMPLETED or FAILED.

An order is processed after the answer to the request that placed it. What a
stopped process left behind is taken up by the sweep of any other.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from orders.clock import utc_now
from orders.database import Database
from orders.models import UNFINISHED, Customer, Order, OrderStatus
from orders.services.customers import spent_cents

logger = logging.getLogger(__name__)

UNFINISHED_VALUES = tuple(status.value for status in UNFINISHED)


async def process_order(database: Database, order_id: int) -> None:
    """Take an order to its end; one that another process has taken is left alone."""
    async with database.sessions() as session:
        claimed = await _move(session, order_id, OrderStatus.PENDING, OrderStatus.PROCESSING)
        if claimed:
            await _finish(session, order_id)
            logger.info("order %s processed", order_id)


async def resume_unfinished(database: Database, *, before: datetime) -> int:
    """Process orders from before ``before`` that never reached an end; how many there were."""
    async with database.sessions() as session:
        query = select(Order.id).where(
            Order.status.in_(UNFINISHED_VALUES), Order.created_at < before
        )
        left_behind = (await session.scalars(query.order_by(Order.id))).all()
    for order_id in left_behind:
        async with database.sessions() as session:
            await _move(session, order_id, OrderStatus.PROCESSING, OrderStatus.PENDING)
        await process_order(database, order_id)
    return len(left_behind)


async def sweep(database: Database, stalled_after: int) -> None:
    """Take up what was left behind, for ever; each round leaves a line in the log.

    Orders are taken up after half of ``stalled_after`` seconds, so that
    readiness, which counts to the whole, only ever sees a sweep that failed.
    """
    while True:
        before = utc_now() - timedelta(seconds=stalled_after / 2)
        try:
            logger.info(
                "sweep: %d orders taken up", await resume_unfinished(database, before=before)
            )
        except (OSError, SQLAlchemyError):
            # The database may come back; a sweep that ended would not.
            logger.exception("sweep: failed")
        await asyncio.sleep(stalled_after / 4)


async def has_stalled(session: AsyncSession, seconds: int) -> bool:
    """Whether an order has waited longer than ``seconds``."""
    query = select(Order.id).where(
        Order.status.in_(UNFINISHED_VALUES),
        Order.created_at < utc_now() - timedelta(seconds=seconds),
    )
    return (await session.scalars(query.limit(1))).first() is not None


async def _move(session: AsyncSession, order_id: int, old: OrderStatus, new: OrderStatus) -> bool:
    # One statement, so that of two processes only one gets the order.
    moved = await session.scalars(
        update(Order)
        .where(Order.id == order_id, Order.status == old.value)
        .values(status=new.value)
        .returning(Order.id)
    )
    taken = moved.one_or_none() is not None
    await session.commit()
    return taken


async def _finish(session: AsyncSession, order_id: int) -> None:
    order = await session.get_one(Order, order_id)
    # Locked where the database can, so that two orders cannot share one rest of a limit.
    customer = await session.get_one(Customer, order.customer_id, with_for_update=True)
    spent = await spent_cents(session, customer.id, without=order.id)
    limit = customer.spend_limit_cents
    if limit is not None and spent + order.total_cents > limit:
        order.status = OrderStatus.FAILED.value
        order.failure = "over the customer's spend limit"
    else:
        order.status = OrderStatus.COMPLETED.value
    order.finished_at = utc_now()
    await session.commit()
