"""Each pack on a good server, and on bad ones that are named with expected and actual."""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from release_gate.subjects.probes.outcome import SuiteResult
from support.checks import deployment, run
from support.servers.tls import chain
from support.servers.web import Asked, Reply, Respond, web

pytestmark = pytest.mark.gates

Make = Callable[[], Respond]

PYPROJECT = '[project]\nname = "app"\nversion = "1.4.2"\n'
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "app", "version": "1.4.2"},
    "paths": {"/orders": {"get": {"summary": "Orders"}}},
}
HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}
APP = "https://app.example.com"


def says(value: Any, status: int = 200) -> Make:
    return lambda: lambda _: Reply(status=status, json=value)


def text(body: str, status: int = 200) -> Make:
    return lambda: lambda _: Reply(status=status, body=body.encode())


def at(**replies: Reply) -> Make:
    """By the first part of the path."""
    return lambda: lambda asked: replies.get(asked.path.split("/")[1], Reply(status=404))


def with_headers(status: int = 200, **changes: str | None) -> Make:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name: value for name, value in {**HEADERS, **named}.items() if value is not None}
    return lambda: lambda _: Reply(status=status, headers=headers)


def request_ids(fresh: Callable[[], str] = lambda: str(uuid.uuid4()), *, echo: bool = True) -> Make:
    def respond(asked: Asked) -> Reply:
        sent = asked.headers.get("x-request-id") if echo else None
        return Reply(headers={"X-Request-ID": sent or fresh()})

    return lambda: respond


def redirect(location: str, status: int = 307) -> Make:
    return lambda: lambda _: Reply(status=status, headers={"Location": location})


def pages(cap: int, usual: int, there: int = 10_000) -> Make:
    def respond(asked: Asked) -> Reply:
        size = int(asked.query.get("limit", [str(usual)])[0])
        return Reply(json={"items": list(range(min(size, cap, there)))})

    return lambda: respond


def strict(asked: Asked) -> Reply:
    """Takes plain words only, and says so without repeating anything."""
    refused = Reply(status=422, json={"error": "not valid"})
    if asked.method == "GET":
        query = asked.query["q"][0]
        return Reply(json=[]) if query.isalnum() and len(query) < 99 else refused
    if len(asked.body) > 10_000:
        return Reply(status=413, json={"error": "too long"})
    try:
        name = asked.json()["name"]
    except (ValueError, LookupError):
        return Reply(status=400, json={"error": "not JSON"})
    return Reply(status=201, json={}) if name.replace(" ", "").isalnum() else refused


def careless(asked: Asked) -> Reply:
    return Reply(status=200, json={"done": True})


def crashing(asked: Asked) -> Reply:
    reply = strict(asked)
    return Reply(status=500, json={"error": "oops"}) if reply.status == 400 else reply


def echoing(asked: Asked) -> Reply:
    reply = strict(asked)
    heard = "".join(asked.query.get("q", [])) + asked.body.decode()
    return Reply(status=reply.status, json={"error": f"not valid: {heard}"})


def silently(asked: Asked) -> Reply:
    return Reply(status=strict(asked).status)


class Things:
    """Creates things by POST, once for each key."""

    def __init__(self, *, forgets: bool = False, same: bool = False, races: bool = False) -> None:
        self.by_key: dict[str, int] = {}
        self.deleted: list[str] = []
        self.count = 0
        self.forgets = forgets
        self.same = same
        self.races = races
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        if asked.method == "DELETE":
            self.deleted.append(asked.path)
            return Reply(status=204)
        key = asked.headers["idempotency-key"]
        known = not self.forgets and key in self.by_key
        if self.races and not known:
            time.sleep(0.2)  # long enough for the others to look, too
        with self.lock:
            if known or (not self.races and not self.forgets and key in self.by_key):
                return Reply(json={"id": self.by_key[key]})
            self.count += 1
            self.by_key[key] = 7 if self.same else self.count
            return Reply(status=201, json={"id": self.by_key[key]})


