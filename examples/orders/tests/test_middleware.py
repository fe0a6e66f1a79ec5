"""What happens around every request."""

import logging
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient

from orders.middleware.body_limit import exceeds


@pytest.mark.parametrize("path", ["/version", "/health/ready", "/no/such/path"])
async def test_security_headers(client: AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"].split("; ")
    assert policy == ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]


async def test_the_documentation_may_load_its_scripts(client: AsyncClient) -> None:
    answer = await client.get("http://orders.test/docs")
    assert answer.status_code == 200
    assert "script-src https:" in answer.headers["Content-Security-Policy"]


async def test_a_request_id_is_echoed(client: AsyncClient) -> None:
    answer = await client.get("/version", headers={"X-Request-ID": "deploy-42.a_b"})
    assert answer.headers["X-Request-ID"] == "deploy-42.a_b"


@pytest.mark.parametrize("sent", [None, "", "a" * 65, "<script>", "two words", "ä"])
async def test_otherwise_the_id_is_a_fresh_uuid(client: AsyncClient, sent: str | None) -> None:
    headers = {} if sent is None else {b"X-Request-ID": sent.encode()}
    chosen = [(await client.get("/version", headers=headers)).headers["X-Request-ID"] for _ in "12"]
    assert len({UUID(one) for one in chosen}) == 2


async def test_a_refusal_names_the_request(client: AsyncClient) -> None:
    answer = await client.get("/orders/7", headers={"X-Request-ID": "lost-1"})
    assert answer.json()["request_id"] == "lost-1"


async def test_the_log_names_the_request(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="orders"):
        await client.get("/version", headers={"X-Request-ID": "trace-1"})
    (line,) = caplog.messages
    assert line.startswith("GET '/api/v1/version' 200 ")
    assert line.endswith(" request_id=trace-1")


async def test_a_long_body_is_refused(client: AsyncClient) -> None:
    answer = await client.post("/customers", content=b" " * 65537)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "a request body has at most 65536 bytes"


async def test_a_long_body_of_unknown_length_is_refused(client: AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1000

    assert (await client.post("/customers", content=chunks())).status_code == 413


@pytest.mark.parametrize(
    ("declared", "too_long"),
    [
        ("", False),
        ("0", False),
        ("100", False),
        ("101", True),
        ("0099", False),
        ("-1", False),
        ("9" * 5000, True),
        ("²", False),
    ],
)
def test_declared_lengths(declared: str, too_long: bool) -> None:
    assert exceeds(declared, 100) is too_long
