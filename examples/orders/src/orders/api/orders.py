"""Orders over HTTP."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Header, Query, Response

from orders.api.deps import CurrentDatabase, PageWindow, RowId, Session
from orders.models import Order, OrderStatus
from orders.schemas.common import LARGEST_ID, Page
from orders.schemas.orders import NewOrder, OrderAnswer
from orders.services.ordering import find_order, place_order
from orders.services.paging import newest_first, read_slice
from orders.services.processing import process_order

router = APIRouter(prefix="/orders", tags=["orders"])

IdempotencyKey = Annotated[str | None, Header(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


@router.post("", status_code=201)
async def create(
    wanted: NewOrder,
    session: Session,
    database: CurrentDatabase,
    background: BackgroundTasks,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderAnswer:
    """Place an order; it is processed after this answer.

    The same ``Idempotency-Key`` again answers 200 with the order of the first
    request, and nothing is created.
    """
    placed = await place_order(session, wanted, idempotency_key)
    if placed.created:
        background.add_task(process_order, database, placed.order.id)
    else:
        response.status_code = 200
        response.headers["Idempotency-Replayed"] = "true"
    return OrderAnswer.model_validate(placed.order)


@router.get("")
async def listing(
    session: Session,
    window: PageWindow,
    customer_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    status: OrderStatus | None = None,
) -> Page[OrderAnswer]:
    """Orders, the newest first."""
    query = newest_first(Order)
    if customer_id is not None:
        query = query.where(Order.customer_id == customer_id)
    if status is not None:
        query = query.where(Order.status == status.value)
    return Page[OrderAnswer].model_validate(await read_slice(session, query, Order, window))


@router.get("/{order_id}")
async def one(order_id: RowId, session: Session) -> OrderAnswer:
    """One order and how far it has come."""
    return OrderAnswer.model_validate(await find_order(session, order_id))