def cors(*listed: str, prefix: bool = False, credentials: str = "") -> Make:
    def respond(asked: Asked) -> Reply:
        origin = asked.headers.get("origin", "")
        allowed = origin in listed or (prefix and origin.startswith(listed))
        sent = "*" if "*" in listed else origin if allowed else ""
        headers = {"Access-Control-Allow-Origin": sent} if sent else {}
        if sent and credentials:
            headers["Access-Control-Allow-Credentials"] = credentials
        return Reply(status=204 if asked.method == "OPTIONS" else 200, headers=headers)

    return lambda: respond


def forms(*, checked: bool = True, any_token: bool = False, closed: bool = False) -> Make:
    def respond(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(headers={"Set-Cookie": "csrftoken=c0ffee-4711; Path=/; HttpOnly"})
        cookie = asked.headers.get("cookie", "").removeprefix("csrftoken=")
        sent = asked.headers.get("x-csrftoken", "")
        good = bool(sent) and (any_token or sent == cookie)
        return Reply(status=204 if (good or not checked) and not closed else 403)

    return lambda: respond


def limited(served: int, later: str | None = "30", refused: int = 429) -> Make:
    def fresh() -> Respond:
        count = iter(range(10_000))
        headers = {"Retry-After": later} if later is not None else {}
        return lambda _: Reply() if next(count) < served else Reply(status=refused, headers=headers)

    return fresh


def documented(served: Any = None, *, docs: int = 200) -> Make:
    def respond(asked: Asked) -> Reply:
        if asked.path == "/docs":
            return Reply(status=docs, body=b"<html>")
        return Reply(json=DOCUMENT if served is None else served)

    return lambda: respond


def without(value: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {**value, **changes}


HEALTH = 'packs.health = { paths = ["/live", "/health"], version = "${env:RELEASE}" }'
READY = 'packs.readiness = { services = ["api", "database", "redis", "s3", "sqs"] }'
UP = dict.fromkeys(("api", "database", "redis", "s3", "sqs"), "up")
VERSION = "packs.version = {}"
HOSTILE = """
[packs.hostile-input]
endpoints = [
  { path = "/search", query = { q = "{hostile}" } },
  { path = "/people", method = "POST", json = { name = "{hostile}" } },
]
"""
IDEMPOTENT = """
[packs.idempotent-create]
path = "/orders"
json = { article = "CHAIR-01", note = "${uuid}" }
delete = "/orders/${id}"
"""
CORS = f'packs.cors = {{ origins = ["{APP}"] }}'
CSRF = """
[packs.csrf]
path = "/change"
form = { a = "b" }
token = { path = "/form", cookie = "csrftoken", header = "X-CSRFToken" }
"""
API = 'packs.api-document = { file = "openapi.json" }'

# pack, configuration, good server, bad servers with what is said of each.
PACKS: list[tuple[str, str, Make, list[tuple[Make, str]]]] = [
    (
        "health",
        HEALTH,
        says({"status": "ok", "version": "1.4.2"}),
        [
            (says({"status": "ok", "version": "1.4.1"}), 'expected "1.4.2", actual "1.4.1"'),
            (says({"status": "starting", "version": "1.4.2"}), 'actual "starting"'),
            (says({"status": "ok", "version": "1.4.2"}, 503), "status: expected 200, actual 503"),
            (says({"version": "1.4.2"}), "json $.status: expected one of"),
            (text("ok"), "json cannot be read: it is not JSON"),
        ],
    ),
    (
        "readiness",
        READY,
        says({"services": UP}),
        [
            (says({"services": without(UP, s3="down")}), "json $.services['s3']: expected one of"),
            (says({"services": {"api": "up"}}), "$.services['sqs']: expected to exist, actual"),
            (says({"services": without(UP, extra="down")}), 'actual "down" (1 of 6 values)'),
            (says({"services": {}}), "$.services['api']: expected to exist, actual nothing"),
            (says({"services": UP}, 503), "status: expected 200, actual 503"),
        ],
    ),
    (
        "version",
        VERSION,
        says({"version": "1.4.2"}),
        [
            (says({"version": "1.4.1"}), 'json $.version: expected "1.4.2", actual "1.4.1"'),
            (says({"version": 1}), 'expected "1.4.2", actual 1 (integer)'),
            (says({}), 'expected "1.4.2", actual nothing matched'),
            (says({}, 404), "status: expected 200, actual 404"),
        ],
    ),
    (
        "security-headers",
        'packs.security-headers = { paths = ["/", "/not-there"] }',
        with_headers(),
        [
            (with_headers(X_Frame_Options=None), 'expected one of "DENY", actual absent'),
            (with_headers(X_Frame_Options="SAMEORIGIN"), 'actual "SAMEORIGIN"'),
            (with_headers(X_Content_Type_Options=None), 'expected "nosniff", actual absent'),
            (
                with_headers(Strict_Transport_Security="max-age=600; includeSubDomains; preload"),
                "max-age: expected at least 31536000, actual 600",
            ),
            (
                with_headers(Strict_Transport_Security="max-age=31536000"),
                "includeSubDomains: expected true, actual absent",
            ),
            (with_headers(Content_Security_Policy=None), "default-src: expected to exist"),
            (with_headers(Content_Security_Policy="default-src *"), 'expected not "*", actual "*"'),
            (with_headers(500), "status: expected less than 500, actual 500"),
        ],
    ),
    (
        "request-id",
        "packs.request-id = {}",
        request_ids(),
        [
            (request_ids(echo=False), "request-id/echoed"),
            (request_ids(lambda: "1"), 'actual "1"'),
            (request_ids(lambda: "0f8fad5b-d9cb-469f-a165-70867728950e"), "expected not"),
            (text("ok"), "actual absent"),
        ],
    ),
    (
        "https-redirect",
        "packs.https-redirect = { path = '/a', port = PORT }",
        redirect("https://127.0.0.1/a"),
        [
            (redirect("https://www.example.com/a"), "same-host: expected true, actual false"),
            (redirect("http://127.0.0.1/a"), 'scheme: expected "https", actual "http"'),
            (redirect("https://127.0.0.1/"), 'path: expected "/a", actual "/"'),
            (redirect("https://127.0.0.1/a", 302), "status: expected one of 307, 308, actual 302"),
            (text("hello"), "status: expected one of 307, 308, actual 200"),
        ],
    ),
    (
        "page-cap",
        'packs.page-cap = { paths = ["/orders", "/customers"] }',
        pages(100, 50),
        [
            (pages(10_000, 50), "length exactly 100, actual of length 500: [0, 1"),
            (pages(100, 20), "expected length exactly 50"),
            (pages(100, 50, there=60), "of length 60"),
            (says({"items": {"0": 1}}), "expected type array"),
            (says({}), "actual nothing matched"),
        ],
    ),
    (
        "hostile-input",
        HOSTILE,
        lambda: strict,
        [
            (lambda: careless, "expected one of 400, 413, 414, 422, 431, actual 200"),
            (lambda: crashing, "actual 500"),
            (lambda: echoing, "body: expected matches"),
            (lambda: silently, r'body: expected matches "\\S", actual ""'),
        ],
    ),
    (
        "idempotent-create",
        IDEMPOTENT,
        Things,
        [
            (lambda: Things(forgets=True), "json $.id: expected 1, actual"),
            (lambda: Things(same=True), "json $.id: expected not 7, actual 7"),
            (says({}, 500), "status: expected 201, actual 500"),
            (says({}, 201), "json $.id: expected to exist, actual nothing matched"),
        ],
    ),
    (
        "cors",
        CORS,
        cors(APP),
        [
            (cors(APP, "https://foreign.example"), 'to be absent, actual "https://foreign'),
            (cors(APP, "null"), 'to be absent, actual "null"'),
            (cors(APP, prefix=True), f'actual "{APP}.foreign.example"'),
            (cors("*", credentials="true"), f'expected "{APP}", actual "*"'),
            (cors(), f'expected "{APP}", actual absent'),
        ],
    ),
    (
        "csrf",
        CSRF,
        forms(),
        [
            (forms(checked=False), "status: expected one of 400, 403, 419, actual 204"),
            (forms(any_token=True), "csrf/wrong-token"),
            (forms(closed=True), "csrf/with-token"),
            (text("", 500), "expected one of 400, 403, 419, actual 500"),
        ],
    ),
    (
        "rate-limit",
        'packs.rate-limit = { path = "/" }',
        limited(10),
        [
            (limited(12), "expected count exactly 10, actual 12"),
            (limited(9), "expected count exactly 10, actual 9"),
            (limited(1000), "expected count exactly 10, actual 20"),
            (limited(10, "0"), 'actual "0"'),
            (limited(10, None), "retry-after'][0]: expected count exactly 10, actual 0"),
            (limited(10, refused=503), "expected count exactly 10, actual 0"),
        ],
    ),
    (
        "api-document",
        API,
        documented(),
        [
            (documented(without(DOCUMENT, paths={})), "/paths/~1orders is missing"),
            (
                documented(without(DOCUMENT, info={"title": "app", "version": "2"})),
                '/info/version: \\"1.4.2\\" expected, \\"2\\" served',
            ),
            (documented(docs=404), "api-document/docs"),
            (says({}, 404), "status: expected 200, actual 404"),
            (text("<html>"), "it is not JSON"),
        ],
    ),
]

GREEN = [pytest.param(toml, good, id=name) for name, toml, good, _ in PACKS]
RED = [
    pytest.param(toml, bad, said, id=f"{name}-{position}")
    for name, toml, _, reds in PACKS
    for position, (bad, said) in enumerate(reds)
]


def asked(folder: Path, toml: str, respond: Respond, **more: Any) -> SuiteResult:
    files = {"pyproject.toml": PYPROJECT, "openapi.json": json.dumps(DOCUMENT)}
    with web(respond) as server:
        return run(
            folder,
            toml.replace("PORT", str(server.port)),
            deployment(server.url),
            environment={"RELEASE": "1.4.2"},
            **{"files": files, **more},
        )


def reasons(result: SuiteResult) -> str:
    return "; ".join(f"{one.check.name} {one.reason}" for one in result.outcomes if one.reason)


@pytest.mark.release_check("A29", "green")
@pytest.mark.release_check("A35", "green")
@pytest.mark.release_check("D01", "green")
@pytest.mark.release_check("D02", "green")
@pytest.mark.release_check("D04", "green")
@pytest.mark.release_check("D05", "green")
@pytest.mark.release_check("D06", "green")
@pytest.mark.release_check("D07", "green")
@pytest.mark.release_check("D09", "green")
@pytest.mark.release_check("D10", "green")
@pytest.mark.release_check("D21", "green")
@pytest.mark.release_check("D22", "green")
@pytest.mark.release_check("D23", "green")
@pytest.mark.parametrize(("toml", "good"), GREEN)
def test_a_good_server_passes(tmp_path: Path, toml: str, good: Make) -> None:
    result = asked(tmp_path, toml, good())
    assert reasons(result) == ""
    assert result.passed
    assert all(one.told for one in result.outcomes)


@pytest.mark.release_check("A29", "red")
@pytest.mark.release_check("A35", "red")
@pytest.mark.release_check("D01", "red")
@pytest.mark.release_check("D02", "red")
@pytest.mark.release_check("D04", "red")
@pytest.mark.release_check("D05", "red")
@pytest.mark.release_check("D06", "red")
@pytest.mark.release_check("D07", "red")
@pytest.mark.release_check("D09", "red")
@pytest.mark.release_check("D10", "red")
@pytest.mark.release_check("D21", "red")
@pytest.mark.release_check("D22", "red")
@pytest.mark.release_check("D23", "red")
@pytest.mark.parametrize(("toml", "bad", "said"), RED)
def test_a_bad_server_is_red_with_expected_and_actual(
    tmp_path: Path, toml: str, bad: Make, said: str
) -> None:
    result = asked(tmp_path, toml, bad())
    assert not result.passed
    assert said in reasons(result)


CERTIFICATE = "packs.certificate = { days = 30 }"


def over_tls(folder: Path, toml: str = CERTIFICATE, **made: Any) -> SuiteResult:
    the_chain = chain(*made.pop("names", ()), **made)
    with web(lambda _: Reply(), tls=the_chain.server) as server:
        place = deployment(server.url, ca_file="ca.pem")
        return run(folder, toml, place, files={"ca.pem": the_chain.ca})


@pytest.mark.release_check("D16", "green")
def test_a_good_certificate_passes(tmp_path: Path) -> None:
    result = over_tls(tmp_path)
    assert (result.passed, reasons(result)) == (True, "")


@pytest.mark.release_check("D16", "red")
@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"days": 10.5}, "days-left: expected at least 30, actual 10"),
        ({"days": -1}, "certificate has expired"),
        ({"names": ("www.example.com",)}, "certificate not valid"),
    ],
)
def test_a_bad_certificate_is_red(tmp_path: Path, made: dict[str, Any], said: str) -> None:
    result = over_tls(tmp_path, **made)
    assert not result.passed
    assert said in reasons(result)


