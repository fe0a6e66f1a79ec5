"""Customers over HTTP."""

from datetime import date

from fastapi import APIRouter, Response
from sqlalchemy import select

from orders import statements
from orders.api.deps import PageWindow, RowId, Session
from orders.models import Customer, Order
from orders.schemas.common import Page
from orders.schemas.customers import Budget, CustomerAnswer, NewCustomer
from orders.services.customers import add_customer, find_customer, read_budget
from orders.services.paging import newest_first, read_slice

router = APIRouter(prefix="/customers", tags=["customers"])


@router.post("", status_code=201)
async def create(wanted: NewCustomer, session: Session) -> CustomerAnswer:
    """Add a customer."""
    return CustomerAnswer.model_validate(await add_customer(session, wanted))


@router.get("")
async def listing(session: Session, window: PageWindow) -> Page[CustomerAnswer]:
    """Customers, the newest first."""
    found = await read_slice(session, newest_first(Customer), Customer, window)
    return Page[CustomerAnswer].model_validate(found)


@router.get("/{customer_id}")
async def one(customer_id: RowId, session: Session) -> CustomerAnswer:
    """One customer."""
    return CustomerAnswer.model_validate(await find_customer(session, customer_id))


@router.get("/{customer_id}/budget")
async def budget(customer_id: RowId, session: Session) -> Budget:
    """What a customer has spent, against the limit."""
    return await read_budget(session, customer_id)


@router.get("/{customer_id}/statement")
async def statement(customer_id: RowId, month: date, session: Session) -> Response:
    """A customer's month, as text."""
    customer = await find_customer(session, customer_id)
    found = await session.scalars(select(Order).where(Order.customer_id == customer.id))
    built = statements.build(customer.id, month, found)
    return Response(statements.as_text(built), media_type="text/plain")
