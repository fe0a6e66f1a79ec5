"""Why an administrator acted, and an index to find what happened to a resource."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_audit_log_resource_type_resource_id"
COLUMNS = ["resource_type", "resource_id"]


def upgrade() -> None:
    on_postgresql = op.get_context().dialect.name == "postgresql"
    column = sa.Column("reason", sa.String(200), nullable=True)
    # SQLite does not know IF NOT EXISTS here.
    op.add_column("audit_log", column, if_not_exists=on_postgresql or None)
    if not on_postgresql:
        op.create_index(INDEX, "audit_log", COLUMNS)
        return
    with op.get_context().autocommit_block():
        # A build that failed leaves an invalid index of the same name.
        op.drop_index(INDEX, "audit_log", if_exists=True, postgresql_concurrently=True)
        op.create_index(INDEX, "audit_log", COLUMNS, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index(INDEX, "audit_log")
    with op.batch_alter_table("audit_log") as audit_log:
        audit_log.drop_column("reason")
