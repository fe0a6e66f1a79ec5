from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.redis import PROBE
from release_gate.subjects.services.resp import command
from release_gate.subjects.services.wire import connected
from support.probing import Asked, Seconds, look, world
from support.scenarios import drips, listening, replies, sends, silent, throttled
from support.services import KNOWN_WORD, Server, free_port, redis_server

pytestmark = pytest.mark.gates


def ask(root: Path, dsn: str, seconds: float = 10.0, **settings: Any) -> Observation:
    kebab = {key.replace("_", "-"): value for key, value in settings.items()}
    given = {"dsn-env": "REDIS_URL", **kebab}
    return look(PROBE, given, world(root, {"REDIS_URL": dsn}), seconds)


@pytest.fixture(scope="module")
def filled(redis: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    root = tmp_path_factory.mktemp("redis")
    commands = [
        ("AUTH", KNOWN_WORD),
        ("SET", "spend:2026-01-02", "41.5", "EX", "1000"),
        ("SET", "word", "up"),
        ("SET", "nan", "nan"),
        ("RPUSH", "queue", "a", "b", "c"),
        ("GET", "word"),
    ]
    with connected("127.0.0.1", redis.port, world(root), Seconds(10)) as wire:
        for words in commands:
            command(wire, *words)
    return redis


def test_a_server_that_answers_is_up(tmp_path: Path, redis: Server) -> None:
    seen = ask(tmp_path, redis.url)
    assert seen.values["ping"] == "PONG"
    assert seen.values["exists"] == Unreadable(reason='the check names no "key"')
    assert seen.values["info"] == Unreadable(reason='the check has no "info = true"')


def test_a_key_has_a_value_a_number_and_an_end(tmp_path: Path, filled: Server) -> None:
    values = ask(tmp_path, filled.url, key="spend:2026-01-02").values
    assert (values["exists"], values["type"], values["value"]) == (True, "string", "41.5")
    assert values["number"] == 41.5
    assert 0 < values["ttl"] <= 1000
    assert values["size"] == 4


def test_a_list_has_a_size_and_no_value(tmp_path: Path, filled: Server) -> None:
    values = ask(tmp_path, filled.url, key="queue").values
    assert (values["type"], values["size"]) == ("list", 3)
    assert "value" not in values
    assert "ttl" not in values


@pytest.mark.parametrize("key", ["word", "nan"])
def test_a_value_that_is_no_number_cannot_be_judged_as_one(
    tmp_path: Path, filled: Server, key: str
) -> None:
    assert ask(tmp_path, filled.url, key=key).values["number"] == Unreadable(reason="no number")


def test_a_key_that_is_not_there_has_nothing(tmp_path: Path, filled: Server) -> None:
    values = ask(tmp_path, filled.url, key="gone").values
    assert values["exists"] is False
    assert not {"value", "number", "ttl", "size"} & set(values)


def test_the_figures_of_the_server_and_its_hit_rate(tmp_path: Path, filled: Server) -> None:
    values = ask(tmp_path, filled.url, key="word", info=True).values
    assert values["info"]["role"] == "master"
    assert values["info"]["connected_clients"] >= 1
    assert 0 < values["hit-rate"] <= 1


def test_without_a_single_look_up_there_is_no_hit_rate(tmp_path: Path) -> None:
    with redis_server() as fresh:
        rate = ask(tmp_path, fresh.url, info=True).values["hit-rate"]
    assert rate == Unreadable(reason="no look-up was counted yet")


def test_a_wrong_password_fails_and_is_not_shown(tmp_path: Path, redis: Server) -> None:
    with pytest.raises(ProbeFailed, match="REDIS_URL: Redis says WRONGPASS") as caught:
        ask(tmp_path, redis.url.replace(KNOWN_WORD, "another-word"))
    assert "another-word" not in str(caught.value)


def test_a_missing_password_fails(tmp_path: Path, redis: Server) -> None:
    with pytest.raises(ProbeFailed, match="NOAUTH"):
        ask(tmp_path, f"redis://127.0.0.1:{redis.port}")


def test_a_unix_socket_is_asked(tmp_path: Path, redis: Server) -> None:
    seen = ask(tmp_path, f"unix://:{KNOWN_WORD}@{redis.folder}/s?db=2")
    assert seen.values["ping"] == "PONG"


def test_a_unix_socket_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="the Unix socket takes no connection: No such file"):
        ask(tmp_path, f"unix://{tmp_path}/s")


