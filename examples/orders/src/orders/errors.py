"""What can go wrong for a reason that the client can do something about."""

from typing import ClassVar


class OrdersError(Exception):
    """Parent of the errors that become an answer; the message is shown to the client."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"


class NotFoundError(OrdersError):
    """The named thing does not exist."""

    status = 404
    code = "not-found"


class ConflictError(OrdersError):
    """The request contradicts what is stored."""

    status = 409
    code = "conflict"


class NotAllowedError(OrdersError):
    """The key is missing or unknown."""

    status = 401
    code = "not-allowed"
