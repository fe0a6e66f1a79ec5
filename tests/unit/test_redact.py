from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.redact import (
    MASK,
    RedactedStream,
    Redactor,
    safe_text,
    secrets_of,
    sounds_secret,
)

pytestmark = pytest.mark.unit

SECRET = 'p4ss/"wörd+&<7'
secrets = st.text(min_size=8, max_size=40).filter(lambda text: MASK not in text)


def forms(secret: str) -> list[str]:
    return [
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ]


@pytest.mark.parametrize("form", forms(SECRET))
def test_a_known_secret_is_replaced_in_every_form(form: str) -> None:
    assert f"before {MASK} after" == Redactor([SECRET]).redact(f"before {form} after")


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "abcd"])
def test_a_secret_is_replaced_in_basic_authorization(user: str) -> None:
    header = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    shown = Redactor([SECRET]).redact(f"Authorization: Basic {header}")
    assert MASK in shown
    left = shown.removeprefix("Authorization: Basic ").replace(MASK, "")
    assert len(left) <= len(base64.b64encode(f"{user}:".encode())) + 4


@given(st.text(), secrets, st.text())
def test_no_known_secret_survives(before: str, secret: str, after: str) -> None:
    assert secret not in Redactor([secret]).redact(before + secret + after).replace(MASK, "\0")


@given(st.text())
def test_without_secrets_and_urls_nothing_changes(text: str) -> None:
    text = text.replace("://", "")
    assert text == Redactor([]).redact(text)


def test_each_line_of_a_key_of_many_lines_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n"
    assert f"x {MASK} y" == Redactor([key]).redact("x kqhkiG9w0BAQEF y")


def test_overlapping_secrets_leave_nothing_of_either() -> None:
    assert f"<{MASK}>" == Redactor(["abcdefgh", "efghijkl"]).redact("<abcdefghijkl>")


def test_short_words_are_left_alone() -> None:
    assert Redactor(["test"]).redact("in the test") == "in the test"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app:hunter2@db/x", f"postgresql://app:{MASK}@db/x"),
        ("https://u:p@ss@host/", f"https://u:{MASK}@host/"),
        ("https://ghp_0123456789abcdefghij@host/", f"https://{MASK}@host/"),
        ("redis://:topsecret@cache:6379", f"redis://:{MASK}@cache:6379"),
        ("ssh://git@host/x", "ssh://git@host/x"),
        ("http://host:8080/a@b", "http://host:8080/a@b"),
    ],
)
def test_passwords_in_urls_are_replaced(url: str, shown: str) -> None:
    assert f"see {shown} there" == Redactor([]).redact(f"see {url} there")


@pytest.mark.parametrize(
    "name",
    ["GITHUB_TOKEN", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "SENTRY_DSN", "api-key", "DB_PWD"],
)
def test_names_that_sound_secret(name: str) -> None:
    assert sounds_secret(name)


@pytest.mark.parametrize("name", ["PATH", "PWD", "KEYBOARD", "MONKEY", "AUTHOR", "PASSAGE"])
def test_names_that_do_not(name: str) -> None:
    assert not sounds_secret(name)


def test_secrets_of_an_environment() -> None:
    environment = {
        "API_TOKEN": "abc123def",
        "SHORT_TOKEN": "abc",
        "USE_TOKENS": "enabled",
        "HOME": "/home/someone",
        "DATABASE_URL": "postgresql://app:s3cr%40et@db/orders",
        "LOCAL_URL": "postgresql://postgres:postgres@localhost/orders",
    }
    assert secrets_of(environment) == ("abc123def", "s3cr%40et", "s3cr@et")


@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 4))
def test_a_stream_shows_what_the_whole_text_shows(pieces: list[str], where: int) -> None:
    pieces.insert(min(where, len(pieces)), "hunter2-hun")
    pieces.insert(min(where, len(pieces)) + 1, "ter2\n")
    redactor = Redactor(["hunter2-hunter2"])
    stream = RedactedStream(redactor)
    shown = "".join([*(stream.feed(piece) for piece in pieces), stream.finish()])
    assert redactor.redact("".join(pieces)) == shown


@pytest.mark.parametrize("cut", range(50_000, 80_000, 5_003))
def test_a_secret_in_an_endless_line_is_replaced(cut: int) -> None:
    secret = "0123456789abcdef" * 40
    text = "x" * 65_000 + secret + "y" * 20_000
    stream = RedactedStream(Redactor([secret]))
    shown = stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.finish()
    assert shown == "x" * 65_000 + MASK + "y" * 20_000


def test_a_secret_where_an_endless_line_is_cut_is_replaced() -> None:
    secret = "0123456789abcdef" * 40
    stream = RedactedStream(Redactor([secret]))
    shown = stream.feed("x" * 70_000 + secret + "y" * 3_800)
    assert shown == "x" * 70_000
    assert stream.finish() == MASK + "y" * 3_800


def test_an_endless_line_is_not_held_back_as_a_whole() -> None:
    stream = RedactedStream(Redactor(["hunter2"]))
    assert len(stream.feed("x" * 200_000)) > 190_000


def test_lines_come_out_at_once() -> None:
    stream = RedactedStream(Redactor([]))
    assert (stream.feed("one\ntw"), stream.feed("o")) == ("one\n", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", ""),
        ("\x1bPq#0\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("\x1b(Bplain\x1b=", "plain"),
        ("a\x00b\x07c\x7f", "abc"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("10 %\r20 %\r\nend", "10 %\n20 %\nend"),
        ("ev\u202eil", "ev\\u202eil"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("name\udcff", "name\\xff"),
        ("half\ud800", "half\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("naïve 日本語 👩‍🚀", "naïve 日本語 👩‍🚀"),
    ],
)
def test_text_is_made_safe(text: str, shown: str) -> None:
    assert shown == safe_text(text)


@given(st.text(alphabet=st.characters()))
def test_safe_text_is_safe_and_stays_so(text: str) -> None:
    shown = safe_text(text)
    assert shown == safe_text(shown)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in shown)
    shown.encode("utf-8")
