"""Every order has a reference.

On PostgreSQL the check is validated first; SET NOT NULL then trusts it and
reads no row while it keeps everybody out.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECK = "ck_orders_reference"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE orders VALIDATE CONSTRAINT {CHECK}")
        op.alter_column("orders", "reference", existing_type=sa.String(24), nullable=False)
        op.drop_constraint(op.f(CHECK), "orders", type_="check")
        return
    with op.batch_alter_table("orders") as orders:
        orders.alter_column("reference", existing_type=sa.String(24), nullable=False)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.create_check_constraint(
            op.f(CHECK), "orders", "reference IS NOT NULL", postgresql_not_valid=True
        )
        op.alter_column("orders", "reference", existing_type=sa.String(24), nullable=True)
        return
    with op.batch_alter_table("orders") as orders:
        orders.alter_column("reference", existing_type=sa.String(24), nullable=True)
