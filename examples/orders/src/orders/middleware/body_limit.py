"""Bodies beyond a limit are refused before they are parsed."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Raises 413, by the declared length or, where that is missing, by counting."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0
        declared = Headers(scope=scope).get("content-length", "")
        too_long = HTTPException(413, f"a request body has at most {self.limit} bytes")

        async def receive_counted() -> Message:
            nonlocal seen
            if exceeds(declared, self.limit):
                raise too_long
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise too_long
            return message

        await self.app(scope, receive_counted, send)


def exceeds(declared: str, limit: int) -> bool:
    """Whether a Content-Length is a number above the limit, however many digits it has."""
    digits = declared.lstrip("0")
    if not (digits.isascii() and digits.isdecimal()):
        return False
    return len(digits) > len(str(limit)) or int(digits) > limit
