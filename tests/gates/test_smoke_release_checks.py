"""Rows of the release checks as a few lines of configuration: green, and red in several ways."""

# ruff: noqa: E501 - inline tables of TOML cannot be broken

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_gate.subjects.probes.outcome import SuiteResult
from support.checks import deployment, run
from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.gates

Respond = Callable[[Asked], Reply]

LIVE = """
[[checks]]
name = "live"
http = { path = "/api/v1/health/live" }
expect = [
  { on = "status", equals = 200 },
  { on = "json", path = "$.status", equals = "ok" },
  { on = "json", path = "$.version", equals = "${env:RELEASE}" },
]
"""
READY = """
[[checks]]
name = "ready"
http = { path = "/ready" }
expect = [
  { on = "json", path = "$.services[*].name", count = 5 },
  { on = "json", path = "$.services", each = { path = "$.state", equals = "up" } },
]
"""
HEADERS = """
[[checks]]
name = "security-headers"
http = { path = "/" }
expect = [
  { on = "header", name = "Strict-Transport-Security", directive = "max-age", greater-equal = 31536000 },
  { on = "header", name = "Strict-Transport-Security", directive = "includeSubDomains", exists = true },
  { on = "header", name = "Strict-Transport-Security", directive = "preload", exists = true },
  { on = "header", name = "Content-Security-Policy", directive = "default-src", equals = "'self'" },
  { on = "header", name = "X-Frame-Options", equals = "DENY" },
  { on = "header", name = "X-Content-Type-Options", equals = "nosniff" },
]
"""
HTTPS = """
[[checks]]
name = "to-https"
http = { path = "/a" }
expect = [
  { on = "status", equals = 307 },
  { on = "redirect", name = "scheme", equals = "https" },
  { on = "redirect", name = "same-host", equals = true },
]
"""
REQUEST_ID = """
[[checks]]
name = "echoed"
http = { path = "/", headers = { X-Request-Id = "${uuid}" } }
expect = [{ on = "header", name = "X-Request-Id", equals = "${uuid}" }]

[[checks]]
name = "made"
http = { path = "/" }
expect = [{ on = "header", name = "X-Request-Id", matches = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" }]
"""
PAGES = """
[[checks]]
name = "capped"
http = { path = "/items", query = { limit = 500 } }
expect = [{ on = "json", path = "$.items", length = 100 }]

[[checks]]
name = "usual"
http = { path = "/items" }
expect = [{ on = "json", path = "$.items", length = 50 }]
"""
BOUNDS = """
[[checks]]
name = "spend"
http = { path = "/spend" }
expect = [
  { on = "json", path = "$.spend", greater-equal = 0, less = { on = "json", path = "$.limit" } },
  { on = "json", path = "$.blocked", equals = false },
]
"""
HOSTILE = """
[[checks]]
name = "script"
http = { path = "/search", query = { q = "<script>alert(4711)</script>" } }
expect = [
  { on = "status", in = [400, 422] },
  { on = "json", path = "$.error", type = "string" },
  { on = "body", matches = "^(?s:(?!.*4711).*)$" },
]
"""
LIMIT = """
[[checks]]
name = "rate-limit"
http = { path = "/", at-once = 20 }
expect = [
  { on = "answers", path = "$[?@.status == 200]", count = 10 },
  { on = "answers", path = "$[?@.status == 429]", count = 10 },
  { on = "answers", path = "$[?@.status == 429].header['retry-after'][0]", matches = "^[1-9]" },
]
"""
CORS = """
[[checks]]
name = "listed"
http = { path = "/", method = "OPTIONS", headers = { Origin = "https://app.example.com", Access-Control-Request-Method = "POST" } }
expect = [{ on = "header", name = "Access-Control-Allow-Origin", equals = "https://app.example.com" }]

[[checks]]
name = "foreign"
http = { path = "/", method = "OPTIONS", headers = { Origin = "https://evil.example", Access-Control-Request-Method = "POST" } }
expect = [{ on = "header", name = "Access-Control-Allow-Origin", absent = true }]
"""
CSRF = """
[[checks]]
name = "csrf"
http = { path = "/state", method = "POST", form = { a = "b" } }
expect = [{ on = "status", in = [400, 403] }]
"""
ERRORS = """
[[checks]]
name = "errors"
http = { path = "/groups", query = { release = "${env:RELEASE}" } }
expect = [{ on = "json", path = "$.total", equals = 0 }]
"""

GOOD_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "Content-Security-Policy": "default-src 'self'; img-src *",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}
SERVICES = ("api", "database", "redis", "s3", "sqs")
FRESH = "0f8fad5b-d9cb-469f-a165-70867728950e"


