"""Every request has an id: the client's own if it is harmless, else a fresh UUID."""

import logging
import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"

logger = logging.getLogger(__name__)

_HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """Puts the id into ``request.state.request_id``, the answer and one log line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = choose_id(Headers(scope=scope).get(HEADER))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            elapsed = (time.perf_counter() - started) * 1000
            logger.info(
                "%s %r %d %.1f ms request_id=%s",
                scope["method"],
                scope["path"],
                status,
                elapsed,
                request_id,
            )


def choose_id(sent: str | None) -> str:
    """The id that was sent, unless it is missing or could harm a log or a page."""
    return sent if sent and _HARMLESS.fullmatch(sent) else str(uuid4())
