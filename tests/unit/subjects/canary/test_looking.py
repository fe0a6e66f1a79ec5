"""Rounds and actions against real servers and real programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.api import Deployment
from release_gate.subjects.canary.doing import Acting
from release_gate.subjects.canary.evidence import by_hand
from release_gate.subjects.canary.looking import Looking
from release_gate.subjects.canary.planned import CanaryPlan, action_of, plan_canary
from release_gate.subjects.canary.record import Done, Intent, Round
from release_gate.subjects.canary.settings import CanarySettings
from release_gate.subjects.probes.planned import Suite
from release_gate.subjects.smoke.session import Session, open_session
from release_gate.subjects.smoke.settings import SmokeSettings
from release_gate.testing import context, project
from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.unit

CHECK = {"name": "health", "http": {"path": "/health"}, "expect": [{"on": "status", "equals": 200}]}
NOTHING = {"command": {"argv": ["true"]}}
GOOD = {"/health": Reply(json={})}
TOKEN = "h0mely-Br3ad-t0ken"


def planned(folder: Path, target: str | None, **changes: Any) -> CanaryPlan:
    table: dict[str, Any] = {
        "checks": [CHECK],
        "steps": [{"weight": 10, "hold": "10m"}],
        "promote": NOTHING,
        "rollback": NOTHING,
    }
    place = Deployment(name="staging", target=target, hosts=("127.0.0.1",))
    return plan_canary(
        project(folder, {}, deployment=place),
        msgspec.convert({**table, **changes}, CanarySettings, strict=True),
        SmokeSettings(),
        rolls_out=True,
    )


def opened(
    folder: Path, suite: Suite, place: Deployment | None, variables: Mapping[str, str]
) -> Session:
    the_project = project(folder, {}, deployment=place)
    made = context(the_project, clock=SystemClock(), environment=variables)
    return open_session(made, suite, rate=50)


@contextmanager
def looking(folder: Path, plan: CanaryPlan) -> Iterator[Looking]:
    sides = [opened(folder, plan.suite, plan.canary, {})]
    if plan.control:
        sides.append(opened(folder, plan.suite, plan.control, {}))
    try:
        yield Looking(
            clock=SystemClock(),
            settings=plan.settings,
            canary=sides[0],
            control=sides[1] if plan.control else None,
        )
    finally:
        for one in sides:
            one.close()


def looked(folder: Path, target: str, **changes: Any) -> Round:
    with looking(folder, planned(folder, target, **changes)) as one:
        return one.look(0, 0.0)


def test_both_sides_are_asked_and_their_times_kept(tmp_path: Path) -> None:
    with web(GOOD) as new, web(GOOD) as old:
        found = looked(tmp_path, new.url, control=old.url)
        assert (len(new.asked), len(old.asked)) == (1, 1)
    assert found.canary.passed
    assert found.control is not None
    assert found.control.passed
    assert len(found.canary.latencies_us) == len(found.control.latencies_us) == 1


def test_both_sides_are_asked_at_the_same_time(tmp_path: Path) -> None:
    """Each answers only once the other has been asked."""
    asked: list[str] = []

    def respond(one: Asked) -> Reply:
        asked.append(one.path)
        until = time.monotonic() + 8
        while len(asked) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        return Reply(status=200 if len(asked) == 2 else 503)

    with web(respond) as new, web(respond) as old:
        found = looked(tmp_path, new.url, control=old.url)
    assert found.canary.passed
    assert found.control is not None
    assert found.control.passed


def test_a_server_that_is_gone_took_the_whole_time_out(tmp_path: Path) -> None:
    with web(GOOD) as new:
        target = new.url
    found = looked(tmp_path, target)
    assert list(found.canary.bad) == ["health"]
    assert found.canary.latencies_us == (10_000_000,)


def test_a_control_that_is_gone_has_no_times(tmp_path: Path) -> None:
    with web(GOOD) as old:
        gone = old.url
    with web(GOOD) as new:
        found = looked(tmp_path, new.url, control=gone)
    assert found.control is not None
    assert (found.control.passed, found.control.latencies_us) == (False, ())


def test_a_check_that_cannot_be_judged_counts_as_failed(tmp_path: Path) -> None:
    missing = {**CHECK, "http": {"path": "/${env:NOT_SET_ANYWHERE}"}}
    with web(GOOD) as new:
        found = looked(tmp_path, new.url, checks=[missing])
    assert "NOT_SET_ANYWHERE is not set" in found.canary.bad["health"]


def test_a_check_that_is_only_observed_does_not_count(tmp_path: Path) -> None:
    observed = {**CHECK, "name": "observed", "enforce": False, "http": {"path": "/missing"}}
    with web(GOOD) as new:
        found = looked(tmp_path, new.url, checks=[CHECK, observed])
    assert (found.canary.asked, found.canary.bad) == (1, {})


PAGE = {"Content-Type": "text/plain; version=0.0.4"}


@pytest.mark.parametrize(
    ("page", "value", "why"),
    [
        (b"memory 5e8\n", 5e8, ""),
        (b"memory NaN\n", None, "NaN"),
        (b"", None, "no body"),
        (b"other 1\n", None, "memory"),
        (b'memory{a="1"} 1\nmemory{a="2"} 2\n', None, "no single number"),
    ],
)
def test_a_metric_is_a_number_or_says_why_not(
    tmp_path: Path, page: bytes, value: float | None, why: str
) -> None:
    metrics = [
        {"name": "memory", "metrics": {"scrape": "/metrics", "series": "memory"}, "at-most": 1}
    ]
    with web({**GOOD, "/metrics": Reply(body=page, headers=PAGE)}) as new:
        found = looked(tmp_path, new.url, metrics=metrics).metrics["memory"]
    assert (found.value, why in found.why) == (value, True), found.why


def test_counters_of_real_traffic_are_read(tmp_path: Path) -> None:
    page = b"requests_total 1200\nerrors_total 3\n"
    traffic = {
        "requests": {"scrape": "/metrics", "series": "requests_total"},
        "errors": {"scrape": "/metrics", "series": "errors_total"},
    }
    with web({**GOOD, "/metrics": Reply(body=page, headers=PAGE)}) as new:
        found = looked(tmp_path, new.url, traffic=traffic)
    assert found.requests is not None
    assert found.errors is not None
    assert (found.requests.value, found.errors.value) == (1200, 3)


def done(folder: Path, plan: CanaryPlan, variables: Mapping[str, str] | None = None) -> Done:
    action = action_of(plan.settings, "promote")
    assert action is not None
    acting = Acting(
        clock=SystemClock(),
        actions={"promote": action},
        place=plan.acting,
        opened=lambda suite: opened(folder, suite, plan.acting, variables or {}),
    )
    return acting.do(Intent(at="", key="run-7", action="promote", step=0, weight=12.5))


def command(*arguments: str, **more: Any) -> dict[str, Any]:
    return {"command": {"argv": [sys.executable, *arguments], **more}}


@pytest.mark.release_check("E05", "green")
def test_a_command_gets_weight_and_key_and_its_output_is_kept(tmp_path: Path) -> None:
    told = command("-c", "import sys; print(sys.argv[1:])", "w=${weight}", "${key}")
    found = done(tmp_path, planned(tmp_path, None, checks=[PING], promote=told))
    assert (found.ok, found.output, found.key) == (True, ("['w=12.5', 'run-7']",), "run-7")


@pytest.mark.release_check("E05", "red")
def test_a_command_that_fails_says_how_and_hides_its_secret(tmp_path: Path) -> None:
    fails = command("-c", "import os; raise SystemExit(os.environ['TOKEN'])", env=["TOKEN"])
    plan = planned(tmp_path, None, checks=[PING], promote=fails)
    found = done(tmp_path, plan, {"TOKEN": TOKEN})
    assert (found.ok, "ended with exit code 1" in found.what) == (False, True)
    assert TOKEN not in f"{found}"


PING = {"name": "ping", "command": {"argv": ["true"], "read-only": True}}


def test_a_command_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    plan = planned(tmp_path, None, checks=[PING], promote={"command": {"argv": ["no-such-tool"]}})
    found = done(tmp_path, plan)
    assert (found.ok, "no-such-tool could not be started" in found.what) == (False, True)


@pytest.mark.parametrize(("status", "ok"), [(200, True), (204, True), (302, False), (500, False)])
def test_a_webhook_is_done_by_any_good_status(tmp_path: Path, status: int, ok: bool) -> None:
    webhook = {
        "path": "/promote",
        "method": "POST",
        "json": {"weight": "${weight}"},
        "auth": {"scheme": "bearer", "variable": "TOKEN"},
    }
    with web({"/promote": Reply(status=status, headers={"Location": "/x"})}) as server:
        plan = planned(tmp_path, server.url, promote={"webhook": webhook})
        found = done(tmp_path, plan, {"TOKEN": TOKEN})
        (call,) = server.asked
    assert found.ok is ok
    assert (call.headers["idempotency-key"], call.json()) == ("run-7", {"weight": "12.5"})
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in f"{found}"


def test_what_to_do_by_hand_is_what_was_written_or_the_command(tmp_path: Path) -> None:
    written = planned(
        tmp_path, None, checks=[PING], rollback={**NOTHING, "by-hand": "Call the duty."}
    )
    plain = planned(tmp_path, None, checks=[PING])
    assert by_hand(written) == "Call the duty."
    assert by_hand(plain).endswith("What failed was: run ['true'] in .")
