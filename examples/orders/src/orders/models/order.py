"""What was ordered, and how far it has come."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from orders.clock import utc_now
from orders.models.base import Base, UtcDateTime


class OrderStatus(StrEnum):
    """PENDING → PROCESSING → COMPLETED or FAILED; CANCELLED by an administrator."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


UNFINISHED = (OrderStatus.PENDING, OrderStatus.PROCESSING)


def _sql_list(states: tuple[OrderStatus, ...]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


_UNFINISHED_SQL = text(f"status IN ({_sql_list(UNFINISHED)})")


class Order(Base):
    """An order; the pair of customer and idempotency key exists at most once."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(f"status IN ({_sql_list(tuple(OrderStatus))})", name="status"),
        CheckConstraint("total_cents >= 0", name="total_cents"),
        Index(
            "uq_orders_customer_id_idempotency_key", "customer_id", "idempotency_key", unique=True
        ),
        Index("uq_orders_reference", "reference", unique=True),
        Index("ix_orders_customer_id_created_at", "customer_id", "created_at"),
        Index(
            "ix_orders_unfinished",
            "created_at",
            postgresql_where=_UNFINISHED_SQL,
            sqlite_where=_UNFINISHED_SQL,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    status: Mapped[str] = mapped_column(
        String(20), default=OrderStatus.PENDING.value, server_default=OrderStatus.PENDING.value
    )
    total_cents: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=utc_now, server_default=func.now()
    )
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    request_digest: Mapped[str | None] = mapped_column(String(64))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(24))

    lines: Mapped[list["OrderLine"]] = relationship(
        cascade="all, delete-orphan", order_by="OrderLine.position", lazy="selectin"
    )


class OrderLine(Base):
    """One article of an order; positions count from 1."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity BETWEEN 1 AND 1000", name="quantity"),
        CheckConstraint("unit_price_cents >= 0", name="unit_price_cents"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
