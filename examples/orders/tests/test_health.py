"""Liveness, readiness, version."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from orders.clock import utc_now
from orders.database import Database
from orders.models import Order
from tests.conftest import AddCustomer, PlaceOrder


async def test_live_names_the_release(client: AsyncClient) -> None:
    answer = await client.get("/health/live")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive", "version": "1.8.0"}


async def test_version_names_the_release(client: AsyncClient) -> None:
    assert (await client.get("/version")).json() == {"name": "orders", "version": "1.8.0"}


async def test_ready_lists_every_service(client: AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "version": "1.8.0",
        "services": {"api": "up", "database": "up", "processor": "up"},
    }


async def test_not_ready_while_the_database_is_away(client: AsyncClient, app: FastAPI) -> None:
    app.state.database = Database.connect("sqlite+aiosqlite:////no/such/folder/orders.db")
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["services"] == {"api": "up", "database": "down", "processor": "down"}
    assert (await client.get("/health/live")).status_code == 200
    with pytest.raises(OperationalError):
        await app.state.database.ping()


async def test_not_ready_while_an_order_waits_too_long(
    client: AsyncClient, database: Database, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    customer = await add_customer()
    await place_order(customer["id"])
    long_ago = utc_now() - timedelta(minutes=5)
    async with database.sessions() as session:
        await session.execute(update(Order).values(status="PROCESSING", created_at=long_ago))
        await session.commit()
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["services"]["processor"] == "down"
