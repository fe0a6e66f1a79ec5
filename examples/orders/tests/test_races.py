"""Two requests at once, on a database that several connections share."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from orders.database import Database
from orders.models import Base, Order
from orders.schemas.customers import NewCustomer
from orders.schemas.orders import NewLine, NewOrder
from orders.services import ordering
from orders.services.customers import add_customer
from orders.services.ordering import place_order
from orders.services.processing import process_order


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.connect(f"sqlite+aiosqlite:///{tmp_path / 'orders.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
async def wanted(shared: Database) -> NewOrder:
    async with shared.sessions() as session:
        customer = await add_customer(session, NewCustomer(email="a@example.com", name="Ada"))
    return NewOrder(
        customer_id=customer.id, lines=(NewLine(sku="A-1", quantity=1, unit_price_cents=5),)
    )


async def test_of_two_requests_with_one_key_one_creates(
    shared: Database, wanted: NewOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_looked = asyncio.Barrier(2)
    look = ordering._find_earlier

    async def look_together(
        session: AsyncSession, wanted: NewOrder, key: str | None
    ) -> Order | None:
        found = await look(session, wanted, key)
        if found is None:
            await both_looked.wait()
        return found

    monkeypatch.setattr(ordering, "_find_earlier", look_together)

    async def place() -> tuple[int, bool]:
        async with shared.sessions() as session:
            placed = await place_order(session, wanted, "once")
            return placed.order.id, placed.created

    (first, created), (second, created_again) = await asyncio.gather(place(), place())
    assert first == second
    assert {created, created_again} == {True, False}
    async with shared.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Order)) == 1


async def test_an_order_is_processed_by_one_process_only(
    shared: Database, wanted: NewOrder, caplog: pytest.LogCaptureFixture
) -> None:
    async with shared.sessions() as session:
        placed = await place_order(session, wanted)
    with caplog.at_level("INFO", logger="orders"):
        await asyncio.gather(*(process_order(shared, placed.order.id) for _ in range(4)))
    assert caplog.messages == [f"order {placed.order.id} processed"]
