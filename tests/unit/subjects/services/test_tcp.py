from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.tcp import PROBE, TcpSettings
from support.probing import Asked, look, world
from support.scenarios import drips, listening, replies, sends, silent

pytestmark = pytest.mark.gates


def ask(root: Path, port: int, seconds: float = 5.0, **settings: Any) -> Observation:
    return look(PROBE, {"host": "127.0.0.1", "port": port, **settings}, world(root), seconds)


def test_a_port_that_takes_connections_is_up(tmp_path: Path) -> None:
    with listening(silent) as port:
        values = ask(tmp_path, port).values
    assert (values["connected"], values["address"]) == (True, "127.0.0.1")
    assert isinstance(values["banner"], Unreadable)


def test_a_banner_is_read_until_it_matches(tmp_path: Path) -> None:
    with listening(sends(b"220 mail.example.org ESMTP\r\n250 more")) as port:
        seen = ask(tmp_path, port, until="ESMTP")
    assert seen.values["banner"].startswith("220 mail.example.org ESMTP")


def test_what_is_sent_is_answered(tmp_path: Path) -> None:
    with (
        listening(replies(b"+PO", b"NG\r\n")) as port,
        pytest.raises(ProbeFailed, match="was found: what came was '\\+PO'"),
    ):
        ask(tmp_path, port, 0.5, send="PING\r\n", until="PONG")
    with listening(replies(b"+PONG\r\n")) as port:
        assert ask(tmp_path, port, send="PING\r\n", until="PONG").values["banner"] == "+PONG\r\n"


def test_a_refused_connection_fails(tmp_path: Path) -> None:
    with listening(silent) as port:
        pass
    with pytest.raises(ProbeFailed, match=f"127.0.0.1 port {port} takes no connection") as caught:
        ask(tmp_path, port)
    assert caught.value.transient


def test_another_banner_fails_with_what_came(tmp_path: Path) -> None:
    with (
        listening(sends(b"554 no service\r\n")) as port,
        pytest.raises(ProbeFailed, match=r'before "\^220" was found: .*554 no service'),
    ):
        ask(tmp_path, port, until="^220")


def test_a_server_that_says_nothing_fails(tmp_path: Path) -> None:
    with listening(sends(b"")) as port, pytest.raises(ProbeFailed, match="nothing came"):
        ask(tmp_path, port, until="220")


def test_too_much_without_a_match_fails(tmp_path: Path) -> None:
    with (
        listening(sends(b"x" * 5000)) as port,
        pytest.raises(ProbeFailed, match="sent more than 4096 bytes"),
    ):
        ask(tmp_path, port, until="220", **{"max-bytes": 4096})


@pytest.mark.parametrize("answer", [drips(), silent], ids=["drip", "silent"])
def test_a_server_that_drips_does_not_hold_the_probe(tmp_path: Path, answer: Any) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, port, 0.4, until="220")
    assert caught.value.transient


def test_a_name_without_address_fails(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match=r"nowhere.invalid has no address|looking up") as caught:
        look(PROBE, {"host": "nowhere.invalid", "port": 1}, world(tmp_path))
    assert caught.value.transient


def test_a_host_that_may_not_be_asked_is_not_connected_to(tmp_path: Path) -> None:
    came: list[Any] = []

    def refuse(host: str, addresses: tuple[str, ...]) -> None:
        raise ProbeProblem(f"{host} may not be asked")

    with listening(came.append) as port, pytest.raises(ProbeProblem, match="may not be asked"):
        look(PROBE, {"host": "localhost", "port": port}, world(tmp_path, allowed=refuse))
    assert came == []


def test_an_address_of_ipv6_is_asked(tmp_path: Path) -> None:
    with listening(sends(b"220 six\r\n"), host="::1") as port:
        seen = look(PROBE, {"host": "::1", "port": port, "until": "220"}, world(tmp_path))
    assert seen.values["address"] == "::1"


def test_a_host_whose_first_address_refuses_is_asked_at_the_next(tmp_path: Path) -> None:
    with listening(silent) as port:  # localhost is ::1 as well where there is IPv6
        seen = look(PROBE, {"host": "localhost", "port": port}, world(tmp_path))
    assert seen.values["address"] == "127.0.0.1"


def test_name_and_addresses_are_asked_for_before(tmp_path: Path) -> None:
    asked = Asked()
    with listening(silent) as port:
        look(PROBE, {"host": "localhost", "port": port}, world(tmp_path, allowed=asked.allowed))
    assert asked.hosts[0][0] == "localhost"
    assert "127.0.0.1" in asked.hosts[0][1]


def test_sending_counts_as_writing_unless_it_is_said_not_to() -> None:
    assert not PROBE.writes(TcpSettings(host="h", port=1))
    assert PROBE.writes(TcpSettings(host="h", port=1, send="x"))
    assert not PROBE.writes(TcpSettings(host="h", port=1, send="x", read_only=True))


@pytest.mark.parametrize("settings", [{"port": 0}, {"port": 70000}, {"port": 1, "until": "("}])
def test_settings_that_are_none_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"port must be|no regular expression"):
        msgspec.convert({"host": "h", **settings}, type=TcpSettings)
