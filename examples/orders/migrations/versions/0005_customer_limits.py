"""Customers can be blocked and can have a spend limit.

On PostgreSQL the check counts for new rows at once; the next revision looks at
the old ones without keeping anybody out.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECK = "ck_customers_spend_limit_cents"


def upgrade() -> None:
    blocked: sa.Column[bool] = sa.Column(
        "blocked", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    limit = sa.Column("spend_limit_cents", sa.BigInteger(), nullable=True)
    if op.get_context().dialect.name == "postgresql":
        op.add_column("customers", blocked)
        op.add_column("customers", limit)
        op.create_check_constraint(
            op.f(CHECK), "customers", "spend_limit_cents >= 0", postgresql_not_valid=True
        )
        return
    with op.batch_alter_table("customers") as customers:
        customers.add_column(blocked)
        customers.add_column(limit)
        customers.create_check_constraint(op.f(CHECK), "spend_limit_cents >= 0")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "customers", type_="check")
        op.drop_column("customers", "spend_limit_cents")
        op.drop_column("customers", "blocked")
        return
    with op.batch_alter_table("customers") as customers:
        customers.drop_constraint(op.f(CHECK), type_="check")
        customers.drop_column("spend_limit_cents")
        customers.drop_column("blocked")