def says(value: Any, status: int = 200, **headers: str) -> Respond:
    return lambda _: Reply(status=status, json=value, headers=headers)


def with_headers(**changes: str | None) -> Respond:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {k: v for k, v in {**GOOD_HEADERS, **named}.items() if v is not None}
    return lambda _: Reply(headers=headers)


def ready(*names: str, down: str = "") -> Respond:
    states = [{"name": name, "state": "down" if name == down else "up"} for name in names]
    return says({"services": states})


def redirect(location: str, status: int = 307) -> Respond:
    return lambda _: Reply(status=status, headers={"Location": location})


def request_id(echo: str | None, fresh: str) -> Respond:
    def respond(asked: Asked) -> Reply:
        sent = asked.headers.get("x-request-id")
        return Reply(headers={"X-Request-Id": (echo or sent or "") if sent else fresh})

    return respond


def pages(cap: int, usual: int) -> Respond:
    def respond(asked: Asked) -> Reply:
        asked_for = int(asked.query.get("limit", [str(usual)])[0])
        return Reply(json={"items": list(range(min(asked_for, cap)))})

    return respond


def limited(served: int, retry_after: str = "5") -> Callable[[], Respond]:
    def fresh() -> Respond:
        count = iter(range(10_000))
        later = Reply(status=429, headers={"Retry-After": retry_after})
        return lambda _: Reply() if next(count) < served else later

    return fresh


def cors(*listed: str) -> Respond:
    def respond(asked: Asked) -> Reply:
        origin = asked.headers.get("origin", "")
        if "*" in listed:
            return Reply(headers={"Access-Control-Allow-Origin": "*"})
        return Reply(headers={"Access-Control-Allow-Origin": origin} if origin in listed else {})

    return respond


def echoing(asked: Asked) -> Reply:
    return Reply(status=422, json={"error": f"no: {asked.query['q'][0]}"})


APP = "https://app.example.com"

# row, configuration, green server, then red servers with a part of what must be said of each.
ROWS: list[tuple[str, str, Respond, list[tuple[Respond, str]]]] = [
    (
        "D01",
        LIVE,
        says({"status": "ok", "version": "1.4.2"}),
        [
            (says({"status": "ok", "version": "1.4.1"}), 'expected "1.4.2", actual "1.4.1"'),
            (says({"status": "starting", "version": "1.4.2"}), 'expected "ok", actual "starting"'),
            (says({}, 503), "status: expected 200, actual 503"),
        ],
    ),
    (
        "D02",
        READY,
        ready(*SERVICES),
        [
            (ready(*SERVICES, down="s3"), '[3] $.state: expected "up", actual "down"'),
            (ready("api", "database"), "expected count exactly 5, actual 2"),
            (ready(), "expected count exactly 5, actual 0"),
        ],
    ),
    (
        "D04",
        HEADERS,
        with_headers(),
        [
            (with_headers(X_Frame_Options=None), 'X-Frame-Options: expected "DENY", actual absent'),
            (
                with_headers(Strict_Transport_Security="max-age=600; includeSubDomains; preload"),
                "expected at least 31536000, actual 600",
            ),
            (
                with_headers(Content_Security_Policy="default-src *"),
                'expected "\'self\'", actual "*"',
            ),
        ],
    ),
    (
        "D05",
        HTTPS,
        redirect("https://127.0.0.1/a"),
        [
            (redirect("https://www.example.com/a"), "same-host: expected true, actual false"),
            (redirect("http://127.0.0.1/b"), 'scheme: expected "https", actual "http"'),
            (redirect("https://127.0.0.1/a", 302), "status: expected 307, actual 302"),
            (says({}), "status: expected 307, actual 200"),
        ],
    ),
    (
        "D06",
        REQUEST_ID,
        request_id(None, FRESH),
        [
            (request_id("always the same", FRESH), 'actual "always the same"'),
            (request_id(None, "1"), 'actual "1"'),
            (says({}), "header X-Request-Id: expected"),
        ],
    ),
    (
        "D07",
        PAGES,
        pages(100, 50),
        [
            (pages(10_000, 50), "of length 500"),
            (pages(100, 20), "of length 20"),
        ],
    ),
    (
        "D08",
        BOUNDS,
        says({"spend": 3.5, "limit": 10, "blocked": False}),
        [
            (
                says({"spend": 10, "limit": 10, "blocked": False}),
                "less than json $.limit, actual 10",
            ),
            (says({"spend": 3, "limit": 10, "blocked": True}), "expected false, actual true"),
            (says({"spend": 3, "limit": 10, "blocked": 0}), "expected false, actual 0 (integer)"),
            (says({"spend": 3, "blocked": False}), "the limit json $.limit: 0 values match"),
        ],
    ),
    (
        "D09",
        HOSTILE,
        says({"error": "q is not allowed"}, 422),
        [
            (says({"error": "boom"}, 500), "status: expected one of 400, 422, actual 500"),
            (echoing, "expected matches"),
            (says({}), "status: expected one of 400, 422, actual 200"),
        ],
    ),
    (
        "D22",
        CORS,
        cors(APP),
        [
            (cors(APP, "https://evil.example"), 'to be absent, actual "https://evil.example"'),
            (cors("*"), 'to be absent, actual "*"'),
            (cors(), 'expected "https://app.example.com", actual absent'),
        ],
    ),
    (
        "D23",
        CSRF,
        says({}, 403),
        [
            (says({}), "status: expected one of 400, 403, actual 200"),
            (says({}, 500), "status: expected one of 400, 403, actual 500"),
        ],
    ),
    (
        "D25",
        ERRORS,
        says({"total": 0}),
        [
            (says({"total": 2}), "expected 0, actual 2"),
            (says({}), "nothing matched"),
        ],
    ),
]