@pytest.mark.release_check("D16", "red")
def test_an_old_tls_version_is_red(tmp_path: Path) -> None:
    result = over_tls(tmp_path, "packs.certificate = { tls = 1.3 }", version=ssl.TLSVersion.TLSv1_2)
    assert not result.passed
    assert "certificate tls: expected at least 1.3, actual 1.2" in reasons(result)


def test_no_certificate_at_all_is_red(tmp_path: Path) -> None:
    result = asked(tmp_path, CERTIFICATE, lambda _: Reply())
    assert not result.passed
    assert "certificate days-left: expected at least 30, actual absent" in reasons(result)


def test_a_service_that_refuses_everything_shows_nothing(tmp_path: Path) -> None:
    toml = HOSTILE.replace('q = "{hostile}" }', 'q = "{hostile}" }, harmless = "tea"')
    assert toml != HOSTILE
    assert reasons(asked(tmp_path, toml, strict)) == ""
    result = asked(tmp_path, toml, says({"error": "no"}, 422)())
    assert reasons(result) == (
        "hostile-input/get-search-harmless status: expected less than 400, actual 422"
    )


@pytest.mark.parametrize(
    "toml",
    ['packs.health = { wait = "20s" }', 'packs.readiness = { wait = "20s", services = ["a"] }'],
)
def test_a_service_that_is_still_starting_is_waited_for(tmp_path: Path, toml: str) -> None:
    looks = iter(range(100))

    def respond(_: Asked) -> Reply:
        up = next(looks) > 1
        state = {"status": "ok" if up else "starting", "services": {"a": "up" if up else "down"}}
        return Reply(status=200 if up else 503, json=state)

    result = asked(tmp_path, toml, respond)
    assert reasons(result) == ""
    assert len(result.outcomes[0].attempts) == 3


