"""Several checks in order: captures, polls, retries, clean-ups, and what happens when one fails."""

# ruff: noqa: E501 - inline tables of TOML cannot be broken

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from release_gate.errors import Interrupted
from release_gate.subjects.probes.outcome import Outcome, SuiteResult
from support.checks import deployment, run, session
from support.servers.raw import hanging, raw
from support.servers.web import Asked, Reply, Web, web

pytestmark = pytest.mark.gates

JOURNEY = """
[[checks]]
name = "create"
http = { path = "/orders", method = "POST", json = { sku = "tea-${sequence}" }, headers = { Idempotency-Key = "${uuid:key}" } }
expect = [{ on = "status", equals = 201 }]
capture = { order = { on = "json", path = "$.id" } }

[[checks]]
name = "create-again"
needs = ["create"]
http = { path = "/orders", method = "POST", json = { sku = "tea-1" }, headers = { Idempotency-Key = "${uuid:key}" } }
expect = [
  { on = "status", in = [200, 201] },
  { on = "json", path = "$.id", equals = "${order}" },
]

[[checks]]
name = "completed"
http = { path = "/orders/${order}" }
[checks.poll]
until = [{ on = "json", path = "$.state", equals = "COMPLETED" }]
fail-when = [{ on = "json", path = "$.state", equals = "FAILED" }]
interval = "100ms"
deadline = "1500ms"

[[checks]]
name = "clean-up"
finally = true
http = { path = "/orders/${order}", method = "DELETE" }
expect = [{ on = "status", equals = 204 }]
"""


@dataclass
class Shop:
    """Orders, each made once for each key, with a state by the seconds since it was made."""

    state: Callable[[float], Reply]
    orders: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    began: float = 0.0
    create_status: int = 201

    def __call__(self, asked: Asked) -> Reply:
        if asked.method == "POST":
            key = asked.headers["idempotency-key"]
            self.orders.setdefault(key, len(self.orders) + 7)
            self.began = self.began or time.monotonic()
            return Reply(status=self.create_status, json={"id": self.orders[key]})
        if asked.method == "DELETE":
            self.deleted.append(asked.path)
            return Reply(status=204)
        return self.state(time.monotonic() - self.began)


def said(word: str) -> Reply:
    return Reply(json={"state": word})


@contextmanager
def shop(state: Callable[[float], Reply], create_status: int = 201) -> Iterator[tuple[Shop, Web]]:
    there = Shop(state=state, create_status=create_status)
    with web(there) as server:
        yield there, server


def by_name(result: SuiteResult) -> dict[str, Outcome]:
    return {one.check.name: one for one in result.outcomes}


@pytest.mark.release_check("D10", "green")
def test_a_journey_that_completes_passes_and_makes_one_thing(tmp_path: Path) -> None:
    with shop(lambda at: said("COMPLETED" if at > 0.3 else "RUNNING")) as (there, server):
        result = run(tmp_path, JOURNEY, deployment(server.url))
    assert {one.state for one in result.outcomes} == {"passed"}
    assert result.passed
    assert len(there.orders) == 1
    assert there.deleted == ["/orders/7"]
    line = by_name(result)["completed"].attempts
    assert len(line) > 1
    assert "RUNNING" in line[0].line
    assert [one.meaning for one in line] == ["not yet"] * (len(line) - 1) + ["answered"]


@pytest.mark.release_check("D10", "red")
def test_a_terminal_state_ends_it_at_once_and_is_named(tmp_path: Path) -> None:
    toml = JOURNEY.replace('"1500ms"', '"30s"')
    with shop(lambda at: said("FAILED" if at > 0.4 else "RUNNING")) as (there, server):
        result = run(tmp_path, toml, deployment(server.url))
    one = by_name(result)["completed"]
    assert one.state == "failed"
    assert re.fullmatch(r'a terminal state after 0\.\d s: json \$\.state is "FAILED"', one.reason)
    assert [each.meaning for each in one.attempts].count("ended") == 1
    assert there.deleted == ["/orders/7"]
    assert not result.passed


