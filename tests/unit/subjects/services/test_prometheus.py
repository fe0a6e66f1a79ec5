"""A real Prometheus and a real Alertmanager over a small service whose metrics the test writes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.alerts import PROBE as ALERTS
from release_gate.subjects.services.metrics import PROBE as METRICS
from support.probing import look, world
from support.services import alertmanager_server, prometheus_server

pytestmark = pytest.mark.gates

_PATIENCE_S = 45.0


@dataclass
class Service:
    """A service whose page of metrics a test changes."""

    port: int
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Watched:
    """A service and who watches it."""

    service: Service
    prometheus: str
    alertmanager: str


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    lines = ["app_broken 0", "queue 7", "requests_total 100", "odd NaN"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = ("\n".join(lines) + "\n").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its signature
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    port = int(server.server_address[1])
    try:
        with alertmanager_server() as manager, prometheus_server(port, manager.port) as prometheus:
            yield Watched(Service(port, lines), prometheus.url, manager.url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def until(look_again: Callable[[], Observation]) -> Observation:
    """What a poll does: again, until nothing is raised."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return look_again()
        except (ProbeFailed, ProbeProblem):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def ask(root: Path, watched: Watched, query: str, **settings: Any) -> Observation:
    given = {"prometheus": watched.prometheus, "query": query, **settings}
    return look(METRICS, given, world(root))


WINDOW = {"window": "4s", "step": "1s", "max-gap": "3.5s"}


def test_a_query_has_a_value(tmp_path: Path, watched: Watched) -> None:
    seen = until(lambda: ask(tmp_path, watched, "queue"))
    assert seen.values["value"] == 7
    assert isinstance(seen.values["points"], Unreadable)


def test_a_scalar_is_a_value(tmp_path: Path, watched: Watched) -> None:
    assert ask(tmp_path, watched, "scalar(vector(3))").values["value"] == 3


def test_each_wanted_label_needs_a_series(tmp_path: Path, watched: Watched) -> None:
    until(lambda: ask(tmp_path, watched, "up", need={"job": ["app"]}))
    with pytest.raises(ProbeFailed, match='no series with job="worker"; there are app'):
        ask(tmp_path, watched, "up", need={"job": ["app", "worker"]})


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("gone_total", "gone_total has no series"),
        ("queue > 100", "has no series"),
        ("odd", "is NaN"),
        ("vector(1) / 0", r"is \+Inf"),
        ("queue[1m]", "gives a matrix, expected a vector"),
        ("sum(", "answered 400: .*parse error"),
    ],
)
def test_an_answer_that_cannot_be_judged_fails(
    tmp_path: Path, watched: Watched, query: str, said: str
) -> None:
    until(lambda: ask(tmp_path, watched, "queue"))
    with pytest.raises(ProbeFailed, match=said):
        ask(tmp_path, watched, query)


def test_a_window_without_a_gap(tmp_path: Path, watched: Watched) -> None:
    seen = until(lambda: ask(tmp_path, watched, "queue", **WINDOW))
    assert (seen.values["min"], seen.values["max"], seen.values["last"]) == (7, 7, 7)
    assert seen.values["points"] >= 2
    assert seen.values["count"] == 1


def test_a_window_of_an_expression(tmp_path: Path, watched: Watched) -> None:
    query = "queue * 2"
    seen = until(lambda: ask(tmp_path, watched, query, **WINDOW, **{"fed-by": ["queue"]}))
    assert seen.values["max"] == 14
    with pytest.raises(ProbeFailed, match="gone_total has no data for 4 s"):
        ask(tmp_path, watched, query, **WINDOW, **{"fed-by": ["queue", "gone_total"]})


@pytest.mark.parametrize("query", ["queue", "queue * 2"])
def test_a_window_before_the_first_sample_is_a_gap(
    tmp_path: Path, watched: Watched, query: str
) -> None:
    until(lambda: ask(tmp_path, watched, "queue"))
    with pytest.raises(ProbeFailed, match=r"has no data for \d+ s from"):
        ask(tmp_path, watched, query, window="1h", step="15s", **{"fed-by": ["queue"]})


def test_a_series_that_went_away_is_a_gap_and_then_gone(tmp_path: Path, watched: Watched) -> None:
    watched.service.lines.append("leaving 1")
    until(lambda: ask(tmp_path, watched, "leaving", **WINDOW))
    watched.service.lines.remove("leaving 1")

    end = time.monotonic() + _PATIENCE_S
    said = ""
    while not said and time.monotonic() < end:
        try:
            ask(tmp_path, watched, "leaving", **WINDOW)
        except ProbeFailed as error:
            said = error.what
    assert re.search("has no data for|points in 4 s, expected", said)
    with pytest.raises(ProbeFailed, match=r"has no series|has no data for|points in 4 s"):
        ask(tmp_path, watched, "leaving", **WINDOW)
    # A look at now alone would still have found it for five minutes, but for the staleness mark.
    with pytest.raises(ProbeFailed, match="leaving has no series"):
        ask(tmp_path, watched, "leaving")


def alerts(root: Path, **settings: Any) -> Observation:
    return look(ALERTS, settings, world(root))


def test_nothing_fires(tmp_path: Path, watched: Watched) -> None:
    by_rules = until(lambda: alerts(tmp_path, prometheus=watched.prometheus))
    by_manager = until(lambda: alerts(tmp_path, alertmanager=watched.alertmanager))
    assert (by_rules.values["count"], by_manager.values["count"]) == (0, 0)


def test_what_fires_is_named(tmp_path: Path, watched: Watched) -> None:
    watched.service.lines[0] = "app_broken 1"
    wide = {"severity": ["critical"], "max-firing": 9}
    places = ({"prometheus": watched.prometheus}, {"alertmanager": watched.alertmanager})
    try:
        for place in places:
            until(partial(fires, tmp_path, {**place, **wide}))
            with pytest.raises(ProbeFailed, match=r"1 alerts .* firing \(AppBroken\)") as caught:
                alerts(tmp_path, **place)
            assert "AppBroken{" in caught.value.detail[0]
            assert alerts(tmp_path, **place, ignore=["AppBroken"]).values["count"] == 0
            assert alerts(tmp_path, **place, labels={"team": "x"}).values["count"] == 0
    finally:
        watched.service.lines[0] = "app_broken 0"


def fires(root: Path, settings: dict[str, Any]) -> Observation:
    seen = alerts(root, **settings)
    if seen.values["names"] != ["AppBroken"]:
        raise ProbeFailed("not yet")
    return seen


def test_a_severity_without_a_rule_could_never_fire(tmp_path: Path, watched: Watched) -> None:
    with pytest.raises(ProbeProblem, match="no alerting rule of severity page"):
        alerts(tmp_path, prometheus=watched.prometheus, severity=["critical", "page"])


def test_an_alertmanager_that_nobody_tells_anything_cannot_be_judged(
    tmp_path: Path, watched: Watched
) -> None:
    with (
        alertmanager_server() as lonely,
        pytest.raises(ProbeProblem, match="holds no alert Watchdog"),
    ):
        alerts(tmp_path, alertmanager=lonely.url)