def test_one_that_never_starts_is_red_in_the_end(tmp_path: Path) -> None:
    toml = 'packs.health = { wait = "1500ms" }'
    result = asked(tmp_path, toml, says({"status": "starting"}, 503)())
    assert not result.passed
    assert "not so within 1.5 s" in reasons(result)


def test_what_was_created_is_deleted_whatever_came_of_it(tmp_path: Path) -> None:
    good, bad = Things(), Things(forgets=True)
    assert asked(tmp_path, IDEMPOTENT, good).passed
    assert sorted(good.deleted) == ["/orders/1", "/orders/2"]
    assert not asked(tmp_path, IDEMPOTENT, bad).passed
    assert "/orders/1" in bad.deleted


def test_the_same_body_goes_with_the_same_key(tmp_path: Path) -> None:
    with web(Things()) as server:
        run(tmp_path, IDEMPOTENT, deployment(server.url))
        sent = [
            (one.headers["idempotency-key"], one.json()["note"])
            for one in server.asked
            if one.method == "POST"
        ]
    assert len(sent) == 3
    assert len(set(sent)) == 2
    assert len({key for key, _ in sent}) == len({note for _, note in sent}) == 2


AT_ONCE = IDEMPOTENT.replace('path = "/orders"', 'path = "/orders"\nat-once = 6\nagain = [200]')


