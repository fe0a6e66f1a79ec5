"""An order is created once per customer and idempotency key.

The index comes with the columns, while they hold nothing that could be twice.
On PostgreSQL it is built without blocking writes, outside the transaction; a
run that stopped in between can be repeated.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "uq_orders_customer_id_idempotency_key"
COLUMNS = ["customer_id", "idempotency_key"]


def upgrade() -> None:
    on_postgresql = op.get_context().dialect.name == "postgresql"
    for name in ("idempotency_key", "request_digest"):
        column = sa.Column(name, sa.String(64), nullable=True)
        # SQLite does not know IF NOT EXISTS here.
        op.add_column("orders", column, if_not_exists=on_postgresql or None)
    if not on_postgresql:
        op.create_index(INDEX, "orders", COLUMNS, unique=True)
        return
    with op.get_context().autocommit_block():
        # A build that failed leaves an invalid index of the same name.
        op.drop_index(INDEX, "orders", if_exists=True, postgresql_concurrently=True)
        op.create_index(INDEX, "orders", COLUMNS, unique=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(INDEX, "orders")
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("request_digest")
        orders.drop_column("idempotency_key")
