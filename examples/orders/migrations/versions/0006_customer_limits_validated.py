"""Look at the customers from before the spend limit.

Only PostgreSQL lets a check wait for this; SQLite has looked already.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECK = "ck_customers_spend_limit_cents"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE customers VALIDATE CONSTRAINT {CHECK}")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "customers", type_="check")
        op.create_check_constraint(
            op.f(CHECK), "customers", "spend_limit_cents >= 0", postgresql_not_valid=True
        )
