from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from release_gate.subjects.advisories.osv import Advisory, advisories, convert
from release_gate.subjects.advisories.server import Server
from release_gate.subjects.advisories.service import ServiceProblem
from support.osv import record

pytestmark = pytest.mark.unit


class Source:
    def __init__(self, *records: dict[str, Any]) -> None:
        self.known = [one for row in records for one in advisories(convert(row))]

    def affecting(self, package: str, version: str) -> tuple[Advisory, ...]:
        if package == "broken":
            raise ServiceProblem("it answered 503")
        return tuple(o for o in self.known if o.package == package and o.affects(version))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Source(record(package="Sprocket"))) as running:
        yield running


def ask(server: Server, name: str, version: str = "1.0", ecosystem: str = "PyPI") -> httpx.Response:
    question = {"package": {"name": name, "ecosystem": ecosystem}, "version": version}
    with httpx.Client(trust_env=False) as client:
        return client.post(server.url, content=json.dumps(question))


def test_it_listens_on_loopback_only(server: Server) -> None:
    assert server.url.startswith("http://127.0.0.1:")


def test_it_answers_with_the_advisories_of_a_version(server: Server) -> None:
    document = ask(server, "sprocket").json()
    assert [one["id"] for one in document["vulns"]] == ["PYSEC-2025-1"]
    affected = document["vulns"][0]["affected"][0]
    assert affected["ranges"][0]["events"] == [{"introduced": "0"}, {"fixed": "2.0"}]


def test_it_answers_nothing_for_an_unaffected_version(server: Server) -> None:
    assert ask(server, "sprocket", "2.0").json() == {}


def test_it_keeps_every_question_with_its_answer(server: Server) -> None:
    ask(server, "Sprocket", "1.0")
    ask(server, "other", "3.0")
    assert {question: len(found) for question, found in server.answers.items()} == {
        ("sprocket", "1.0"): 1,
        ("other", "3.0"): 0,
    }


def test_nothing_may_be_cached(server: Server) -> None:
    assert ask(server, "sprocket").headers["cache-control"] == "no-store"


def test_a_failing_source_is_told_and_kept(server: Server) -> None:
    assert ask(server, "broken").status_code == 502
    assert server.failures == ("it answered 503",)
    assert server.answers == {}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"package": 1, "version": "1"}', b"\xff"])
def test_a_question_that_is_none_is_refused(server: Server, body: bytes) -> None:
    with httpx.Client(trust_env=False) as client:
        assert client.post(server.url, content=body).status_code == 400
    assert "something else" in server.failures[0]


def test_another_ecosystem_is_refused(server: Server) -> None:
    assert ask(server, "sprocket", ecosystem="npm").status_code == 400


def test_another_call_is_refused(server: Server) -> None:
    with httpx.Client(trust_env=False) as client:
        address = server.url.replace("/query", "/querybatch")
        assert client.post(address, content=b"{}").status_code == 404


def test_a_question_that_is_too_large_is_refused(server: Server) -> None:
    with httpx.Client(trust_env=False) as client:
        assert client.post(server.url, content=b"x" * 70_000).status_code == 413


def test_versions_that_pip_audit_cannot_read_are_not_sent_as_fixed() -> None:
    with Server(Source(record(fixed="2.0-n653"))) as running:
        document = ask(running, "sprocket").json()
    events = document["vulns"][0]["affected"][0]["ranges"][0]["events"]
    assert events == [{"introduced": "0"}]


def test_it_is_gone_afterwards() -> None:
    with Server(Source()) as running:
        url = running.url
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.post(url, content=b"{}")
