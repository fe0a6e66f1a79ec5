"""Indexes for a customer's orders and for those that are not finished.

On PostgreSQL they are built without blocking writes, outside the transaction;
a run that stopped in between can be repeated.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BY_CUSTOMER = "ix_orders_customer_id_created_at"
UNFINISHED = "ix_orders_unfinished"
IS_UNFINISHED = sa.text("status IN ('PENDING', 'PROCESSING')")


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        op.create_index(BY_CUSTOMER, "orders", ["customer_id", "created_at"])
        op.create_index(UNFINISHED, "orders", ["created_at"], sqlite_where=IS_UNFINISHED)
        return
    with op.get_context().autocommit_block():
        # A build that failed leaves an invalid index of the same name.
        for name in (BY_CUSTOMER, UNFINISHED):
            op.drop_index(name, "orders", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            BY_CUSTOMER, "orders", ["customer_id", "created_at"], postgresql_concurrently=True
        )
        op.create_index(
            UNFINISHED,
            "orders",
            ["created_at"],
            postgresql_where=IS_UNFINISHED,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(UNFINISHED, "orders")
    op.drop_index(BY_CUSTOMER, "orders")
