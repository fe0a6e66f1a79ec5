"""Example data: ``python -m orders.seed --orders 150`` on an empty, migrated database."""

import argparse
import asyncio
from collections.abc import Sequence

from orders.database import Database
from orders.schemas.customers import NewCustomer
from orders.schemas.orders import NewLine, NewOrder
from orders.services.customers import add_customer
from orders.services.ordering import place_order
from orders.services.processing import process_order
from orders.settings import load_settings

ARTICLES = (("CHAIR-01", 4900), ("TABLE-02", 18900), ("LAMP-03", 3450))


async def seed(database: Database, orders: int) -> int:
    """Add one customer with completed orders; the customer's id."""
    async with database.sessions() as session:
        customer = await add_customer(
            session, NewCustomer(email="sample@example.com", name="Sample Customer")
        )
    for number in range(orders):
        async with database.sessions() as session:
            placed = await place_order(
                session, _order(customer.id, number), idempotency_key=f"seed-{number}"
            )
        await process_order(database, placed.order.id)
    return customer.id


def _order(customer_id: int, number: int) -> NewOrder:
    sku, price = ARTICLES[number % len(ARTICLES)]
    line = NewLine(sku=sku, quantity=number % 5 + 1, unit_price_cents=price)
    return NewOrder(customer_id=customer_id, lines=(line,))


async def _run(orders: int) -> None:
    database = Database.connect(load_settings().database_url)
    try:
        customer_id = await seed(database, orders)
    finally:
        await database.close()
    print(f"customer {customer_id} with {orders} orders")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="add example data to an empty database")
    parser.add_argument("--orders", type=int, default=150, help="how many (150)")
    asyncio.run(_run(parser.parse_args(arguments).orders))


if __name__ == "__main__":
    main()
