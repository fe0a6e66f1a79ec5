"""What administrators did. Rows are added, never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, Connection, Index, Integer, String, event, func
from sqlalchemy.orm import Mapped, mapped_column

from orders.clock import utc_now
from orders.models.base import Base, UtcDateTime


class AuditEntry(Base):
    """One action: what was done to which resource, with whose key, in which request, from where."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_resource_type_resource_id", "resource_type", "resource_id"),
    )

    # SQLite numbers rows by itself only in a column declared INTEGER.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    action: Mapped[str] = mapped_column(String(64))
    resource_type: Mapped[str] = mapped_column(String(32))
    resource_id: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(45))
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=utc_now, server_default=func.now()
    )
    reason: Mapped[str | None] = mapped_column(String(200))


# The database itself keeps the log append-only, whoever connects. The last
# migration creates the same objects; these serve databases made from the models.
_APPEND_ONLY = {
    "postgresql": (
        """
CREATE OR REPLACE FUNCTION audit_log_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END;
$$
""",
        """
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON audit_log
FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_update()
""",
    ),
    "sqlite": (
        """
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END
""",
    ),
}


@event.listens_for(Base.metadata.tables["audit_log"], "after_create")
def _keep_append_only(_table: object, connection: Connection, **_: object) -> None:
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
