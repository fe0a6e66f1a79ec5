"""Tables. Columns stand in the order in which the migrations created them."""

from orders.models.audit import AuditEntry
from orders.models.base import Base
from orders.models.customer import Customer
from orders.models.order import UNFINISHED, Order, OrderLine, OrderStatus

__all__ = ["UNFINISHED", "AuditEntry", "Base", "Customer", "Order", "OrderLine", "OrderStatus"]
