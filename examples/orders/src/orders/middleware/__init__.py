"""What happens around every request."""

from orders.middleware.body_limit import BodyLimit
from orders.middleware.request_id import RequestId
from orders.middleware.security_headers import SecurityHeaders

__all__ = ["BodyLimit", "RequestId", "SecurityHeaders"]
