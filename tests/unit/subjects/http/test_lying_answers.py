"""Answers that are cut off, packed, ambiguous or lie: no check passes by them, none breaks."""

from __future__ import annotations

import gzip
import threading
import zlib
from pathlib import Path

import httpx
import pytest

from release_gate.subjects.http.decoding import codings_of, decoded
from release_gate.subjects.http.exchange import Received, redirected
from release_gate.subjects.http.request import Sending
from release_gate.subjects.probes.contract import ProbeFailed
from release_gate.subjects.probes.outcome import Outcome
from support.checks import deployment, outcome, session
from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.gates

BODY = b'{"status": "ok"}'
STATUS = '{ on = "status", equals = 200 }'
OK = '{ on = "json", path = "$.status", equals = "ok" }'


def asked(folder: Path, reply: Reply, expect: str = OK, more: str = "") -> Outcome:
    toml = f'[[checks]]\nname = "one"\nhttp = {{ path = "/"{more} }}\nexpect = [{expect}]\n'
    with web({"/": reply}) as server:
        return outcome(folder, toml, deployment(server.url))


def packed(content: bytes, coding: str) -> Reply:
    return Reply(body=content, headers={"Content-Encoding": coding})


def raw_deflate(content: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(content) + machine.flush()


@pytest.mark.parametrize(
    ("content", "coding"),
    [
        (gzip.compress(BODY, mtime=0), "gzip"),
        (gzip.compress(BODY[:5], mtime=0) + gzip.compress(BODY[5:], mtime=0) + b"\0\0", "x-gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "Deflate"),
        (gzip.compress(zlib.compress(BODY), mtime=0), "deflate, gzip"),
        (BODY, "identity"),
    ],
)
def test_a_whole_body_is_read_in_every_coding(tmp_path: Path, content: bytes, coding: str) -> None:
    assert asked(tmp_path, packed(content, coding)).reason == ""


@pytest.mark.parametrize("less", [1, 4, 8, 12])
def test_a_packed_body_that_is_cut_off_fails_even_if_its_length_is_right(
    tmp_path: Path, less: int
) -> None:
    one = asked(tmp_path, packed(gzip.compress(BODY, mtime=0)[:-less], "gzip"), STATUS)
    assert (one.state, one.reason) == ("failed", "the body is cut off: its gzip does not end")


def test_a_body_that_is_not_in_its_coding_fails(tmp_path: Path) -> None:
    one = asked(tmp_path, packed(BODY, "gzip"), STATUS)
    assert (one.state, "cannot be decoded" in one.reason) == ("failed", True)


def test_a_coding_that_cannot_be_undone_is_not_judged(tmp_path: Path) -> None:
    one = asked(tmp_path, packed(BODY, "br"))
    assert (one.state, "the body is encoded as br" in one.reason) == ("unjudged", True)


def test_pieces_of_a_bomb_have_a_bounded_size() -> None:
    pieces = decoded(codings_of(["gzip"]), [gzip.compress(b"x" * 5_000_000, mtime=0)])
    sizes = [len(piece) for piece in pieces]
    assert (sum(sizes), max(sizes)) == (5_000_000, 1 << 16)


def test_a_coding_without_a_body_is_no_cut_off_body() -> None:
    assert list(decoded(("gzip",), [])) == []
    with pytest.raises(ProbeFailed, match="does not end"):
        list(decoded(("gzip",), [b"\x1f"]))


@pytest.mark.parametrize("charset", ["undefined", "idna", "hex", "nonsense"])
def test_a_charset_that_cannot_be_read_is_named(tmp_path: Path, charset: str) -> None:
    kind = {"Content-Type": f"application/json; charset={charset}"}
    one = asked(tmp_path, Reply(body=BODY + b"\xff", headers=kind))
    assert (one.state, f"the body is not {charset}" in one.reason) == ("unjudged", True)


def test_half_a_character_out_of_a_charset_is_not_read(tmp_path: Path) -> None:
    kind = {"Content-Type": "text/plain; charset=utf-7"}
    one = asked(tmp_path, Reply(body=b"+2AA-", headers=kind), '{ on = "body", equals = "x" }')
    assert (one.state, "the body is not utf-7" in one.reason) == ("unjudged", True)


@pytest.mark.parametrize(
    "location",
    ["/\\evil.example/", "///evil.example/", "\\\\evil.example"],
)
def test_a_redirect_is_resolved_as_browsers_do(tmp_path: Path, location: str) -> None:
    reply = Reply(status=302, headers={"Location": location})
    one = asked(tmp_path, reply, '{ on = "redirect", name = "same-host", equals = true }')
    assert (one.state, one.reason) == (
        "failed",
        "redirect same-host: expected true, actual false",
    )


def test_a_redirect_within_the_host_keeps_its_query(tmp_path: Path) -> None:
    reply = Reply(status=302, headers={"Location": "/a/../b?next=//x\\y"})
    expect = '{ on = "redirect", name = "same-host", equals = true }'
    expect += ', { on = "redirect", name = "path", equals = "/b" }'
    assert asked(tmp_path, reply, expect).reason == ""


@pytest.mark.parametrize("location", ["http://[::1", "https:\\evil.example/"])
def test_a_location_that_is_no_address_fails_in_words(tmp_path: Path, location: str) -> None:
    reply = Reply(status=302, headers={"Location": location})
    one = asked(tmp_path, reply, '{ on = "status", equals = 302 }')
    assert (one.state, "location" in one.reason.lower()) == ("failed", True)
    assert "at fault" not in one.reason


def test_the_duration_counts_all_hops(tmp_path: Path) -> None:
    def slow(request: Asked) -> Reply:
        if request.path == "/":
            threading.Event().wait(0.4)
            return Reply(status=302, headers={"Location": "/end"})
        return Reply()

    toml = '[[checks]]\nname = "one"\nhttp = { path = "/", follow = 1 }\n'
    toml += 'expect = [{ on = "duration", greater-equal = 0.4 }]\n'
    with web(slow) as server:
        assert outcome(tmp_path, toml, deployment(server.url)).reason == ""


@pytest.mark.parametrize("what", [STATUS, OK, '{ on = "duration", less = 9 }'])
def test_one_of_several_answers_says_nothing_of_the_others(tmp_path: Path, what: str) -> None:
    one = asked(tmp_path, Reply(body=BODY), what, ", at-once = 3")
    assert (one.state, "there are several answers" in one.reason) == ("unjudged", True)


def test_two_locations_are_not_judged() -> None:
    url = httpx.URL("http://a.example/")
    received = Received(
        status=302,
        headers={"location": ("/a", "https://evil.example/")},
        content=b"",
        encoding="utf-8",
        url=url,
        seconds=0.0,
        certificate={},
    )
    sending = Sending(method="GET", url=url, headers={}, content=None, credentials=frozenset())
    with pytest.raises(ProbeFailed, match="more than one Location"):
        redirected(sending, received)


def test_a_captured_number_does_not_become_a_port(tmp_path: Path) -> None:
    toml = '[[checks]]\nname = "one"\nhttp = { path = "${uuid}/x" }\n' + f"expect = [{STATUS}]\n"
    with web({}) as server, pytest.raises(Exception, match="be nothing but one"):
        outcome(tmp_path, toml, deployment(server.url))


@pytest.mark.parametrize(
    ("reply", "secret"),
    [
        (Reply(headers={"X-Auth-Token": "handed-out-0123456789"}), "handed-out-0123456789"),
        (Reply(json={"jwt": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}), "eyJhbGciOiJIUzI1NiJ9"),
        (Reply(json={"session_id": "0123456789abcdef0123"}), "0123456789abcdef0123"),
        (Reply(json={"private_key": "-----BEGIN-----\nMIIEvQIBADANBg\n---"}), "MIIEvQIBADANBg"),
        (Reply(body=b'{"token": "abcd\\/efghijklmnopqr"}'), "efghijklmnopqr"),
        (Reply(body=b'{"token": "abcd\\u002Befghijklmnopqr\\u003D"}'), "efghijklmnopqr"),
        (Reply(body=b'{"token": "abcd\\u0026efghijklmnopqr"}'), "efghijklmnopqr"),
    ],
)
def test_what_an_answer_hands_out_is_hidden(tmp_path: Path, reply: Reply, secret: str) -> None:
    expect = '{ on = "body", equals = "x" }, { on = "header", name = "X-Auth-Token", equals = "x" }'
    toml = f'[[checks]]\nname = "one"\nhttp = {{ path = "/" }}\nexpect = [{expect}]\n'
    with web({"/": reply}) as server:
        opened = session(tmp_path, toml, deployment(server.url))
        try:
            (one,) = opened.run().outcomes
        finally:
            opened.close()
    assert one.state == "failed"
    shown = "\n".join([*(each.actual for each in one.told), *one.excerpt])
    assert secret in shown.replace("\\n", "\n") + shown
    assert secret not in opened.hidden.redact(shown)
