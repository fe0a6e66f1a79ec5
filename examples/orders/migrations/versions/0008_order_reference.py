"""A reference that customers can quote, filled and required by the next revisions.

The index comes with the column, while it holds nothing that could be twice.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "uq_orders_reference"


def upgrade() -> None:
    on_postgresql = op.get_context().dialect.name == "postgresql"
    column = sa.Column("reference", sa.String(24), nullable=True)
    # SQLite does not know IF NOT EXISTS here.
    op.add_column("orders", column, if_not_exists=on_postgresql or None)
    if not on_postgresql:
        op.create_index(INDEX, "orders", ["reference"], unique=True)
        return
    with op.get_context().autocommit_block():
        # A build that failed leaves an invalid index of the same name.
        op.drop_index(INDEX, "orders", if_exists=True, postgresql_concurrently=True)
        op.create_index(INDEX, "orders", ["reference"], unique=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(INDEX, "orders")
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("reference")
