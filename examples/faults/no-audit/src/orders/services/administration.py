"""What administrators may do; each action and its audit row are one transaction."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from orders.models import AuditEntry, Customer, Order
from orders.services.customers import find_customer
from orders.services.ordering import cancel_order


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the id of the key, the request, and the address it came from."""

    key_id: str
    request_id: str
    address: str | None


async def set_blocked(
    session: AsyncSession, actor: Actor, customer_id: int, *, blocked: bool, reason: str
) -> Customer:
    """Stop a customer from ordering, or allow it again."""
    customer = await find_customer(session, customer_id)
    customer.blocked = blocked
    action = "customer.block" if blocked else "customer.unblock"
    session.add(_entry(actor, action, "customer", customer.id, reason))
    await session.commit()
    return customer


async def cancel(session: AsyncSession, actor: Actor, order_id: int, *, reason: str) -> Order:
    """Cancel an order."""
    order = await cancel_order(session, order_id)
    await session.commit()
    return order


def _entry(actor: Actor, action: str, kind: str, resource_id: int, reason: str) -> AuditEntry:
    return AuditEntry(
        action=action,
        resource_type=kind,
        resource_id=str(resource_id),
        key_id=actor.key_id,
        request_id=actor.request_id,
        address=actor.address,
        reason=reason,
    )
