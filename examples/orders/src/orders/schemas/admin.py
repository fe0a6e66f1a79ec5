"""Administration over the wire."""

from datetime import datetime

from orders.schemas.common import Answer, Reason, Request


class AdminAction(Request):
    """Why an administrator acts."""

    reason: Reason


class AuditAnswer(Answer):
    """One row of the audit log."""

    id: int
    action: str
    resource_type: str
    resource_id: str
    key_id: str
    request_id: str
    address: str | None
    created_at: datetime
    reason: str | None
