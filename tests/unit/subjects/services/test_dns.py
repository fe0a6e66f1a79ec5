from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import msgspec
import pytest

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.dns import PROBE
from support.probing import Asked, look, world

pytestmark = pytest.mark.gates

Reply = Callable[[dns.message.Message], bytes]


@contextmanager
def name_server(reply: Reply) -> Iterator[int]:
    """A name server over UDP that answers as the test says (a stand-in for a real one)."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            data, address = sock.recvfrom(4096)
            if data == b"over":
                return
            sock.sendto(reply(dns.message.from_wire(data)), address)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = int(sock.getsockname()[1])
    try:
        yield port
    finally:
        over.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"over", ("127.0.0.1", port))
        thread.join(5)
        sock.close()


def records(*texts: str, kind: str = "A") -> Reply:
    def reply(query: dns.message.Message) -> bytes:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if texts:
            answer.answer.append(
                dns.rrset.from_text(query.question[0].name, 60, "IN", kind, *texts)
            )
        return answer.to_wire()

    return reply


def refuses(code: int) -> Reply:
    def reply(query: dns.message.Message) -> bytes:
        answer = dns.message.make_response(query)
        answer.set_rcode(dns.rcode.Rcode(code))
        return answer.to_wire()

    return reply


def ask(root: Path, port: int, seconds: float = 5.0, **settings: Any) -> Observation:
    given = {"host": "api.example.org", "server": "127.0.0.1", "port": port, **settings}
    return look(PROBE, given, world(root), seconds)


def test_the_system_knows_its_own_name(tmp_path: Path) -> None:
    values = look(PROBE, {"host": "localhost"}, world(tmp_path)).values
    assert values["records"] == ["127.0.0.1"]
    assert values["count"] == 1
    assert isinstance(values["ttl"], Unreadable)


def test_a_name_that_the_system_does_not_know_fails(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match=r"nowhere\.invalid has no A record|looking up"):
        look(PROBE, {"host": "nowhere.invalid"}, world(tmp_path))


def test_a_name_server_is_asked_and_told_about(tmp_path: Path) -> None:
    asked = Asked()
    given = {"host": "api.example.org", "server": "localhost"}
    with name_server(records("192.0.2.7", "192.0.2.5")) as port:
        seen = look(PROBE, {**given, "port": port}, world(tmp_path, allowed=asked.allowed))
    assert seen.values["records"] == ["192.0.2.5", "192.0.2.7"]
    assert seen.values["ttl"] == 60
    assert asked.hosts[0][0] == "localhost"


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("CNAME", "lb.example.org.", "lb.example.org"),
        ("MX", "10 mail.example.org.", "10 mail.example.org"),
        ("TXT", '"v=spf1 " "-all"', "v=spf1 -all"),
        ("AAAA", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_records_of_other_types_are_text(tmp_path: Path, kind: str, text: str, shown: str) -> None:
    with name_server(records(text, kind=kind)) as port:
        assert ask(tmp_path, port, type=kind).values["records"] == [shown]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (refuses(3), "there is no name api.example.org"),
        (refuses(2), "no answer"),
        (records(), "has no A record"),
        (lambda _query: b"nonsense", "no answer|deadline"),
    ],
    ids=["nxdomain", "servfail", "empty", "nonsense"],
)
def test_an_answer_without_the_record_fails(tmp_path: Path, reply: Reply, said: str) -> None:
    with name_server(reply) as port, pytest.raises(ProbeFailed, match=said):
        ask(tmp_path, port, 1.5)


def test_a_name_server_that_may_not_be_asked_is_not_asked(tmp_path: Path) -> None:
    came: list[Any] = []

    def refuse(host: str, addresses: tuple[str, ...]) -> None:
        raise ProbeProblem(f"{host} may not be asked")

    def note(query: dns.message.Message) -> bytes:
        came.append(query)
        return b""

    with name_server(note) as port:
        given = {"host": "a.example.org", "server": "127.0.0.1", "port": port}
        with pytest.raises(ProbeProblem, match="may not be asked"):
            look(PROBE, given, world(tmp_path, allowed=refuse))
    assert came == []


def test_an_unknown_type_is_a_configuration_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="type must be one of"):
        msgspec.convert({"host": "h", "type": "ANY"}, type=PROBE.settings)
