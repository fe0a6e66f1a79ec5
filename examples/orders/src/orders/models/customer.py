"""Who orders."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import expression

from orders.clock import utc_now
from orders.models.base import Base, UtcDateTime


class Customer(Base):
    """A customer; without ``spend_limit_cents`` there is no limit."""

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("spend_limit_cents >= 0", name="spend_limit_cents"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=utc_now, server_default=func.now()
    )
    blocked: Mapped[bool] = mapped_column(default=False, server_default=expression.false())
    spend_limit_cents: Mapped[int | None] = mapped_column(BigInteger)
