"""Every refusal has the same shape and repeats nothing that the client sent."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from orders.errors import OrdersError


def register(app: FastAPI) -> None:
    """Answer each kind of error with :func:`problem`."""
    app.exception_handler(OrdersError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)


def problem(request: Request, status: int, code: str, message: str, **more: Any) -> JSONResponse:
    """``{"error": {code, message, …}, "request_id": …}``."""
    error = {"code": code, "message": message, **more}
    body = {"error": error, "request_id": request.state.request_id}
    return JSONResponse(body, status_code=status)


async def _refused(request: Request, error: OrdersError) -> JSONResponse:
    return problem(request, error.status, error.code, str(error))


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    reasons = [
        {"field": _field(item["type"], item["loc"]), "reason": item["type"]}
        for item in error.errors()
    ]
    return problem(request, 422, "invalid", "the request is not valid", reasons=reasons)


def _field(reason: str, location: tuple[str | int, ...]) -> str:
    # The last part names a field of ours, unless the client made the field up.
    known = location[:-1] if reason == "extra_forbidden" else location
    return ".".join(str(part) for part in known)


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    return problem(request, error.status_code, f"http-{error.status_code}", str(error.detail))
