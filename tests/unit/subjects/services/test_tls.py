from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from release_gate.ports import Deployment
from release_gate.subjects.probes.contract import Observation, ProbeFailed, ProbeProblem
from release_gate.subjects.services.tls import PROBE
from support.probing import look, world
from support.scenarios import drips, listening, sends, silent

pytestmark = pytest.mark.gates


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def context(authority: trustme.CA, *names: str, **options: Any) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(made)
    return made


def ask(
    root: Path, port: int, authority: trustme.CA, seconds: float = 5, **more: Any
) -> Observation:
    authority.cert_pem.write_to_path(str(root / "ca.pem"))
    kebab = {key.replace("_", "-"): value for key, value in more.items()}
    settings = {"host": "localhost", "port": port, "ca-file": "ca.pem", **kebab}
    return look(PROBE, settings, world(root), seconds)


def days(count: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=count)


def test_a_good_certificate_is_described(tmp_path: Path, authority: trustme.CA) -> None:
    server = context(authority, "localhost", "127.0.0.1", not_after=days(30))
    with listening(silent, server) as port:
        values = ask(tmp_path, port, authority, min_days=29).values
    assert 29.9 < values["days-left"] < 30.1
    assert values["names"] == ["127.0.0.1", "localhost"]
    assert (values["version"], values["version-number"]) == ("TLSv1.3", 1.3)
    assert "trustme" in values["issuer"]


def test_an_older_version_is_seen(tmp_path: Path, authority: trustme.CA) -> None:
    server = context(authority, "localhost")
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    with listening(silent, server) as port:
        assert ask(tmp_path, port, authority).values["version-number"] == 1.2


def test_a_version_below_1_2_fails(tmp_path: Path, authority: trustme.CA) -> None:
    server = context(authority, "localhost")
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        server.minimum_version = server.maximum_version = ssl.TLSVersion.TLSv1_1
    with listening(silent, server) as port, pytest.raises(ProbeFailed, match="no TLS"):
        ask(tmp_path, port, authority)


def test_an_expired_certificate_fails(tmp_path: Path, authority: trustme.CA) -> None:
    server = context(authority, "localhost", not_before=days(-9), not_after=days(-1))
    with listening(silent, server) as port, pytest.raises(ProbeFailed, match="has expired"):
        ask(tmp_path, port, authority)


def test_a_certificate_near_its_end_fails(tmp_path: Path, authority: trustme.CA) -> None:
    server = context(authority, "localhost", not_after=days(13.5))
    with listening(silent, server) as port:
        said = r"in 13\.\d days, and is to be good for 14 days"
        with pytest.raises(ProbeFailed, match=said):
            ask(tmp_path, port, authority, min_days=14)


def test_a_certificate_for_another_name_fails(tmp_path: Path, authority: trustme.CA) -> None:
    with (
        listening(silent, context(authority, "other.example.org")) as port,
        pytest.raises(ProbeFailed, match="not valid for 'localhost'"),
    ):
        ask(tmp_path, port, authority)


def test_the_name_to_ask_for_can_be_another_one(tmp_path: Path, authority: trustme.CA) -> None:
    with listening(silent, context(authority, "api.example.org")) as port:
        seen = ask(tmp_path, port, authority, server_name="api.example.org")
    assert seen.values["names"] == ["api.example.org"]


def test_a_certificate_of_an_unknown_authority_fails(tmp_path: Path, authority: trustme.CA) -> None:
    with (
        listening(silent, context(trustme.CA(), "localhost")) as port,
        pytest.raises(ProbeFailed, match="unable to get local issuer"),
    ):
        ask(tmp_path, port, authority)


def test_the_authorities_of_the_deployment_are_believed(
    tmp_path: Path, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    made = world(tmp_path, deployment=Deployment(name="staging", ca_file="own.pem"))
    with listening(silent, context(authority, "localhost")) as port:
        seen = look(PROBE, {"host": "localhost", "port": port}, made)
    assert seen.values["days-left"] > 0


def test_a_missing_file_of_authorities_cannot_be_judged(tmp_path: Path) -> None:
    settings = {"host": "localhost", "port": 1, "ca-file": "gone.pem"}
    with pytest.raises(ProbeProblem, match=r"gone\.pem cannot be read: No such file"):
        look(PROBE, settings, world(tmp_path))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (sends(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "no TLS"),
        (drips(), "no TLS|handshake|deadline"),
        (drips(b"\x16\x03\x03\x3f\xff" + b"\x02" * 200), "handshake in time|no TLS|deadline"),
        (silent, "did not finish the TLS handshake in time|deadline has passed"),
    ],
    ids=["http", "drip", "drip-of-a-record", "silent"],
)
def test_a_server_that_speaks_no_tls_fails(
    tmp_path: Path, authority: trustme.CA, answer: Any, said: str
) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed, match=said):
        ask(tmp_path, port, authority, 0.6)
