"""The live service, played by a transport: this suite asks nobody outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from release_gate.subjects.advisories.service import Service, ServiceProblem
from support.osv import record

pytestmark = pytest.mark.unit

URL = "https://osv.example/v1/query"


def service(answer: Callable[[dict[str, Any]], httpx.Response]) -> Service:
    def handle(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == URL
        return answer(json.loads(request.content))

    return Service(URL, transport=httpx.MockTransport(handle))


def answering(document: Any, status: int = 200) -> Service:
    return service(lambda _question: httpx.Response(status, json=document))


def test_it_asks_for_the_package_and_version() -> None:
    seen: list[dict[str, Any]] = []

    def answer(question: dict[str, Any]) -> httpx.Response:
        seen.append(question)
        return httpx.Response(200, json={"vulns": [record()]})

    (advisory,) = service(answer).affecting("sprocket", "1.0")
    assert seen == [{"package": {"name": "sprocket", "ecosystem": "PyPI"}, "version": "1.0"}]
    assert advisory.id == "PYSEC-2025-1"


def test_all_pages_are_read() -> None:
    def answer(question: dict[str, Any]) -> httpx.Response:
        page = int(question.get("page_token", "0"))
        document: dict[str, Any] = {"vulns": [record(f"PYSEC-2025-{page}")]}
        if page < 2:
            document["next_page_token"] = str(page + 1)
        return httpx.Response(200, json=document)

    found = service(answer).affecting("sprocket", "1.0")
    assert [one.id for one in found] == ["PYSEC-2025-0", "PYSEC-2025-1", "PYSEC-2025-2"]


def test_pages_without_end_are_an_error() -> None:
    with pytest.raises(ServiceProblem, match="pages"):
        answering({"vulns": [], "next_page_token": "again"}).affecting("sprocket", "1.0")


def test_nothing_known_is_an_empty_object() -> None:
    assert answering({}).affecting("sprocket", "1.0") == ()


def test_records_about_other_packages_are_left_out() -> None:
    assert answering({"vulns": [record(package="other")]}).affecting("sprocket", "1.0") == ()


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ([], "no JSON object"),
        ("ok", "no JSON object"),
        ({"message": "hello"}, "not that of an OSV service"),
        ({"vulns": {}}, '"vulns" is no list'),
        ({"vulns": [{"id": "X"}]}, "broken record"),
        ({"vulns": [], "next_page_token": 3}, "next_page_token"),
    ],
)
def test_an_answer_of_another_shape_is_an_error(document: Any, what: str) -> None:
    with pytest.raises(ServiceProblem, match=what):
        answering(document).affecting("sprocket", "1.0")


@pytest.mark.parametrize("status", [204, 301, 400, 404, 429, 500, 503])
def test_any_other_status_is_an_error(status: int) -> None:
    with pytest.raises(ServiceProblem, match=str(status)):
        answering({}, status).affecting("sprocket", "1.0")


def test_an_answer_that_is_cut_off_is_an_error() -> None:
    cut = service(lambda _question: httpx.Response(200, content=b'{"vulns": ['))
    with pytest.raises(ServiceProblem, match="cut off"):
        cut.affecting("sprocket", "1.0")


def test_an_answer_larger_than_any_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release_gate.subjects.advisories.service._LARGEST", 1)
    with pytest.raises(ServiceProblem, match="too large"):
        answering({}).affecting("sprocket", "1.0")


def test_a_service_that_cannot_be_reached_is_an_error() -> None:
    def refuse(_question: dict[str, Any]) -> httpx.Response:
        raise httpx.ConnectError("refused")

    unreachable = service(refuse)
    with pytest.raises(ServiceProblem, match="cannot be reached: refused"):
        unreachable.affecting("sprocket", "1.0")
    unreachable.close()
