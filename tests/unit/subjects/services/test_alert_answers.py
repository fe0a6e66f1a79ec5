"""Answers of Alertmanager and Prometheus that must never be taken for "nothing fires"."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.subjects.probes.contract import Observation, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.services.alerts import PROBE as ALERTS
from release_gate.subjects.services.metrics import PROBE as METRICS
from support.probing import RealClock, look, world
from support.scenarios import drips, listening, page, silent

pytestmark = pytest.mark.gates


NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class AtNoon(RealClock):
    def now(self) -> datetime:
        return NOW


def at_noon(root: Path) -> ProbeWorld:
    return world(root, clock=AtNoon())


def moment(minutes: float) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def held(name: str, severity: str, *, ends: float = 4, updated: float = 0, **status: Any) -> Any:
    return {
        "labels": {"alertname": name, "severity": severity},
        "annotations": {},
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], **status},
        "startsAt": moment(-9),
        "updatedAt": moment(updated),
        "endsAt": moment(ends),
        "fingerprint": "x",
    }


WATCHDOG = held("Watchdog", "none")


def manager(root: Path, body: Any, status: int = 200, **settings: Any) -> Observation:
    text = body if isinstance(body, str) else json.dumps(body)
    with listening(page(text, "application/json", status)) as port:
        given = {"alertmanager": f"http://127.0.0.1:{port}", **settings}
        return look(ALERTS, given, at_noon(root))


def test_an_alert_that_someone_silenced_counts_unless_it_is_said_not_to(tmp_path: Path) -> None:
    quiet = [WATCHDOG, held("Down", "critical", silencedBy=["1"], state="suppressed")]
    with pytest.raises(ProbeFailed, match=r"1 alerts of severity critical are firing \(Down\)"):
        manager(tmp_path, quiet)
    assert manager(tmp_path, quiet, silenced=False).values["count"] == 0


def test_an_alert_that_has_ended_does_not_count(tmp_path: Path) -> None:
    ended = [WATCHDOG, held("Down", "critical", ends=-1)]
    assert manager(tmp_path, ended).values["count"] == 0


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ([], 200, "holds no alert Watchdog"),
        ("", 200, "cannot be read: it is empty"),
        ("null", 200, "is not a list of alerts"),
        ("{}", 200, "is not a list of alerts"),
        ([{"labels": {}}], 200, "is not a list of alerts"),
        ("[", 200, "it is not JSON"),
        ([WATCHDOG], 500, "answered 500"),
        ("<html>login</html>", 200, "it is not JSON"),
        ("moved", 302, "answered 302"),
        ([held("Watchdog", "none", updated=-9)], 200, "last heard of 540 s ago"),
    ],
)
def test_an_answer_of_alertmanager_that_says_nothing_is_never_green(
    tmp_path: Path, body: Any, status: int, said: str
) -> None:
    with pytest.raises((ProbeFailed, ProbeProblem), match=said):
        manager(tmp_path, body, status)


def rules(*found: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"groups": [{"name": "g", "rules": list(found)}]}}


def rule(**changes: Any) -> dict[str, Any]:
    usual = {
        "name": "Down",
        "type": "alerting",
        "health": "ok",
        "labels": {"severity": "critical"},
        "alerts": [],
        "lastEvaluation": moment(0),
    }
    return {**usual, **changes}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (rules(), "no alerting rule of severity critical"),
        ({"status": "success", "data": {"groups": []}}, "no alerting rule of severity critical"),
        (rules(rule(health="err", lastError="many-to-many")), "Down is err: many-to-many"),
        (rules(rule(health="unknown")), "Down is unknown"),
        (rules(rule(lastEvaluation=moment(-9))), "last evaluated 540 s ago"),
        (rules({"name": "Down"}), "is not a list of alerts or rules"),
        ({"status": "error", "error": "busy"}, "Prometheus says error: busy"),
        ({"status": "success", "warnings": ["store down"], "data": {}}, "warns: store down"),
        ({"status": "success", "isPartial": True, "data": {}}, "the answer is partial"),
        ({"status": "success"}, "is not a list of alerts or rules"),
        ({}, "is not as Prometheus answers"),
        ([], "is not as Prometheus answers"),
        ("", "it is empty"),
    ],
)
def test_an_answer_of_prometheus_that_says_nothing_is_never_green(
    tmp_path: Path, body: Any, said: str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    with (
        listening(page(text, "application/json")) as port,
        pytest.raises((ProbeFailed, ProbeProblem), match=said),
    ):
        look(ALERTS, {"prometheus": f"http://127.0.0.1:{port}"}, at_noon(tmp_path))


def query(root: Path, data: Any, **settings: Any) -> Observation:
    body = json.dumps({"status": "success", "data": data})
    with listening(page(body, "application/json")) as port:
        given = {"prometheus": f"http://127.0.0.1:{port}", "query": "up", **settings}
        return look(METRICS, given, at_noon(root))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"resultType": "vector", "result": []}, "up has no series"),
        ({"resultType": "string", "result": [1, "x"]}, "gives a string"),
        ({"resultType": "vector", "result": [{"metric": {}}]}, "native histogram"),
        ({"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]}, "not as Prom"),
        ({"resultType": "vector", "result": None}, "not as Prom"),
        ({"resultType": "vector"}, "not as Prom"),
        (None, "not as Prom"),
    ],
)
def test_an_answer_to_a_query_that_says_nothing_fails(tmp_path: Path, data: Any, said: str) -> None:
    with pytest.raises(ProbeFailed, match=said):
        query(tmp_path, data)


def test_a_hole_in_the_middle_of_a_window_fails(tmp_path: Path) -> None:
    now = NOW.timestamp()
    times = [now - 60 + second for second in range(0, 61, 5)]
    whole = [[at, "1"] for at in times]
    holed = [[at, "1"] for at in times if not now - 40 < at < now - 20]

    def matrix(points: Any) -> Any:
        return {"resultType": "matrix", "result": [{"metric": {"a": "b"}, "values": points}]}

    window = {"window": "60s", "step": "5s"}
    assert query(tmp_path, matrix(whole), **window).values["points"] >= 12
    with pytest.raises(ProbeFailed, match=r'\{a="b"\} has no data for 20 s from .* at most 10 s'):
        query(tmp_path, matrix(holed), **window)
    with pytest.raises(ProbeFailed, match="has no data for"):
        query(tmp_path, matrix(whole[:-4]), **window)


def test_points_that_are_too_few_for_the_window_fail(tmp_path: Path) -> None:
    now = NOW.timestamp()
    every_other = [[now - 60 + second, "1"] for second in range(0, 61, 10)]
    data = {"resultType": "matrix", "result": [{"metric": {}, "values": every_other}]}
    window = {"window": "60s", "step": "5s"}
    with pytest.raises(ProbeFailed, match="up has 7 points in 60 s, expected at least 10"):
        query(tmp_path, data, **window)
    assert query(tmp_path, data, **window, complete=0.5).values["points"] == 7


def test_several_alerts_are_named_and_may_be_allowed(tmp_path: Path) -> None:
    firing = [WATCHDOG, held("Slow", "critical"), held("Down", "critical"), held("Down", "page")]
    with pytest.raises(ProbeFailed, match=r"2 alerts .* \(Down, Slow\), expected at most 1"):
        manager(tmp_path, firing, **{"max-firing": 1})
    assert manager(tmp_path, firing, **{"max-firing": 2}).values["names"] == ["Down", "Slow"]


@pytest.mark.parametrize("answer", [drips(b"HTTP/1.0 200 OK\r\n\r\n["), silent])
def test_a_server_that_drips_does_not_hold_the_probe(tmp_path: Path, answer: Any) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed) as caught:
        look(ALERTS, {"alertmanager": f"http://127.0.0.1:{port}"}, at_noon(tmp_path), 0.5)
    assert caught.value.transient


@pytest.mark.parametrize(
    "settings",
    [{}, {"alertmanager": "a", "prometheus": "b"}, {"prometheus": "b", "severity": []},
     {"alertmanager": "a", "watchdog": ""}, {"prometheus": "b", "max-age": "never"}],
)  # fmt: skip
def test_settings_that_check_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(settings, type=ALERTS.settings)