def test_a_database_that_does_not_exist_fails(tmp_path: Path, redis: Server) -> None:
    with pytest.raises(ProbeFailed, match="DB index is out of range"):
        ask(tmp_path, redis.url.removesuffix("0") + "99")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (sends(b"HTTP/1.1 400 Bad Request\r\n"), "does not speak Redis"),
        (replies(b"+OK\r\n", b"+PING\r\n"), "not answered with PONG"),
        (replies(b"-LOADING Redis is loading the dataset in memory\r\n"), "LOADING"),
        (replies(b"+OK\r\n", b"+PON"), "closed the connection early"),
        (replies(b"$99999999999\r\n"), "more than"),
        (replies(b"*99999999999\r\n"), "more than"),
        (replies(b"*1\r\n" * 9), "does not speak Redis"),
        (sends(b"+" * 70_000), "sent a line of more than"),
        (replies(b"*3\r\n:1\r\n$-1\r\n:x\r\n"), "where a number belongs"),
    ],
)
def test_an_answer_that_is_none_fails(tmp_path: Path, answer: Any, said: str) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed, match=said):
        ask(tmp_path, f"redis://:p@127.0.0.1:{port}", seconds=5)


@pytest.mark.parametrize("answer", [drips(b"+PO"), silent], ids=["drip", "silent"])
def test_a_server_that_drips_does_not_hold_the_probe(tmp_path: Path, answer: Any) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, f"redis://127.0.0.1:{port}", seconds=0.5)
    assert caught.value.transient


def test_an_answer_that_drips_does_not_hold_the_probe(tmp_path: Path, filled: Server) -> None:
    with (
        listening(throttled(filled.port, 100)) as port,
        pytest.raises(ProbeFailed, match=r"did not answer in time|deadline") as caught,
    ):
        ask(tmp_path, filled.url.replace(str(filled.port), str(port)), 1.0, info=True)
    assert caught.value.transient


def test_a_server_without_tls_fails_where_tls_is_asked_for(tmp_path: Path, redis: Server) -> None:
    with pytest.raises(ProbeFailed, match=r"handshake in time|deadline has passed"):
        ask(tmp_path, redis.url.replace("redis:", "rediss:", 1), seconds=0.5)
    with (
        listening(sends(b"-ERR no TLS here\r\n")) as port,
        pytest.raises(ProbeFailed, match=r"no TLS: .*WRONG_VERSION_NUMBER"),
    ):
        ask(tmp_path, f"rediss://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "dsn", ["http://h", "redis:///1", "redis://h:port", "token-in-a-wrong-place"]
)
def test_a_dsn_that_cannot_be_used_is_never_quoted(tmp_path: Path, dsn: str) -> None:
    with pytest.raises(ProbeProblem, match="no URL of Redis") as caught:
        ask(tmp_path, dsn)
    assert dsn not in str(caught.value)


def test_a_server_with_tls_is_verified(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    both, port = str(tmp_path / "both.pem"), free_port()
    options = ["--tls-port", str(port), "--tls-cert-file", both, "--tls-key-file", both]
    options += ["--tls-ca-cert-file", str(tmp_path / "ca.pem"), "--tls-auth-clients", "no"]
    with redis_server(*options):
        url = f"rediss://:{KNOWN_WORD}@localhost:{port}"
        assert ask(tmp_path, url, ca_file="ca.pem").values["ping"] == "PONG"
        with pytest.raises(ProbeFailed, match=r"no TLS: .*CERTIFICATE_VERIFY_FAILED"):
            ask(tmp_path, url)


def test_dsn_and_password_are_hidden_and_the_host_is_asked_for(
    tmp_path: Path, redis: Server
) -> None:
    asked = Asked()
    made = world(tmp_path, {"R": redis.url}, hide=asked.hidden.append, allowed=asked.allowed)
    look(PROBE, {"dsn-env": "R"}, made)
    assert {redis.url, KNOWN_WORD} <= set(asked.hidden)
    assert asked.hosts == [("127.0.0.1", ("127.0.0.1",))]
