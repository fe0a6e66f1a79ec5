"""The blip gate on a real service that goes away for some seconds."""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Deployment
from release_gate.judge.types import GateResult, Verdict
from release_gate.testing import judge, project
from support.switching import State, Switching, switching

pytestmark = pytest.mark.gates

ROOT = Path(__file__).resolve().parents[2]
TRUTH_S = 1.6


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("gate_under_test_blip", ROOT / "gates/blip.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


GATE = _load().GATE


def settings(**keys: Any) -> Any:
    quick = {"interval": "100ms", "timeout": "400ms", "duration": "4s", "settle": "500ms"}
    given = {**quick, "max-outage": "3s", **{k.replace("_", "-"): v for k, v in keys.items()}}
    return msgspec.convert(given, GATE.settings)


def place(service: Switching, **more: Any) -> Deployment:
    return Deployment(**{"name": "staging", "target": service.url, **more})


def through(root: Path, service: Switching, state: State, **keys: Any) -> GateResult:
    """The meter runs while the service is away in its midst."""

    def go_away() -> None:
        with service.away(state, TRUTH_S):
            pass

    drill = threading.Timer(1.0, go_away)
    drill.start()
    try:
        return judge(GATE, root, {}, settings(**keys), deployment=place(service))
    finally:
        drill.join()


def longest(result: GateResult) -> Any:
    return next(item.metric for item in result.metrics if item.metric.name == "longest-outage")


@pytest.mark.release_check("E04", "green")
@pytest.mark.parametrize("state", ["refuse", "503", "hang"])
def test_an_outage_is_measured_however_the_service_is_away(tmp_path: Path, state: State) -> None:
    with switching() as service:
        result = through(tmp_path, service, state)
    metric = longest(result)
    assert metric.value == pytest.approx(TRUTH_S, abs=0.5)
    assert result.verdict is not Verdict.FAIL
    assert "outages" in {item.metric.name for item in result.metrics}


@pytest.mark.release_check("E04", "red")
@pytest.mark.parametrize("state", ["refuse", "503", "hang"])
def test_an_outage_beyond_its_limit_fails(tmp_path: Path, state: State) -> None:
    with switching() as service:
        result = through(tmp_path, service, state, max_outage="500ms")
    assert (result.verdict, result.reason) == (Verdict.FAIL, "longest-outage misses its limit")


@pytest.mark.release_check("E04", "red")
def test_a_failed_request_during_a_rolling_update_fails(tmp_path: Path) -> None:
    with switching() as service:
        result = through(tmp_path, service, "503", max_failed=0)
    assert result.verdict is Verdict.FAIL
    assert "failed-probes misses its limit" in result.reason


def drilled(root: Path, *drill: str, **keys: Any) -> GateResult:
    with switching() as service:
        return judge(GATE, root, {}, settings(drill=list(drill), **keys), deployment=place(service))


def test_the_drill_is_started_once_the_service_has_answered(tmp_path: Path) -> None:
    marker = tmp_path / "drilled"
    code = f"open({str(marker)!r}, 'x').close()"
    result = drilled(tmp_path, sys.executable, "-c", code, duration="4s")
    assert marker.exists()
    assert not result.problems


def test_a_drill_that_fails_is_an_error(tmp_path: Path) -> None:
    result = drilled(tmp_path, sys.executable, "-c", "raise SystemExit(3)")
    assert (result.verdict, result.reason) == (
        Verdict.ERROR,
        "the drill ended with exit code 3",
    )


def test_a_drill_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    result = drilled(tmp_path, "no-such-program-anywhere")
    assert result.verdict is Verdict.ERROR
    assert "could not be started" in result.reason


def test_a_drill_that_outlasts_the_meter_is_an_error(tmp_path: Path) -> None:
    result = drilled(tmp_path, sys.executable, "-c", "import time; time.sleep(9)")
    assert result.verdict is Verdict.ERROR
    assert "still running" in result.reason


def test_no_drill_is_started_on_a_service_that_does_not_answer(tmp_path: Path) -> None:
    marker = tmp_path / "drilled"
    with switching() as service:
        service.switch("503")
        drill = [sys.executable, "-c", f"open({str(marker)!r}, 'x')"]
        chosen = settings(drill=drill, settle="1s")
        result = judge(GATE, tmp_path, {}, chosen, deployment=place(service))
    assert not marker.exists()
    assert result.verdict is Verdict.ERROR


def test_without_a_target_the_gate_does_not_apply(tmp_path: Path) -> None:
    assert GATE.applies(project(tmp_path, {}), settings()) is not None


def test_writing_to_production_needs_a_word(tmp_path: Path) -> None:
    with switching() as service:
        chosen = settings(request={"path": "/", "method": "DELETE"})
        where = place(service, production=True)
        assert judge(GATE, tmp_path, {}, chosen, deployment=where).verdict is Verdict.ERROR
        assert service.served == 0


def test_what_would_be_asked_is_shown(tmp_path: Path) -> None:
    planned = GATE.inputs(project(tmp_path, {}), settings(request={"path": "/health"}))
    assert planned.requests == ("blip: every 100ms for 4s", "GET /health")