@pytest.mark.release_check("D10", "red")
def test_an_endless_state_ends_at_its_deadline(tmp_path: Path) -> None:
    with shop(lambda _: said("RUNNING")) as (there, server):
        result = run(tmp_path, JOURNEY, deployment(server.url))
    one = by_name(result)["completed"]
    assert one.state == "failed"
    assert one.reason.startswith("not so within 1.5 s, ")
    assert one.reason.endswith('json $.state: expected "COMPLETED", actual "RUNNING"')
    assert one.duration_s < 2.5
    assert there.deleted == ["/orders/7"]


@pytest.mark.release_check("D10", "red")
def test_the_same_key_that_makes_two_things_is_found(tmp_path: Path) -> None:
    count = iter(range(100))

    def forgetful(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply(status=201, json={"id": next(count)})
        return said("COMPLETED") if asked.method == "GET" else Reply(status=204)

    with web(forgetful) as server:
        result = run(tmp_path, JOURNEY, deployment(server.url))
    one = by_name(result)["create-again"]
    assert one.state == "failed"
    assert "json $.id: expected 0, actual 1" in one.reason


def test_what_needs_a_failed_check_is_not_run_and_says_so(tmp_path: Path) -> None:
    with shop(lambda _: said("COMPLETED"), create_status=500) as (there, server):
        result = run(tmp_path, JOURNEY, deployment(server.url))
    states = {name: one.state for name, one in by_name(result).items()}
    assert states["create"] == "failed"
    assert states["create-again"] == states["completed"] == "not-run"
    assert by_name(result)["completed"].reason == "not run, since create did not pass"
    # The order was made all the same, and its id captured: it is cleaned up.
    assert states["clean-up"] == "passed"
    assert there.deleted == ["/orders/7"]


def test_with_nothing_made_there_is_nothing_to_clean_up(tmp_path: Path) -> None:
    with web({"/orders": Reply(status=503)}) as server:
        result = run(tmp_path, JOURNEY, deployment(server.url))
    one = by_name(result)["clean-up"]
    assert (one.state, one.reason) == ("not-run", "nothing to clean up: order was never captured")


def test_statuses_that_pass_are_tolerated_in_a_poll(tmp_path: Path) -> None:
    def state(at: float) -> Reply:
        return Reply(status=503, body=b"later") if at < 0.3 else said("COMPLETED")

    with shop(state) as (_, server):
        result = run(tmp_path, JOURNEY, deployment(server.url))
    one = by_name(result)["completed"]
    assert one.state == "passed"
    assert one.attempts[0].meaning == "tolerated"


def test_other_statuses_end_a_poll(tmp_path: Path) -> None:
    with shop(lambda _: Reply(status=500, json={"state": "COMPLETED"})) as (_, server):
        result = run(tmp_path, JOURNEY, deployment(server.url))
    one = by_name(result)["completed"]
    assert one.state == "failed"
    assert one.reason == (
        "status: expected below 400 or tolerated (429, 502, 503, 504), actual 500"
    )


def test_a_server_that_goes_away_is_not_yet_in_a_poll(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "up"
    http = { path = "/" }
    expect = [{ on = "status", equals = 200 }]
    poll = { interval = "50ms", deadline = "1s" }
    """
    with web({}) as server:
        target = server.url
    result = run(tmp_path, toml, deployment(target))
    (one,) = result.outcomes
    assert one.state == "failed"
    assert "connection refused" in one.reason
    assert {each.meaning for each in one.attempts} == {"tolerated"}


def flaky(*statuses: int) -> Callable[[Asked], Reply]:
    rest = list(statuses)
    return lambda _: Reply(status=rest.pop(0) if len(rest) > 1 else rest[0])


RETRY = """
[[checks]]
name = "read"
http = { path = "/" }
expect = [{ on = "status", equals = 200 }]
retry = { attempts = 3, interval = "10ms" }
"""


@pytest.mark.parametrize(
    ("statuses", "state", "meanings"),
    [
        ((503, 200), "passed", ["asked again", "answered"]),
        ((503, 503, 503), "failed", ["asked again", "asked again", "answered"]),
        ((500, 200), "failed", ["answered"]),
    ],
)
def test_a_retry_asks_again_where_the_answer_says_later(
    tmp_path: Path, statuses: tuple[int, ...], state: str, meanings: list[str]
) -> None:
    with web(flaky(*statuses)) as server:
        (one,) = run(tmp_path, RETRY, deployment(server.url)).outcomes
    assert one.state == state
    assert [each.meaning for each in one.attempts] == meanings


def test_a_retry_with_a_key_sends_the_same_key(tmp_path: Path) -> None:
    http = '{ path = "/", method = "POST", headers = { Idempotency-Key = "${uuid}" } }'
    toml = RETRY.replace('{ path = "/" }', http)
    with web(flaky(503, 200)) as server:
        (one,) = run(tmp_path, toml, deployment(server.url)).outcomes
    assert one.state == "passed"
    first, second = (asked.headers["idempotency-key"] for asked in server.asked)
    assert first == second
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first
    )


def test_checks_run_side_by_side_within_the_bound(tmp_path: Path) -> None:
    meeting = threading.Barrier(3)

    def together(_: Asked) -> Reply:
        meeting.wait(timeout=5)  # passes only if three are asked at once
        return Reply()

    checks = [RETRY.replace("read", f"read-{n}").partition("retry")[0] for n in range(3)]
    with web(together) as server:
        assert run(tmp_path, "at-once = 3\n" + "".join(checks), deployment(server.url)).passed


def test_the_time_limit_of_the_suite_holds_and_clean_ups_come_after_it(tmp_path: Path) -> None:
    toml = 'time-limit = "500ms"\n' + JOURNEY.replace('"1500ms"', '"60s"')
    toml += RETRY.replace("[[checks]]", '[[checks]]\nneeds = ["completed"]')
    with shop(lambda _: said("RUNNING")) as (there, server):
        result = run(tmp_path, toml, deployment(server.url))
    states = {name: one.state for name, one in by_name(result).items()}
    assert states["completed"] in {"failed", "unjudged"}
    assert states["read"] == "not-run"
    assert states["clean-up"] == "passed"
    assert there.deleted == ["/orders/7"]
    assert result.duration_s < 3


def test_an_interrupt_runs_the_clean_ups_and_nothing_else(tmp_path: Path) -> None:
    stopping = threading.Event()

    def state(_: float) -> Reply:
        stopping.set()
        return said("RUNNING")

    toml = JOURNEY.replace('"1500ms"', '"60s"') + RETRY.replace(
        "[[checks]]", '[[checks]]\nneeds = ["completed"]'
    )
    with shop(state) as (there, server):
        opened = session(tmp_path, toml, deployment(server.url), stopping=stopping.is_set)
        with pytest.raises(Interrupted):
            opened.run()
        opened.close()
    assert there.deleted == ["/orders/7"]
    assert not [asked for asked in server.asked if asked.path == "/"]


def test_one_suite_runs_again_and_again_with_fresh_values(tmp_path: Path) -> None:
    with shop(lambda _: said("COMPLETED")) as (there, server):
        opened = session(tmp_path, JOURNEY, deployment(server.url))
        try:
            assert [opened.run().passed for _ in range(3)] == [True] * 3
        finally:
            opened.close()
    assert len(there.orders) == 3


def test_generated_values_are_sent(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "echo"
    http = { path = "/${today:%Y}/x", query = { n = "${sequence}", at = "${now:%d}", plain = "$${x}" }, headers = { X-Request-Id = "${uuid}" } }
    expect = [
      { on = "status", equals = 200 },
      { on = "header", name = "x-request-id", equals = "${uuid}" },
      { on = "header", name = "x-request-id", matches = "^${uuid}$" },
    ]
    """
    with web(lambda a: Reply(headers={"X-Request-Id": a.headers["x-request-id"]})) as server:
        assert run(tmp_path, toml, deployment(server.url)).passed
    (asked,) = server.asked
    assert re.fullmatch(r"/20\d\d/x", asked.path)
    assert asked.query["n"] == ["1"]
    assert asked.query["plain"] == ["${x}"]


def test_a_captured_number_keeps_its_type_in_a_body(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "make"
    http = { path = "/" }
    expect = [{ on = "status", equals = 200 }]
    capture = { id = { on = "json", path = "$.id" }, part = { on = "body", pattern = "id\\": (\\\\d+)" } }
    [[checks]]
    name = "use"
    http = { path = "/", method = "PUT", json = { id = "${id}", text = "no ${id}" }, headers = { X-Part = "${part}" } }
    expect = [{ on = "status", equals = 200 }, { on = "capture", name = "id", less = 8 }]
    """
    with web(lambda _: Reply(json={"id": 7})) as server:
        result = run(tmp_path, toml, deployment(server.url))
    assert [one.reason for one in result.outcomes] == ["", ""]
    assert server.asked[1].json() == {"id": 7, "text": "no 7"}
    assert server.asked[1].headers["x-part"] == "7"


@pytest.mark.parametrize(
    ("capture", "said_of_it"),
    [
        ('{ on = "json", path = "$.no" }', "nothing matched, one is needed"),
        ('{ on = "json", path = "$.list[*]" }', "2 matched, one is needed"),
        ('{ on = "header", name = "X-No" }', "nothing matched, one is needed"),
        ('{ on = "body", pattern = "no(.)no" }', "the pattern found nothing"),
    ],
)
def test_a_capture_that_finds_nothing_is_no_pass(
    tmp_path: Path, capture: str, said_of_it: str
) -> None:
    toml = f"""
    [[checks]]
    name = "make"
    http = {{ path = "/" }}
    expect = [{{ on = "status", equals = 200 }}]
    capture = {{ id = {capture} }}
    """
    with web(lambda _: Reply(json={"list": [1, 2]})) as server:
        (one,) = run(tmp_path, toml, deployment(server.url)).outcomes
    assert one.state == "unjudged"
    assert said_of_it in one.reason


def test_requests_that_are_sent_at_once_are_counted(tmp_path: Path) -> None:
    served = iter(range(1000))

    def limited(_: Asked) -> Reply:
        if next(served) < 10:
            return Reply()
        return Reply(status=429, headers={"Retry-After": "5"})

    toml = """
    [[checks]]
    name = "limit"
    http = { path = "/", at-once = 20 }
    expect = [
      { on = "answers", path = "$[?@.status == 200]", count = 10 },
      { on = "answers", path = "$[?@.status == 429]", count = 10 },
      { on = "answers", path = "$[?@.status == 429].header['retry-after'][0]", matches = "^[1-9]" },
    ]
    """
    with web(limited) as server:
        (one,) = run(tmp_path, toml, deployment(server.url)).outcomes
    assert (one.state, one.reason) == ("passed", "")


def test_an_attempt_that_hangs_does_not_outlast_its_poll(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "done"
    http = { path = "/" }
    poll = { until = [{ on = "status", equals = 200 }], deadline = "400ms" }
    """
    with raw(hanging()) as port:
        (one,) = run(tmp_path, toml, deployment(f"http://127.0.0.1:{port}")).outcomes
    assert one.state == "failed"
    assert one.reason.startswith(
        "not so within 0.4 s, 1 attempt; at last there was no whole answer"
    )
    assert one.duration_s < 5


def test_a_tolerated_status_is_not_yet_whatever_its_body_says(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "done"
    http = { path = "/" }
    [checks.poll]
    until = [{ on = "json", path = "$.state", equals = "COMPLETED" }]
    interval = "20ms"
    deadline = "300ms"
    """
    with web({"/": Reply(status=503, json={"state": "COMPLETED"})}) as server:
        (one,) = run(tmp_path, toml, deployment(server.url)).outcomes
    assert (one.state, {each.meaning for each in one.attempts}) == ("failed", {"tolerated"})


@pytest.mark.parametrize("value", [None, [], {}])
def test_what_is_no_text_does_not_become_part_of_a_path(tmp_path: Path, value: object) -> None:
    toml = """
    [[checks]]
    name = "create"
    http = { path = "/" }
    expect = [{ on = "status", equals = 200 }]
    capture = { id = { on = "json", path = "$.id" } }
    [[checks]]
    name = "read"
    http = { path = "/things/${id}" }
    expect = [{ on = "status", exists = true }]
    """
    with web({"/": Reply(json={"id": value})}) as server:
        _, read = run(tmp_path, toml, deployment(server.url)).outcomes
    assert (read.state, "cannot be part of a path" in read.reason) == ("unjudged", True)
    assert [asked.path for asked in server.asked] == ["/"]
