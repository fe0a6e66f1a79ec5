"""Old orders get a reference made from their number.

Alone in its transaction, so that no lock on the table is held while it runs.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECK = "ck_orders_reference"
NUMBER = "'ORD-' || CAST(id AS VARCHAR(20))"


def upgrade() -> None:
    op.execute(f"UPDATE orders SET reference = {NUMBER} WHERE reference IS NULL")


def downgrade() -> None:
    # Only the references that the upgrade made are forgotten; the check of the
    # revision before this one has to let them go.
    forget = f"UPDATE orders SET reference = NULL WHERE reference = {NUMBER}"
    if op.get_context().dialect.name != "postgresql":
        op.execute(forget)
        return
    op.drop_constraint(op.f(CHECK), "orders", type_="check")
    op.execute(forget)
    op.create_check_constraint(
        op.f(CHECK), "orders", "reference IS NOT NULL", postgresql_not_valid=True
    )