def test_one_key_at_the_same_moment_creates_once(tmp_path: Path) -> None:
    assert reasons(asked(tmp_path, AT_ONCE, Things())) == ""


def test_a_race_of_one_key_is_red(tmp_path: Path) -> None:
    result = asked(tmp_path, AT_ONCE, Things(races=True))
    assert "[?@.status == 201]: expected count exactly 1, actual" in reasons(result)


def test_instances_are_each_asked(tmp_path: Path) -> None:
    with ExitStack() as stack:
        good = stack.enter_context(web({"/health": Reply(json={"status": "ok"})}))
        bad = stack.enter_context(web({"/health": Reply(json={"status": "down"})}))
        addresses = json.dumps([f"127.0.0.1:{one.port}" for one in (good, bad)])
        toml = f"packs.health = {{ instances = {addresses} }}"
        result = run(tmp_path, toml, deployment("http://app.example.com"))
    assert [one.state for one in result.outcomes] == ["passed", "failed"]


@pytest.mark.parametrize("pack", ["health", "certificate", "security-headers", "version"])
def test_a_pack_that_is_only_observed_never_decides(tmp_path: Path, pack: str) -> None:
    result = asked(tmp_path, f"packs.{pack} = {{ enforce = false }}", lambda _: Reply(status=500))
    assert result.outcomes
    assert not any(one.check.keys.enforce for one in result.outcomes)
    assert not result.passed


