"""What no server can make a probe do: wait longer, read more, or leave connections behind."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.subjects.http import backend
from release_gate.subjects.http.origins import Origins
from release_gate.subjects.probes.outcome import Outcome
from support.checks import deployment, outcome, session
from support.servers.raw import dripping, hanging, never_reading, raw, read_head, saying
from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.gates

CHECK = """
[[checks]]
name = "health"
timeout = "1s"
http = { path = "/" }
expect = [{ on = "status", equals = 200 }]
"""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


def asked(folder: Path, port: int, toml: str = CHECK) -> Outcome:
    return outcome(folder, toml, deployment(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEAD, id="the head"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n", id="chunks"),
    ],
)
def test_one_byte_per_half_second_ends_at_the_total_deadline(tmp_path: Path, text: bytes) -> None:
    clock = SystemClock()
    with raw(dripping(text)) as port:
        since = clock.monotonic()
        one = asked(tmp_path, port)
        spent = clock.monotonic() - since
    assert one.state == "failed"
    assert one.reason == "there was no whole answer within 1 s"
    assert spent <= 1.2  # the promise itself, not a measurement


def test_a_body_that_drips_after_a_quick_head_ends_too(tmp_path: Path) -> None:
    def serve(connection: socket.socket, ended: threading.Event) -> None:
        read_head(connection)
        connection.sendall(HEAD)
        while not ended.wait(0.2):
            connection.sendall(b"x")

    with raw(serve) as port:
        one = asked(tmp_path, port)
    assert (one.state, one.reason) == ("failed", "there was no whole answer within 1 s")


def test_a_handshake_that_drips_ends_too(tmp_path: Path) -> None:
    text = b"\x16\x03\x03\x40\x00\x02\x00"

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        connection.recv(4096)
        for position in range(1000):
            connection.sendall(text[position : position + 1] or b"\0")
            if ended.wait(0.2):
                return

    with raw(serve) as port:
        one = outcome(tmp_path, CHECK, deployment(f"https://127.0.0.1:{port}"))
    assert (one.state, one.reason) == ("failed", "there was no whole answer within 1 s")


def test_a_name_that_is_never_resolved_ends_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "_look_up", lambda _host, _inbox: None)
    one = outcome(tmp_path, CHECK, deployment("http://app.example.com"))
    assert (one.state, one.reason) == ("failed", "there was no whole answer within 1 s")


def test_redirects_share_one_deadline(tmp_path: Path) -> None:
    def slow(_: Asked) -> Reply:
        time.sleep(0.3)
        return Reply(status=302, headers={"Location": "/"})

    toml = CHECK.replace('path = "/"', 'path = "/", follow = 10')
    with web(slow) as server:
        one = outcome(tmp_path, toml, deployment(server.url))
    assert (one.state, one.reason) == ("failed", "there was no whole answer within 1 s")


def test_a_server_that_never_answers_ends_too(tmp_path: Path) -> None:
    with raw(hanging()) as port:
        assert asked(tmp_path, port).reason == "there was no whole answer within 1 s"


def test_a_server_that_does_not_read_ends_too(tmp_path: Path) -> None:
    big = 'name = "big"\nhttp = { method = "POST", path = "/", file = "big.bin" }\n'
    toml = f'[[checks]]\n{big}timeout = "1s"\nexpect = [{{ on = "status", equals = 200 }}]\n'
    with raw(never_reading()) as port:
        place = deployment(f"http://127.0.0.1:{port}")
        one = outcome(tmp_path, toml, place, files={"big.bin": b"x" * 30_000_000})
    assert (one.state, one.reason) == ("failed", "there was no whole answer within 1 s")


def test_no_attempt_that_is_cut_off_leaves_a_connection_behind(tmp_path: Path) -> None:
    """5,000 attempts cut off by their deadline, then ten good ones, through the same client."""
    well = threading.Event()

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        read_head(connection)
        if well.is_set():
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            return
        connection.sendall(HEAD)
        connection.recv(1)  # until the client goes away
        del ended

    names = [f"cut-{number}" for number in range(50)]
    cut = "at-once = 25\n" + "".join(
        CHECK.replace('"1s"', '"10ms"').replace("health", name) for name in names
    )
    with raw(serve) as port:
        place = deployment(f"http://127.0.0.1:{port}")
        origins = Origins(clock=SystemClock(), deployment=place, rate=1e6)
        opened = replace(session(tmp_path, cut, place), origins=origins)
        good = replace(session(tmp_path, CHECK, place), origins=origins)
        try:
            states = [one.state for _ in range(100) for one in opened.run(_silent).outcomes]
            assert states == ["failed"] * 5000
            url = httpx.URL(place.target or "")
            assert origins.client(url, None, verify=True).transport.open_connections == 0
            well.set()
            assert [good.run(_silent).passed for _ in range(10)] == [True] * 10
        finally:
            opened.close()


def _silent(_text: str) -> None:
    """Progress is of no interest here."""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(b"", "the answer is no HTTP or is cut off", id="nothing"),
        pytest.param(b"hello\r\n\r\n", "the answer is no HTTP or is cut off", id="no HTTP"),
        pytest.param(HEAD + b"short", "the answer is no HTTP or is cut off", id="cut off"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            "the body cannot be decoded",
            id="not gzip",
        ),
    ],
)
def test_an_answer_that_is_not_whole_fails(tmp_path: Path, answer: bytes, said: str) -> None:
    with raw(saying(answer)) as port:
        one = asked(tmp_path, port)
    assert one.state == "failed"
    assert said in one.reason


def test_nobody_there_fails_and_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    one = asked(tmp_path, port)
    assert one.state == "failed"
    assert one.reason == f"no connection to 127.0.0.1:{port}: connection refused"


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_beyond_its_limit_is_not_read_on(tmp_path: Path, *, packed: bool) -> None:
    content = b"x" * 3_000_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    reply = Reply(body=gzip.compress(content) if packed else content, headers=headers)
    with web({"/": reply}) as server:
        one = outcome(tmp_path, CHECK, deployment(server.url))
    assert (one.state, one.reason) == (
        "failed",
        "the body is longer than 1048576 bytes (body-limit)",
    )


def test_a_body_within_a_raised_limit_is_read(tmp_path: Path) -> None:
    toml = CHECK.replace('path = "/"', 'path = "/", body-limit = 4000000')
    with web({"/": Reply(body=b"x" * 3_000_000)}) as server:
        assert outcome(tmp_path, toml, deployment(server.url)).state == "passed"


def test_a_rate_is_kept(tmp_path: Path) -> None:
    toml = 'rate = 5\n[[checks]]\nname = "many"\ntimeout = "8s"\n'
    toml += 'http = { path = "/", at-once = 10 }\n'
    toml += 'expect = [{ on = "answers", path = "$[?@.status == 200]", count = 10 }]\n'
    clock = SystemClock()
    with web({"/": Reply()}) as server:
        since = clock.monotonic()
        assert outcome(tmp_path, toml, deployment(server.url)).state == "passed"
    assert clock.monotonic() - since > 0.8  # five at once, then five a second
