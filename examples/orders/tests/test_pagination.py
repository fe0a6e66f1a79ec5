"""Page size: 50 by default, at most 100."""

import pytest
from httpx import AsyncClient

from orders.database import Database
from orders.models import Customer


@pytest.fixture(autouse=True)
async def many_customers(database: Database) -> None:
    async with database.sessions() as session:
        session.add_all(
            Customer(email=f"{number}@example.com", name=f"Customer {number}")
            for number in range(120)
        )
        await session.commit()


@pytest.mark.parametrize(
    ("params", "items", "limit"),
    [
        ({}, 50, 50),
        ({"limit": 7}, 7, 7),
        ({"limit": 100}, 100, 100),
        ({"limit": 500}, 100, 100),
        ({"limit": 10**30}, 100, 100),
        ({"limit": 100, "offset": 100}, 20, 100),
        ({"offset": 120}, 0, 50),
    ],
)
async def test_pages(client: AsyncClient, params: dict[str, int], items: int, limit: int) -> None:
    page = (await client.get("/customers", params=params)).json()
    assert (len(page["items"]), page["limit"], page["total"]) == (items, limit, 120)


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": -1}, {"limit": "all"}, {"offset": -1}, {"offset": 2**31}]
)
async def test_windows_that_make_no_sense_are_refused(
    client: AsyncClient, params: dict[str, int | str]
) -> None:
    assert (await client.get("/customers", params=params)).status_code == 422


async def test_pages_do_not_overlap(client: AsyncClient) -> None:
    seen: list[int] = []
    for offset in (0, 50, 100):
        page = (await client.get("/customers", params={"offset": offset})).json()
        seen += [customer["id"] for customer in page["items"]]
    assert len(seen) == len(set(seen)) == 120