def test_headers_and_credentials_go_with_every_request(tmp_path: Path) -> None:
    toml = """
    [packs.page-cap]
    paths = ["/items"]
    headers = { X-Tenant = "acme" }
    auth = { scheme = "bearer", variable = "RELEASE" }
    """
    with web(pages(100, 50)()) as server:
        result = run(tmp_path, toml, deployment(server.url), environment={"RELEASE": "s3cret-9"})
    assert result.passed
    assert {one.headers["x-tenant"] for one in server.asked} == {"acme"}
    assert {one.headers["authorization"] for one in server.asked} == {"Bearer s3cret-9"}


def test_two_packs_of_a_kind_have_names_and_captures_of_their_own(tmp_path: Path) -> None:
    toml = """
    packs.request-id = [{ path = "/a" }, { path = "/b" }]
    """
    result = asked(tmp_path, toml, request_ids()())
    assert result.passed
    assert [one.check.name for one in result.outcomes] == [
        *("request-id/echoed", "request-id/fresh", "request-id/another"),
        *("request-id-2/echoed", "request-id-2/fresh", "request-id-2/another"),
    ]


@pytest.mark.parametrize(
    ("files", "keys", "passed", "said"),
    [
        ({"app.json": '{"v": "1.4.2"}'}, 'file = "app.json", key = "$.v"', True, ""),
        ({"v.py": '__version__ = "1.4.2"\n'}, "file = 'v.py', pattern = '\"(.+)\"'", True, ""),
        ({"v.py": "pass\n"}, "file = 'v.py', pattern = '\"(.+)\"'", False, "found nothing"),
        ({}, 'file = "gone.toml"', False, "gone.toml cannot be read"),
        ({"pyproject.toml": "[project]\n"}, "", False, "nothing matched"),
        ({"v.toml": "[project"}, 'file = "v.toml"', False, "it is not TOML"),
        ({"v.json": b"\xff\xfe"}, 'file = "v.json"', False, "it is not UTF-8"),
        ({}, 'expected = "1.4.2"', True, ""),
        ({}, 'expected = "1.4.3"', False, 'expected "1.4.3", actual "1.4.2"'),
        ({}, 'expected = "${env:NOT_SET_1}"', False, "NOT_SET_1 is not set"),
    ],
)
def test_where_the_version_is_stated(
    tmp_path: Path, files: Mapping[str, str | bytes], keys: str, said: str, *, passed: bool
) -> None:
    respond = says({"version": "1.4.2"})()
    result = asked(tmp_path, f"packs.version = {{ {keys} }}", respond, files=files)
    assert result.passed is passed
    assert said in reasons(result)


