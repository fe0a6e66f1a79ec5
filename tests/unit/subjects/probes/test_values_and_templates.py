"""Equality, templates, directives and the list of what may be asked: laws and corners."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.redact import Redactor
from release_gate.subjects.probes.contract import ProbeProblem, Unreadable
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.generated import Supply
from release_gate.subjects.probes.headers import directives
from release_gate.subjects.probes.jsons import check_path, find, parse
from release_gate.subjects.probes.reach import reach_of
from release_gate.subjects.probes.templates import fill, fill_path, names_in
from release_gate.subjects.probes.values import KINDS, kind_of, same
from support.checks import deployment

pytestmark = pytest.mark.unit

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(JSON)
def test_every_value_is_the_same_as_itself_after_json(value: Any) -> None:
    assert same(value, json.loads(json.dumps(value)))
    assert kind_of(value) in KINDS


@given(JSON, JSON)
def test_sameness_has_no_direction_and_keeps_types_apart(left: Any, right: Any) -> None:
    assert same(left, right) == same(right, left)
    if isinstance(left, bool) != isinstance(right, bool):
        assert not same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (False, 0),
        ("1", 1),
        (None, False),
        ([], {}),
        ([1], [True]),
        ([1], [1, 1]),
        ("", None),
    ],
)
def test_what_python_or_people_take_for_equal_is_not(left: Any, right: Any) -> None:
    assert not same(left, right)


@given(st.text())
def test_text_without_a_place_stays_as_it_is(text: str) -> None:
    if "${" not in text:
        assert fill(text, lambda _: "filled") == text


@given(st.text(min_size=1))
def test_a_value_never_leaves_its_segment(value: str) -> None:
    try:
        path = fill_path("/orders/${id}/state", lambda _: value)
    except (ProbeProblem, UnicodeEncodeError):
        return
    before, orders, segment, after = path.split("/")
    assert (before, orders, after) == ("", "orders", "state")
    assert unquote(segment) == value
    assert not set(segment) & set("?#\\ ")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_segment_that_walks_is_refused(value: str) -> None:
    with pytest.raises(ProbeProblem, match="cannot be part of a path"):
        fill_path("/orders/${id}", lambda _: value)


def test_a_place_alone_keeps_the_type_and_a_doubled_sign_is_plain() -> None:
    filled = fill({"a": "${n}", "b": ["${n} $${n}"], "c": 1}, lambda _: 7)
    assert filled == {"a": 7, "b": ["7 ${n}"], "c": 1}
    assert list(names_in({"a": "${n}", "b": ["$${m}", "${env:X}"]})) == ["n", "env:X"]


@pytest.mark.parametrize("text", ["${}", "${A}", "${a b}", "${env:}", "${uuid:}", "${env:1 2}"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\$"):
        list(names_in(text))


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


def supply(hidden: list[str], **environment: str) -> Supply:
    count = iter(range(256))
    return Supply(
        clock=_Clock(),
        environment=environment,
        entropy=lambda size: bytes([next(count)]) * size,
        hide=hidden.append,
    )


def test_generated_values_are_kept_for_a_check_or_for_all() -> None:
    made = supply([])
    one, two = made.lookup("one"), made.lookup("two")
    assert one("uuid") == one("uuid") == "00000000-0000-4000-8000-000000000000"
    assert two("uuid") != one("uuid")
    assert one("uuid:key") == two("uuid:key")
    assert [one("sequence"), two("sequence"), one("sequence")] == [1, 2, 1]
    assert one("today") == "2026-03-01"
    assert one("now:%H-%M") == "04-05"
    assert one("now") == "2026-03-01T04:05:06+00:00"


def test_what_comes_from_the_environment_is_hidden_unless_it_is_ordinary() -> None:
    hidden: list[str] = []
    look = supply(hidden, KEY="s3cret-value", FLAG="true", PORT="8080").lookup("one")
    assert [look("env:KEY"), look("env:FLAG"), look("env:PORT")] == ["s3cret-value", "true", "8080"]
    assert hidden == ["s3cret-value"]
    hidden.clear()
    compare = supply(hidden, API_TOKEN="s3cret-value", RELEASE="v1.14.2-rc1").lookup(
        "one", sent=False
    )
    assert [compare("env:RELEASE"), compare("env:API_TOKEN")] == ["v1.14.2-rc1", "s3cret-value"]
    assert hidden == ["s3cret-value"]
    with pytest.raises(ProbeProblem, match="environment variable NONE is not set"):
        look("env:NONE")
    with pytest.raises(ProbeProblem, match='nothing was captured as "order"'):
        look("order")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HSTS", "max-age=300; includeSubDomains", {"max-age": 300, "includesubdomains": True}),
        ("Cache-Control", 'no-store, max-age="60"', {"no-store": True, "max-age": 60}),
        ("Cache-Control", 'private="a, b", max-age=1', {"private": "a, b", "max-age": 1}),
        (
            "Content-Security-Policy",
            "default-src 'self'  https://a; upgrade-insecure-requests; default-src *",
            {"default-src": "'self' https://a", "upgrade-insecure-requests": True},
        ),
        ("X", "", {}),
        ("X", ";;,=", {}),
        ("X", "max-age=-1", {"max-age": "-1"}),
    ],
)
def test_directives_are_read(name: str, value: str, expected: dict[str, Any]) -> None:
    assert directives(name, value) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "x", "[1", '{"a": 1, "a": 1}', "NaN", "[Infinity]", "\ufeff1"]
)
def test_what_is_not_strictly_json_cannot_be_read(text: str) -> None:
    assert isinstance(parse(text), Unreadable)


def test_a_path_matches_only_what_is_there() -> None:
    assert find("$.a[*].b", {"a": [{"b": 1}, {"c": 2}, {"b": None}]}) == (1, None)
    assert find("$", 5) == (5,)
    assert find("$.a", "text") == ()
    assert find("$[?@.s == 1]", [{"s": True}, {"s": 1}]) == ({"s": 1},)


@pytest.mark.parametrize("path", ["", "a", "$.", "$[", "$.a | $.b", "$..", "$[?]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no JSONPath"):
        check_path(path)


@pytest.mark.parametrize("duration", ["", "5", "5 days", "-1s", 0, -1, float("inf"), "25h"])
def test_what_is_no_length_of_time_is_refused(duration: Any) -> None:
    with pytest.raises(ValueError, match="interval must be"):
        seconds(duration, "interval")


@pytest.mark.parametrize(("duration", "expected"), [("250ms", 0.25), ("2m", 120.0), (1.5, 1.5)])
def test_lengths_of_time_are_read(duration: Any, expected: float) -> None:
    assert seconds(duration, "interval") == expected


PLACE = deployment(
    "https://App.Example.com:8443", hosts=("*.b.org", "10.0.0.0/8", "db:5432", "fe80::1")
)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("app.example.com", ("203.0.113.5", "2001:db8::1")),
        ("APP.example.com.", ("127.0.0.1",)),
        ("x.y.b.org", ("203.0.113.5",)),
        ("10.1.2.3", ("10.1.2.3",)),
        ("db", ("192.168.0.1",)),
        ("[fe80::1]", ("fe80::1%eth0",)),
    ],
)
def test_what_is_listed_may_be_asked(host: str, addresses: tuple[str, ...]) -> None:
    reach_of(PLACE).check(host, addresses)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("b.org", ()),
        ("evil-b.org", ()),
        ("example.com", ()),
        ("app.example.com.evil.net", ()),
        ("11.0.0.1", ()),
        ("127.0.0.1", ()),
        ("app.example.com", ("169.254.169.254",)),
        ("app.example.com", ("203.0.113.5", "169.254.0.1")),
        ("app.example.com", ("::ffff:169.254.169.254",)),
        ("app.example.com", ("fe80::2",)),
        ("app.example.com", ("fd00:ec2::254",)),
        ("app.example.com", ("224.0.0.1",)),
        ("app.example.com", ("::",)),
        ("app.example.com", ("no address",)),
        ("", ()),
    ],
)
def test_what_is_not_listed_may_not(host: str, addresses: tuple[str, ...]) -> None:
    with pytest.raises(ProbeProblem):
        reach_of(PLACE).check(host, addresses)


def test_a_name_in_other_letters_is_known_by_both_its_forms() -> None:
    reach = reach_of(deployment("https://bücher.example"))
    reach.check("bücher.example", ())
    reach.check("xn--bcher-kva.example", ())


def test_nothing_is_forgotten_when_threads_learn_at_once() -> None:
    redactor = Redactor()
    secrets = [f"secret-{number:04d}" for number in range(64)]
    threads = [threading.Thread(target=redactor.learn, args=(one,)) for one in secrets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "secret" not in redactor.redact(" ".join(secrets))
