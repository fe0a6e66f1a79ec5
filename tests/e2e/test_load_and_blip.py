"""A stall under load and long outages, in their full length on real sockets."""

from __future__ import annotations

import importlib.util
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Deployment
from release_gate.judge.types import GateResult, Verdict
from release_gate.testing import judge
from support.switching import State, Switching, switching

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
TRUTH_S = 12.0


def run(kind: str, root: Path, service: Switching, **keys: Any) -> GateResult:
    spec = importlib.util.spec_from_file_location(f"whole_{kind}", ROOT / f"gates/{kind}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    chosen = msgspec.convert(keys, module.GATE.settings)
    where = Deployment(name="staging", target=service.url)
    return judge(module.GATE, root, {}, chosen, deployment=where)


def metrics(result: GateResult) -> dict[str, float]:
    return {item.metric.name: item.metric.value for item in result.metrics}


def test_a_stall_of_two_seconds_shows_in_the_99th_percentile(tmp_path: Path) -> None:
    def freeze() -> None:
        with service.away("hang", 2.0):
            pass

    with switching() as service:
        timer = threading.Timer(9.0, freeze)
        timer.start()
        keys = {"rate": 50, "duration": "20s", "max-p99": "1s"}
        result = run("load", tmp_path, service, **keys)
        timer.join()
    assert result.examined is not None
    assert result.examined.count == 1000
    assert metrics(result)["p99"] >= 1500
    assert result.verdict is not Verdict.PASS


def test_outages_of_12_seconds_are_measured_to_half_a_second(tmp_path: Path) -> None:
    states: tuple[State, ...] = ("refuse", "hang", "503")

    def through(state: State) -> GateResult:
        def go_away() -> None:
            with service.away(state, TRUTH_S):
                pass

        folder = tmp_path / state
        folder.mkdir()
        with switching() as service:
            drill = threading.Timer(3.0, go_away)
            drill.start()
            keys = {"interval": "200ms", "duration": "19s", "max-outage": "15s"}
            result = run("blip", folder, service, **keys)
            drill.join()
        return result

    with ThreadPoolExecutor(len(states)) as pool:
        results = list(pool.map(through, states))
    assert [metrics(one)["longest-outage"] for one in results] == [
        pytest.approx(TRUTH_S, abs=0.5)
    ] * 3
    assert [metrics(one)["outages"] for one in results] == [1, 1, 1]