def command(code: str) -> str:
    argv = json.dumps([sys.executable, "-c", code])
    return f"packs.api-document = {{ command = {argv} }}"


@pytest.mark.release_check("A35", "green")
def test_a_document_is_compared_with_the_output_of_a_command(tmp_path: Path) -> None:
    toml = command(f"print({json.dumps(DOCUMENT)!r})")
    assert reasons(asked(tmp_path, toml, documented()())) == ""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit('no such module')", "ended with exit code 1: no such module"),
        ("", "holds no document: it is empty"),
        ("print('{}')", 'holds no document: it has no "paths"'),
        ("print('{')", "holds no document: it is not JSON"),
    ],
)
@pytest.mark.release_check("A35", "red")
def test_a_command_that_says_nothing_is_no_pass(tmp_path: Path, code: str, said: str) -> None:
    result = asked(tmp_path, command(code), documented()())
    assert not result.passed
    assert said in reasons(result)
    assert result.outcomes[0].state == "unjudged"


def test_what_differs_on_purpose_can_be_left_out(tmp_path: Path) -> None:
    served = documented(without(DOCUMENT, servers=[{"url": "/v1"}]))
    assert not asked(tmp_path, API, served()).passed
    toml = API.replace("file", 'ignore = ["/servers"], file')
    assert asked(tmp_path, toml, served()).passed


def test_without_a_good_token_only_the_refusal_is_asked(tmp_path: Path) -> None:
    toml = 'packs.csrf = { path = "/change", json = { a = 1 } }'
    assert asked(tmp_path, toml, forms()()).passed
    assert not asked(tmp_path, toml, forms(checked=False)()).passed


def test_a_page_may_set_other_cookies_too(tmp_path: Path) -> None:
    good = forms()()

    def respond(asked: Asked) -> Reply:
        reply = good(asked)
        return replace(reply, headers={**reply.headers, "set-cookie": "theme=dark; Path=/"})

    assert reasons(asked(tmp_path, CSRF, respond)) == ""


def test_the_token_of_a_page_goes_into_the_form(tmp_path: Path) -> None:
    def respond(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(body=b'<input name="csrf" value="c0ffee-4711">')
        return Reply(status=303 if b"csrf=c0ffee-4711" in asked.body else 403)

    toml = """
    [packs.csrf]
    path = "/change"
    form = { a = "b" }
    token = { path = "/form", pattern = 'name="csrf" value="([^"]+)"', field = "csrf" }
    """
    assert reasons(asked(tmp_path, toml, respond)) == ""


def test_the_same_origin_for_everybody_can_be_allowed(tmp_path: Path) -> None:
    def respond(asked: Asked) -> Reply:
        status = 204 if asked.method == "OPTIONS" else 200
        return Reply(status=status, headers={"Access-Control-Allow-Origin": APP})

    assert not asked(tmp_path, CORS, respond).passed
    fixed = CORS.replace("origins", "fixed = true, origins")
    assert reasons(asked(tmp_path, fixed, respond)) == ""
