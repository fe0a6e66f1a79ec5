"""New orders must have a reference.

Run it once every instance writes references. Only PostgreSQL needs this step
between; on SQLite revision 0011 does it all.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECK = "ck_orders_reference"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.create_check_constraint(
            op.f(CHECK), "orders", "reference IS NOT NULL", postgresql_not_valid=True
        )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "orders", type_="check")
