"""Administration: the key, the actions, and the rows that they leave."""

import pytest
from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from orders.database import Database
from orders.models import AuditEntry
from tests.conftest import AddCustomer, PlaceOrder

REASON = {"reason": "unpaid invoices (3)"}


@pytest.mark.parametrize("headers", [{}, {"X-Admin-Key": ""}, {"X-Admin-Key": "guess"}])
async def test_without_a_known_key_nothing_is_answered(
    client: AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get("/admin/audit", headers=headers)
    assert answer.status_code == 401
    assert "items" not in answer.json()


async def test_an_action_leaves_a_row(admin: AsyncClient, add_customer: AddCustomer) -> None:
    customer = await add_customer()
    blocked = await admin.post(
        f"/admin/customers/{customer['id']}/block",
        json=REASON,
        headers={"X-Request-ID": "block-1"},
    )
    assert blocked.json()["blocked"] is True
    (row,) = (await admin.get("/admin/audit")).json()["items"]
    del row["id"], row["created_at"]
    assert row == {
        "action": "customer.block",
        "resource_type": "customer",
        "resource_id": str(customer["id"]),
        "key_id": "ops-1",
        "request_id": "block-1",
        "address": "192.0.2.7",
        "reason": "unpaid invoices (3)",
    }


async def test_a_blocked_customer_cannot_order_until_unblocked(
    admin: AsyncClient, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    customer = await add_customer()
    body = {
        "customer_id": customer["id"],
        "lines": [{"sku": "LAMP-03", "quantity": 1, "unit_price_cents": 3450}],
    }
    await admin.post(f"/admin/customers/{customer['id']}/block", json=REASON)
    assert (await admin.post("/orders", json=body)).status_code == 409
    await admin.post(f"/admin/customers/{customer['id']}/unblock", json=REASON)
    assert (await admin.post("/orders", json=body)).status_code == 201
    rows = (await admin.get("/admin/audit")).json()["items"]
    assert [row["action"] for row in rows] == ["customer.unblock", "customer.block"]


async def test_an_order_is_cancelled_once(
    admin: AsyncClient, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    customer = await add_customer()
    order = await place_order(customer["id"])
    path = f"/admin/orders/{order['id']}/cancel"
    cancelled = await admin.post(path, json=REASON)
    assert cancelled.json()["status"] == "CANCELLED"
    assert (await admin.post(path, json=REASON)).status_code == 409
    assert (await admin.get("/admin/audit")).json()["total"] == 1
    budget = (await admin.get(f"/customers/{customer['id']}/budget")).json()
    assert budget["spend_cents"] == 0


async def test_an_action_on_nothing_leaves_no_row(admin: AsyncClient) -> None:
    for path in ("/admin/customers/7/block", "/admin/orders/7/cancel"):
        assert (await admin.post(path, json=REASON)).status_code == 404
    assert (await admin.get("/admin/audit")).json()["total"] == 0


async def test_rows_of_the_log_cannot_be_changed(
    admin: AsyncClient, add_customer: AddCustomer, database: Database
) -> None:
    customer = await add_customer()
    await admin.post(f"/admin/customers/{customer['id']}/block", json=REASON)
    async with database.sessions() as session:
        with pytest.raises(IntegrityError, match="append-only"):
            await session.execute(update(AuditEntry).values(action="nothing"))


async def test_orders_are_exported(
    admin: AsyncClient, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    customer = await add_customer()
    order = await place_order(customer["id"], quantity=2, price=61728)
    answer = await admin.get("/admin/orders.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    header, row = answer.text.splitlines()
    assert header == "reference,customer,status,total,created,failure"
    assert row.startswith(f'{order["reference"]},{customer["id"]},COMPLETED,"1,234.56",')
