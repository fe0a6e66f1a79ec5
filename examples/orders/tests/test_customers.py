"""Customers over HTTP."""

import pytest
from httpx import AsyncClient

from tests.conftest import AddCustomer, PlaceOrder


async def test_a_new_customer_is_stored(client: AsyncClient, add_customer: AddCustomer) -> None:
    added = await add_customer(email="Ada@Example.COM", name="  Ada Lovelace ")
    assert added["email"] == "ada@example.com"
    assert added["name"] == "Ada Lovelace"
    assert added["blocked"] is False
    assert added["created_at"].endswith("Z")
    assert (await client.get(f"/customers/{added['id']}")).json() == added


async def test_an_address_is_taken_once(client: AsyncClient, add_customer: AddCustomer) -> None:
    await add_customer()
    again = await client.post("/customers", json={"email": "ADA@example.com", "name": "Other"})
    assert again.status_code == 409
    assert again.json()["error"] == {
        "code": "conflict",
        "message": "a customer with this address exists",
    }


async def test_an_unknown_customer_is_not_found(client: AsyncClient) -> None:
    answer = await client.get("/customers/7")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"


async def test_the_newest_customer_comes_first(
    client: AsyncClient, add_customer: AddCustomer
) -> None:
    for name in ("Ada", "Grace", "Joan"):
        await add_customer(email=f"{name}@example.com", name=name)
    page = (await client.get("/customers", params={"limit": 2})).json()
    assert [customer["name"] for customer in page["items"]] == ["Joan", "Grace"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 0)


async def test_the_budget_adds_up_what_was_ordered(
    client: AsyncClient, add_customer: AddCustomer, place_order: PlaceOrder
) -> None:
    customer = await add_customer(spend_limit_cents=10_000)
    await place_order(customer["id"], quantity=3, price=1500)
    await place_order(customer["id"], quantity=1, price=9_000)  # over the limit: fails
    answer = await client.get(f"/customers/{customer['id']}/budget")
    assert answer.json() == {
        "customer_id": customer["id"],
        "blocked": False,
        "spend_cents": 4500,
        "limit_cents": 10_000,
    }


@pytest.mark.parametrize("name", ["Zoë O'Neill", "Ørsted & Søn A/S", "李小龍", "Robert Jr."])
async def test_names_of_any_script_are_taken(add_customer: AddCustomer, name: str) -> None:
    assert (await add_customer(name=name))["name"] == name