def asked(folder: Path, toml: str, respond: Respond) -> SuiteResult:
    with web(respond) as server:
        place = deployment(server.url)
        return run(folder, toml, place, environment={"RELEASE": "1.4.2"})


def reasons(result: SuiteResult) -> str:
    return "; ".join(one.reason for one in result.outcomes if one.reason)


GREEN = [
    pytest.param(toml, green, marks=pytest.mark.release_check(row, "green"), id=row)
    for row, toml, green, _ in ROWS
]
RED = [
    pytest.param(
        toml, respond, said, marks=pytest.mark.release_check(row, "red"), id=f"{row}-{position}"
    )
    for row, toml, _, reds in ROWS
    for position, (respond, said) in enumerate(reds)
]


@pytest.mark.parametrize(("toml", "respond"), GREEN)
def test_row_is_green(tmp_path: Path, toml: str, respond: Respond) -> None:
    result = asked(tmp_path, toml, respond)
    assert reasons(result) == ""
    assert result.passed


@pytest.mark.parametrize(("toml", "respond", "said"), RED)
def test_row_is_red_and_says_why(tmp_path: Path, toml: str, respond: Respond, said: str) -> None:
    result = asked(tmp_path, toml, respond)
    assert not result.passed
    assert said in reasons(result)


@pytest.mark.release_check("D08", "green")
def test_numbers_within_their_bounds_are_green(tmp_path: Path) -> None:
    body = {"spend": 3.5, "limit": 10, "blocked": False}
    assert asked(tmp_path, BOUNDS, says(body)).passed


@pytest.mark.release_check("D08", "red")
def test_a_number_that_reaches_another_field_of_the_body_is_red(tmp_path: Path) -> None:
    result = asked(tmp_path, BOUNDS, says({"spend": 10, "limit": 10, "blocked": False}))
    assert not result.passed
    assert "less than json $.limit, actual 10" in reasons(result)


@pytest.mark.release_check("D21", "green")
def test_a_limit_that_is_exact_is_green(tmp_path: Path) -> None:
    assert asked(tmp_path, LIMIT, limited(10)()).passed


@pytest.mark.release_check("D21", "red")
@pytest.mark.parametrize(
    ("respond", "said"),
    [
        (limited(12), "expected count exactly 10, actual 12"),
        (limited(1000), "expected count exactly 10, actual 20"),
        (limited(10, "0"), 'actual "0"'),
    ],
)
def test_a_limit_that_is_not_exact_is_red(
    tmp_path: Path, respond: Callable[[], Respond], said: str
) -> None:
    result = asked(tmp_path, LIMIT, respond())
    assert not result.passed
    assert said in reasons(result)


INSTANCES = """
[[checks]]
name = "instance"
instances = {instances}
http = {{ path = "/health" }}
expect = [{{ on = "json", path = "$.status", equals = "ok" }}]
"""


@pytest.mark.release_check("D03", "green")
@pytest.mark.release_check("D03", "red")
@pytest.mark.parametrize(("state", "passed"), [("ok", True), ("down", False)])
def test_each_instance_counts(tmp_path: Path, state: str, *, passed: bool) -> None:
    with web(says({"status": "ok"})) as one, web(says({"status": state})) as two:
        addresses = json.dumps([f"127.0.0.1:{one.port}", f"127.0.0.1:{two.port}"])
        toml = INSTANCES.format(instances=addresses)
        result = run(tmp_path, toml, deployment("http://app.example.com"))
    assert result.passed is passed
    assert len(result.outcomes) == 2
    assert passed or "instance@127.0.0.1" in result.outcomes[1].check.name
