"""Administration over HTTP; every route needs an administrator's key."""

from fastapi import APIRouter, Depends, Response

from orders.api.deps import CurrentActor, PageWindow, RowId, Session, get_actor
from orders.export import orders_csv
from orders.models import AuditEntry, Order
from orders.schemas.admin import AdminAction, AuditAnswer
from orders.schemas.common import Page
from orders.schemas.customers import CustomerAnswer
from orders.schemas.orders import OrderAnswer
from orders.services import administration
from orders.services.paging import newest_first, read_slice

router = APIRouter(prefix="/admin", tags=["admin"], dependencies=[Depends(get_actor)])


@router.post("/customers/{customer_id}/block")
async def block(
    customer_id: RowId, action: AdminAction, actor: CurrentActor, session: Session
) -> CustomerAnswer:
    """Stop a customer from ordering."""
    customer = await administration.set_blocked(
        session, actor, customer_id, blocked=True, reason=action.reason
    )
    return CustomerAnswer.model_validate(customer)


@router.post("/customers/{customer_id}/unblock")
async def unblock(
    customer_id: RowId, action: AdminAction, actor: CurrentActor, session: Session
) -> CustomerAnswer:
    """Allow a customer to order again."""
    customer = await administration.set_blocked(
        session, actor, customer_id, blocked=False, reason=action.reason
    )
    return CustomerAnswer.model_validate(customer)


@router.post("/orders/{order_id}/cancel")
async def cancel(
    order_id: RowId, action: AdminAction, actor: CurrentActor, session: Session
) -> OrderAnswer:
    """Cancel an order."""
    order = await administration.cancel(session, actor, order_id, reason=action.reason)
    return OrderAnswer.model_validate(order)


@router.get("/orders.csv")
async def export(session: Session, window: PageWindow) -> Response:
    """A page of orders as a table for spreadsheets."""
    found = await read_slice(session, newest_first(Order), Order, window)
    return Response(orders_csv(found.items), media_type="text/csv")


@router.get("/audit")
async def audit(session: Session, window: PageWindow) -> Page[AuditAnswer]:
    """What administrators did, the newest first."""
    found = await read_slice(session, newest_first(AuditEntry), AuditEntry, window)
    return Page[AuditAnswer].model_validate(found)
