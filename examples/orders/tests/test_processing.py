"""Orders that a stopped process left behind."""

import asyncio
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from orders.clock import utc_now
from orders.database import Database
from orders.models import Order
from orders.services.processing import resume_unfinished, sweep
from tests.conftest import AddCustomer, PlaceOrder


@pytest.fixture
async def left_behind(
    database: Database, add_customer: AddCustomer, place_order: PlaceOrder
) -> list[int]:
    """One order of each unfinished state, an hour old."""
    customer = await add_customer()
    ids = [(await place_order(customer["id"]))["id"] for _ in range(2)]
    async with database.sessions() as session:
        for order_id, status in zip(ids, ("PENDING", "PROCESSING"), strict=True):
            await session.execute(
                update(Order)
                .where(Order.id == order_id)
                .values(status=status, finished_at=None, created_at=utc_now() - timedelta(hours=1))
            )
        await session.commit()
    return ids


async def statuses(database: Database, ids: list[int]) -> list[str]:
    async with database.sessions() as session:
        return [(await session.get_one(Order, order_id)).status for order_id in ids]


async def test_what_was_left_behind_is_completed(
    database: Database, left_behind: list[int]
) -> None:
    assert await resume_unfinished(database, before=utc_now()) == 2
    assert await statuses(database, left_behind) == ["COMPLETED", "COMPLETED"]


async def test_orders_that_are_being_processed_are_left_alone(
    database: Database, left_behind: list[int]
) -> None:
    assert await resume_unfinished(database, before=utc_now() - timedelta(hours=2)) == 0
    assert await statuses(database, left_behind) == ["PENDING", "PROCESSING"]


async def test_a_running_application_sweeps(
    app: FastAPI, database: Database, left_behind: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="orders.services.processing"):
        async with app.router.lifespan_context(app), asyncio.timeout(5):
            while "sweep: 2 orders taken up" not in caplog.messages:
                await asyncio.sleep(0.01)
            assert await statuses(database, left_behind) == ["COMPLETED", "COMPLETED"]


async def test_a_sweep_outlives_the_database(caplog: pytest.LogCaptureFixture) -> None:
    away = Database.connect("sqlite+aiosqlite:////no/such/folder/orders.db")
    sweeping = asyncio.create_task(sweep(away, stalled_after=60))
    async with asyncio.timeout(5):
        while "sweep: failed" not in caplog.messages:
            await asyncio.sleep(0.01)
    assert not sweeping.done()
    sweeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweeping
