"""An application on a database in memory, made anew for every test."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy.pool import StaticPool

from orders.app import create_app
from orders.database import Database
from orders.models import Base
from orders.settings import Settings, load_settings

MEMORY = "sqlite+aiosqlite:///:memory:"

AddCustomer = Callable[..., Awaitable[dict[str, Any]]]
PlaceOrder = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Whoever runs the tests may have the service's own variables set."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        yield


@pytest.fixture(scope="session")
def admin_key() -> str:
    """An administrator's key, another one in every run."""
    return secrets.token_urlsafe()


@pytest.fixture(scope="session")
def settings(admin_key: str) -> Settings:
    """The shipped settings, a database in memory, one administrator."""
    digest = hashlib.sha256(admin_key.encode()).hexdigest()
    return load_settings(database_url=MEMORY, admin_key_digests={"ops-1": digest}, stalled_after=60)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """Every table, no rows."""
    database = Database.connect(MEMORY, poolclass=StaticPool)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def built_app(settings: Settings) -> FastAPI:
    """The application; building its routes takes longer than most tests."""
    return create_app(settings)


@pytest.fixture
def app(built_app: FastAPI, database: Database) -> FastAPI:
    """The application on the test's own database."""
    built_app.state.database = database
    return built_app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client without an administrator's key."""
    transport = ASGITransport(app=app, client=("192.0.2.7", 4711))
    async with AsyncClient(transport=transport, base_url="http://orders.test/api/v1") as client:
        yield client


@pytest.fixture
def admin(client: AsyncClient, admin_key: str) -> AsyncClient:
    """The same client with an administrator's key."""
    client.headers["X-Admin-Key"] = admin_key
    return client


@pytest.fixture
def add_customer(client: AsyncClient) -> AddCustomer:
    """Adds a customer over HTTP."""

    async def add(**fields: Any) -> dict[str, Any]:
        body = {"email": "ada@example.com", "name": "Ada Lovelace", **fields}
        answer = await client.post("/customers", json=body)
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.json()
        return added

    return add


@pytest.fixture
def place_order(client: AsyncClient) -> PlaceOrder:
    """Places an order of one line over HTTP."""

    async def place(customer_id: int, quantity: int = 1, price: int = 1000) -> dict[str, Any]:
        line = {"sku": "CHAIR-01", "quantity": quantity, "unit_price_cents": price}
        answer = await client.post("/orders", json={"customer_id": customer_id, "lines": [line]})
        assert answer.status_code == 201, answer.text
        placed: dict[str, Any] = answer.json()
        return placed

    return place
