"""Orders over HTTP."""

import re

import pytest
from httpx import AsyncClient

from tests.conftest import AddCustomer, PlaceOrder

LINES = [
    {"sku": "CHAIR-01", "quantity": 4, "unit_price_cents": 4900},
    {"sku": "TABLE-02", "quantity": 1, "unit_price_cents": 18900},
]


async def test_an_order_is_placed_and_completed(
    client: AsyncClient, add_customer: AddCustomer
) -> None:
    customer = await add_customer()
    placed = await client.post("/orders", json={"customer_id": customer["id"], "lines": LINES})
    assert placed.status_code == 201
    order = placed.json()
    assert order["status"] == "PENDING"
    assert order["total_cents"] == 4 * 4900 + 18900
    assert re.fullmatch(r"ORD-[0-9A-F]{16}", order["reference"])
    assert [line["position"] for line in order["lines"]] == [1, 2]

    later = (await client.get(f"/orders/{order['id']}")).json()
    assert later["status"] == "COMPLETED"
    assert later["finished_at"] >= order["created_at"]
    assert later["lines"] == order["lines"]


async def test_an_order_beyond_the_limit_fails(
    client: AsyncClient, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    customer = await add_customer(spend_limit_cents=2500)
    exact = await place_order(customer["id"], quantity=1, price=2500)
    beyond = await place_order(customer["id"], quantity=1, price=1)
    assert (await client.get(f"/orders/{exact['id']}")).json()["status"] == "COMPLETED"
    failed = (await client.get(f"/orders/{beyond['id']}")).json()
    assert failed["status"] == "FAILED"
    assert failed["failure"] == "over the customer's spend limit"


async def test_an_order_needs_a_customer(client: AsyncClient) -> None:
    answer = await client.post("/orders", json={"customer_id": 7, "lines": LINES})
    assert answer.status_code == 404


async def test_an_unknown_order_is_not_found(client: AsyncClient) -> None:
    assert (await client.get("/orders/7")).status_code == 404


async def test_orders_are_listed_by_customer_and_status(
    client: AsyncClient, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    ada = await add_customer()
    joan = await add_customer(email="joan@example.com", spend_limit_cents=0)
    await place_order(ada["id"])
    await place_order(joan["id"])

    async def found(**params: str | int) -> list[int]:
        page = (await client.get("/orders", params=params)).json()
        assert page["total"] == len(page["items"])
        return [order["customer_id"] for order in page["items"]]

    assert await found() == [joan["id"], ada["id"]]
    assert await found(customer_id=ada["id"]) == [ada["id"]]
    assert await found(status="FAILED") == [joan["id"]]
    assert await found(customer_id=ada["id"], status="FAILED") == []


class TestIdempotency:
    async def test_the_same_key_creates_nothing_twice(
        self, client: AsyncClient, add_customer: AddCustomer
    ) -> None:
        body = {"customer_id": (await add_customer())["id"], "lines": LINES}
        headers = {"Idempotency-Key": "journey-1"}
        first = await client.post("/orders", json=body, headers=headers)
        again = await client.post("/orders", json=body, headers=headers)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json()["id"] == first.json()["id"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (await client.get("/orders")).json()["total"] == 1

    async def test_other_content_is_a_conflict(
        self, client: AsyncClient, add_customer: AddCustomer
    ) -> None:
        customer_id = (await add_customer())["id"]
        headers = {"Idempotency-Key": "journey-1"}
        for lines, status in ((LINES, 201), (LINES[:1], 409)):
            body = {"customer_id": customer_id, "lines": lines}
            answer = await client.post("/orders", json=body, headers=headers)
            assert answer.status_code == status

    async def test_customers_do_not_share_keys(
        self, client: AsyncClient, add_customer: AddCustomer
    ) -> None:
        for email in ("ada@example.com", "joan@example.com"):
            body = {"customer_id": (await add_customer(email=email))["id"], "lines": LINES}
            answer = await client.post(
                "/orders", json=body, headers={"Idempotency-Key": "journey-1"}
            )
            assert answer.status_code == 201

    async def test_without_a_key_every_request_counts(
        self, client: AsyncClient, add_customer: AddCustomer
    ) -> None:
        body = {"customer_id": (await add_customer())["id"], "lines": LINES}
        answers = [await client.post("/orders", json=body) for _ in range(2)]
        assert answers[0].json()["id"] != answers[1].json()["id"]

    @pytest.mark.parametrize("key", ["", "a" * 65, "a b", "'; --"])
    async def test_strange_keys_are_refused(
        self, client: AsyncClient, add_customer: AddCustomer, key: str
    ) -> None:
        body = {"customer_id": (await add_customer())["id"], "lines": LINES}
        answer = await client.post("/orders", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 422
