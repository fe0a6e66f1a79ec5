"""When an order reached its end, and why it failed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("failure", sa.String(200), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("orders") as orders:
        orders.drop_column("failure")
        orders.drop_column("finished_at")
