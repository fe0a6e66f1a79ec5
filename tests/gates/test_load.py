"""The load gate on real servers, with stored runs, controls and other tools' reports."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Deployment, Evidence, Examined
from release_gate.judge.decide import decide
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import Collected
from release_gate.subjects.load import figures
from release_gate.subjects.load.sample import Sample
from release_gate.subjects.load.sending import RealWatch
from release_gate.subjects.load.stored import NAME
from release_gate.subjects.probes.contract import ProbeProblem
from release_gate.testing import collect, context, judge, project
from support import judging
from support.switching import Switching, switching

pytestmark = pytest.mark.gates

ROOT = Path(__file__).resolve().parents[2]
# The lag is of no interest where the machine that tests is busy with other tests.
QUICK = {"rate": 100, "duration": "1s", "max_error_rate": 5, "max_lag": "3s"}
CALM: dict[str, Any] = {"rate": 50, "duration": "2s"}
SHORT: dict[str, Any] = {"rate": 200, "duration": "500ms"}


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("gate_under_test_load", ROOT / "gates/load.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


GATE = _load().GATE


def settings(**keys: Any) -> Any:
    return msgspec.convert(
        {key.replace("_", "-"): value for key, value in keys.items()}, GATE.settings
    )


def place(target: str, **more: Any) -> Deployment:
    return Deployment(**{"name": "staging", "target": target, **more})


def judged(
    root: Path,
    service: Switching,
    *,
    files: Mapping[str, str | bytes] | None = None,
    where: Deployment | None = None,
    artifacts: Path | None = None,
    **keys: Any,
) -> GateResult:
    changes: dict[str, Any] = {"artifacts": artifacts} if artifacts else {}
    chosen = settings(**{**QUICK, **keys})
    where = where or place(service.url)
    return judge(GATE, root, files or {}, chosen, deployment=where, **changes)


def metrics(result: GateResult) -> dict[str, float]:
    return {item.metric.name: item.metric.value for item in result.metrics}


def limitations(result: GateResult) -> list[str]:
    return [item.name for item in result.limitations]


@pytest.mark.release_check("D18", "green")
def test_a_quick_service_without_errors_keeps_its_limits(tmp_path: Path) -> None:
    with switching() as service:
        keys: dict[str, Any] = {"rate": 60, "duration": "5s", "min_rate": 50}
        result = judged(tmp_path, service, max_p95="2s", max_p99="3s", **keys)
    assert (result.verdict, result.reason) == (Verdict.PASS, "nothing new")
    assert result.examined is not None
    assert result.examined.count == service.served == 300


@pytest.mark.release_check("D18", "red")
def test_a_slow_service_misses_its_percentile(tmp_path: Path) -> None:
    with switching() as service:
        service.delay_s = 0.3
        result = judged(tmp_path, service, max_p95="100ms")
    assert (result.verdict, result.reason) == (Verdict.FAIL, "p95 misses its limit")


@pytest.mark.release_check("D18", "red")
def test_a_service_that_fails_misses_its_error_rate(tmp_path: Path) -> None:
    with switching() as service:
        service.switch("503")
        result = judged(tmp_path, service, max_error_rate=0.1)
    assert (result.verdict, result.reason) == (Verdict.FAIL, "error-rate misses its limit")
    assert ("503", "100") in result.tables[1].rows


@pytest.mark.release_check("D18", "red")
def test_too_few_requests_without_error_prove_no_thousandth(tmp_path: Path) -> None:
    with switching() as service:
        result = judged(tmp_path, service, max_error_rate=0.1)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "needs 2,895 more requests" in result.reason


def judge_counts(root: Path, failed: int, count: int) -> GateResult:
    """What is judged of so many requests, without sending them."""
    measured = Sample(
        latencies_us=(20_000,) * count,
        services_us=(20_000,) * count,
        failed=failed,
        elapsed_us=count * 10_000,
        outcomes={"200": count - failed, "503": failed},
    )
    chosen = settings(max_error_rate=0.1)
    evidence = Evidence(
        examined=Examined(unit="requests", count=count),
        metrics=figures.figures(measured, chosen.aims()),
    )
    limits = GATE.limits(chosen, project(root, {}))
    report = decide(
        judging.docket(judging.gate("load", limits=limits)),
        [Collected(gate_id="load", evidence=evidence)],
        judging.INPUTS,
    )
    return report.gates[0]


@pytest.mark.release_check("D18", "green")
@pytest.mark.release_check("D18", "red")
def test_a_thousandth_is_proven_by_2995_requests_refuted_by_30_of_600_and_open_with_none_of_600(
    tmp_path: Path,
) -> None:
    assert judge_counts(tmp_path, 0, 2995).verdict is Verdict.PASS
    assert judge_counts(tmp_path, 30, 600).verdict is Verdict.FAIL
    open_ = judge_counts(tmp_path, 0, 600)
    assert open_.verdict is Verdict.INCONCLUSIVE
    assert "at most 0.498 (n = 600); needs 2,395 more requests" in open_.reason
    assert judge_counts(tmp_path, 0, 2994).verdict is Verdict.INCONCLUSIVE


def test_a_redirect_is_no_good_answer_unless_that_is_said(tmp_path: Path) -> None:
    with switching() as service:
        service.switch("302")
        assert judged(tmp_path, service, **SHORT).verdict is Verdict.FAIL
        assert judged(tmp_path, service, statuses=[302], **CALM).verdict is Verdict.PASS


def test_a_control_on_a_host_that_is_not_listed_is_not_asked(tmp_path: Path) -> None:
    with switching() as release, switching() as control:
        url = control.url.replace("127.0.0.1", "localhost")
        with pytest.raises(ProbeProblem):
            judged(tmp_path, release, versus={"control": url})
        assert control.served == 0


def test_a_credential_stands_in_no_output(tmp_path: Path) -> None:
    secret = "S3CR3T-canary-value-0123456789"
    auth = {"scheme": "bearer", "variable": "LOAD_TOKEN"}
    with switching() as service:
        evidence = collect_from(tmp_path, service, auth, {"LOAD_TOKEN": secret})
    assert secret not in repr(evidence)


def collect_from(
    root: Path, service: Switching, auth: dict[str, str], environment: dict[str, str]
) -> Evidence:
    chosen = settings(**{**QUICK, **SHORT}, requests=[{"path": "/", "auth": auth}])
    the_project = project(root, {}, deployment=place(service.url))
    found: Evidence = GATE.collect(context(the_project, environment=environment), chosen)
    return found


def test_when_every_request_fails_no_percentile_is_good(tmp_path: Path) -> None:
    with switching() as service:
        service.switch("refuse")
        result = judged(tmp_path, service, max_p50="4s", max_error_rate=100)
    assert result.verdict is Verdict.FAIL
    assert metrics(result)["p50"] >= 5000


def test_a_rate_that_is_not_reached_fails(tmp_path: Path) -> None:
    with switching() as service:
        service.delay_s = 0.5
        result = judged(tmp_path, service, in_flight=5, min_rate=90)
    assert result.verdict is Verdict.FAIL
    assert metrics(result)["rate-reached"] < 20


def test_requests_held_back_by_the_cap_are_inconclusive(tmp_path: Path) -> None:
    with switching() as service:
        service.delay_s = 0.3
        result = judged(tmp_path, service, in_flight=5)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "in-flight-cap" in limitations(result)


def test_a_starved_generator_is_inconclusive_and_never_the_services_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RealWatch.wait
    monkeypatch.setattr(RealWatch, "wait", lambda self, seconds: real(self, seconds + 0.3))
    with switching() as service:
        result = judged(tmp_path, service, rate=20, duration="3s", max_p95="250ms", max_lag="50ms")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "generator-starved" in limitations(result)
    assert result.metrics[1].met is None


def test_without_a_target_the_gate_does_not_apply(tmp_path: Path) -> None:
    for where in (None, Deployment(name="staging")):
        the_project = project(tmp_path, {}, deployment=where)
        assert GATE.applies(the_project, settings()) is not None


def test_writing_to_production_needs_a_word(tmp_path: Path) -> None:
    with switching() as service:
        result = judged(
            tmp_path,
            service,
            where=place(service.url, production=True),
            requests=[{"path": "/orders", "method": "POST"}],
        )
        assert service.served == 0
    assert (result.verdict, result.reason) == (
        Verdict.ERROR,
        "POST /orders writes, and staging is production",
    )


def test_what_would_be_sent_is_shown_without_sending_it(tmp_path: Path) -> None:
    with switching() as service:
        the_project = project(tmp_path, {}, deployment=place(service.url))
        planned = GATE.inputs(the_project, settings(requests=[{"path": "/a"}, {"path": "/b"}]))
        assert service.served == 0
    assert planned.requests == (
        "load: 10 requests/s, at most 50 in flight",
        "GET /a",
        "GET /b",
    )


def stored(tmp_path: Path, service: Switching, **keys: Any) -> bytes:
    """The run that the gate leaves, as a user would commit it."""
    artifacts, folder = tmp_path / "kept", tmp_path / "first"
    artifacts.mkdir()
    folder.mkdir()
    judged(folder, service, artifacts=artifacts, **keys)
    return (artifacts / NAME).read_bytes()


def against(tmp_path: Path, service: Switching, content: bytes | str, **keys: Any) -> GateResult:
    folder = tmp_path / "second"
    folder.mkdir()
    versus = {"baseline": "run.json", "judge": ["p95", "mean"], **keys.pop("versus", {})}
    return judged(folder, service, files={"run.json": content}, versus=versus, **keys)


@pytest.mark.release_check("D19", "green")
def test_a_release_that_is_clearly_quicker_than_the_stored_run_passes(tmp_path: Path) -> None:
    with switching() as service:
        service.delay_s = 0.2
        before = stored(tmp_path, service, **CALM)
        service.delay_s = 0.0
        result = against(tmp_path, service, before, **CALM)
    assert (result.verdict, result.reason) == (Verdict.PASS, "nothing new")


@pytest.mark.release_check("D19", "red")
def test_a_release_that_is_clearly_slower_than_the_stored_run_fails(tmp_path: Path) -> None:
    with switching() as service:
        before = stored(tmp_path, service)
        service.delay_s = 0.3
        result = against(tmp_path, service, before)
    assert result.verdict is Verdict.FAIL
    assert "p95-ratio misses its limit" in result.reason
    row = next(row for row in result.tables[2].rows if row[0] == "p95-ratio")
    assert "seed 20260101" in row[-1]
    assert row[4:6] == ("100", "100")


@pytest.mark.release_check("D19", "red")
def test_a_release_that_fails_more_often_than_before_fails(tmp_path: Path) -> None:
    with switching() as service:
        before = stored(tmp_path, service)
        service.switch("503")
        result = against(
            tmp_path, service, before, max_error_rate=100, versus={"judge": ["error-rate"]}
        )
    assert result.verdict is Verdict.FAIL
    assert "error-rate-ratio misses its limit" in result.reason


@pytest.mark.release_check("D19", "red")
def test_a_promise_to_be_twice_as_quick_is_not_met_by_the_same_speed(tmp_path: Path) -> None:
    with switching() as service:
        service.delay_s = 0.2
        before = stored(tmp_path, service)
        result = against(tmp_path, service, before, versus={"p95": 0.5, "judge": ["p95"]})
    assert result.verdict is Verdict.FAIL


def edited(content: bytes, **changes: Any) -> str:
    return json.dumps({**json.loads(content), **changes})


def test_what_cannot_be_compared_never_passes(tmp_path: Path) -> None:
    with switching() as service:
        before = stored(tmp_path, service, **SHORT)
        run = json.loads(before)
        unlike = {
            "target": edited(before, target="http://elsewhere"),
            "requests": edited(before, requests=["GET /other"]),
            "rate": edited(before, steps=[["50", "2"]]),
            "timeout": edited(before, timeout_us=1_000_000),
            "machine": edited(before, machine={**run["machine"], "processors": 99}),
            "failed": edited(before, failed=100),
            "few": edited(before, latencies_us=[5], outcomes={"200": 1}),
        }
        for name, content in unlike.items():
            (tmp_path / name).mkdir()
            result = against(tmp_path / name, service, content, **SHORT)
            assert (name, result.verdict) == (name, Verdict.INCONCLUSIVE)
            assert "unlike-load-baseline" in limitations(result)


def test_without_the_stored_run_it_is_inconclusive(tmp_path: Path) -> None:
    with switching() as service:
        result = judged(tmp_path, service, versus={"baseline": "gone.json"}, **SHORT)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "no-load-baseline" in limitations(result)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"format": "release-gate-load/2"}',
        '{"format": "release-gate-load/1"}',
        '{"format": "release-gate-load/1", "format": "release-gate-load/1"}',
    ],
)
def test_a_stored_run_that_cannot_be_read_is_an_error(tmp_path: Path, content: str) -> None:
    with switching() as service:
        result = against(tmp_path, service, content, **SHORT)
    assert result.verdict is Verdict.ERROR
    assert "run.json cannot be used" in result.reason


def test_a_stored_run_that_contradicts_itself_is_an_error(tmp_path: Path) -> None:
    with switching() as service:
        before = stored(tmp_path, service, **SHORT)
        for number, content in enumerate(
            (
                edited(before, failed=101),
                edited(before, outcomes={"200": 1}),
                edited(before, latencies_us=[]),
                edited(before, latencies_us=[0] * 100),
                edited(before, more=1),
            )
        ):
            (tmp_path / str(number)).mkdir()
            assert (
                against(tmp_path / str(number), service, content, **SHORT).verdict is Verdict.ERROR
            )


@pytest.mark.release_check("D19", "green")
@pytest.mark.release_check("D19", "red")
def test_a_control_gets_the_same_load_at_the_same_time(tmp_path: Path) -> None:
    with switching() as release, switching() as control:
        control.delay_s = 0.15
        where = place(release.url, hosts=("127.0.0.1",))
        versus = {"control": control.url, "judge": ["p95", "mean"]}
        quicker = judged(tmp_path, release, where=where, rate=40, duration="3s", versus=versus)
        assert (release.served, control.served) == (120, 120)
        release.delay_s, control.delay_s = 0.15, 0.0
        slower = judged(tmp_path, release, where=where, rate=40, duration="3s", versus=versus)
    assert (quicker.verdict, slower.verdict) == (Verdict.PASS, Verdict.FAIL)


def test_a_control_that_does_not_answer_is_inconclusive(tmp_path: Path) -> None:
    with switching() as release, switching() as control:
        control.switch("refuse")
        where = place(release.url, hosts=("127.0.0.1",))
        result = judged(
            tmp_path, release, where=where, duration="2s", rate=60, versus={"control": control.url}
        )
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "control-unreachable" in limitations(result)


def test_the_artifact_is_the_run(tmp_path: Path) -> None:
    with switching() as service:
        content = stored(tmp_path, service)
    run = json.loads(content)
    assert (run["format"], len(run["latencies_us"]), run["failed"]) == (
        "release-gate-load/1",
        100,
        0,
    )
    assert str(tmp_path) not in content.decode()


def k6(p95: float = 80.0, failed: int = 0, count: int = 10_000, **more: Any) -> dict[str, Any]:
    trend = {"min": 1.0, "med": 20.0, "max": 300.0, "p(90)": 50.0, "p(95)": p95, "p(96)": 99.0}
    trend |= {"p(99)": 150.0}
    return {
        "root_group": {},
        "metrics": {
            "http_reqs": {"type": "counter", "values": {"count": count, "rate": count / 60}},
            "http_req_failed": {
                "type": "rate",
                "values": {"rate": failed / count, "passes": failed, "fails": count - failed},
            },
            "http_req_duration": {"type": "trend", "contains": "time", "values": trend},
        },
        "state": {"testRunDurationMs": 60_000.0},
        **more,
    }


def reported(root: Path, content: str | bytes | None, **keys: Any) -> GateResult:
    files = {} if content is None else {"load.json": content}
    chosen = settings(**{"report": "load.json", "max_p95": "100ms", **keys})
    return judge(GATE, root, files, chosen)


@pytest.mark.release_check("A22", "green")
def test_a_report_within_its_limits_passes(tmp_path: Path) -> None:
    result = reported(tmp_path, json.dumps(k6()), min_rate=150, max_p99="400ms")
    assert (result.verdict, result.reason) == (Verdict.PASS, "nothing new")


@pytest.mark.release_check("A22", "red")
@pytest.mark.parametrize(
    ("content", "keys", "reason"),
    [
        (k6(failed=500), {}, "error-rate misses its limit"),
        (k6(), {"min_rate": 200}, "rate-reached misses its limit"),
        (k6(p95=80), {"max_p95": "49ms"}, "p95 misses its limit"),
    ],
)
def test_a_report_beyond_its_limits_fails(
    tmp_path: Path, content: dict[str, Any], keys: dict[str, Any], reason: str
) -> None:
    result = reported(tmp_path, json.dumps(content), **keys)
    assert (result.verdict, result.reason) == (Verdict.FAIL, reason)


def test_a_percentile_whose_neighbours_are_on_both_sides_is_not_settled(tmp_path: Path) -> None:
    assert reported(tmp_path, json.dumps(k6()), max_p95="90ms").verdict is Verdict.INCONCLUSIVE


def test_the_values_themselves_are_compared_only_where_that_is_said(tmp_path: Path) -> None:
    for limit, verdict in (("90ms", Verdict.PASS), ("79ms", Verdict.FAIL)):
        result = reported(tmp_path, json.dumps(k6()), max_p95=limit, judged_on="value")
        assert result.verdict is verdict
        assert any("not with bounds" in note for note in result.notes)


def test_a_trend_without_samples_is_inconclusive_though_its_percentile_is_0(
    tmp_path: Path,
) -> None:
    empty = k6()
    empty["metrics"]["http_reqs"]["values"] = {"count": 0, "rate": 0}
    empty["metrics"]["http_req_duration"]["values"] = {"p(95)": 0}
    result = reported(tmp_path, json.dumps(empty))
    assert (result.verdict, limitations(result)) == (Verdict.INCONCLUSIVE, ["no-samples"])


def test_a_percentile_that_the_report_lacks_is_inconclusive(tmp_path: Path) -> None:
    lacking = k6()
    del lacking["metrics"]["http_req_duration"]["values"]["p(95)"]
    result = reported(tmp_path, json.dumps(lacking))
    assert (result.verdict, limitations(result)) == (Verdict.INCONCLUSIVE, ["no-samples"])
    assert result.reason == "the k6 report has no p95, which has a limit"


def test_a_broken_threshold_of_k6_blocks(tmp_path: Path) -> None:
    broken = k6()
    broken["metrics"]["http_req_duration"]["thresholds"] = {"p(95)<50": {"ok": False}}
    result = reported(tmp_path, json.dumps(broken))
    assert result.verdict is Verdict.FAIL
    assert [item.finding.rule_id for item in result.findings] == ["threshold-broken"]


def test_a_load_that_the_tool_could_not_send_is_inconclusive(tmp_path: Path) -> None:
    starved = k6()
    starved["metrics"]["dropped_iterations"] = {"type": "counter", "values": {"count": 40}}
    result = reported(tmp_path, json.dumps(starved))
    assert (result.verdict, limitations(result)) == (Verdict.INCONCLUSIVE, ["generator-starved"])


@pytest.mark.release_check("A22", "red")
@pytest.mark.parametrize("content", [None, "", "  ", "{", "{}", "[]", "null", "hello", b"\xff\xfe"])
def test_a_report_that_is_missing_empty_or_of_no_tool_is_an_error(
    tmp_path: Path, content: str | bytes | None
) -> None:
    assert reported(tmp_path, content).verdict is Verdict.ERROR


def test_a_report_of_another_tool_than_asked_for_is_an_error(tmp_path: Path) -> None:
    assert reported(tmp_path, json.dumps(k6()), format="oha").verdict is Verdict.ERROR


def test_a_report_from_before_the_commit_is_an_error(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "load.json").write_text(json.dumps(k6()))
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    subprocess.run(["git", "-C", str(tmp_path), *identity, "commit", "-qm", "x"], check=True)
    assert reported(tmp_path, json.dumps(k6())).verdict is Verdict.PASS
    os.utime(tmp_path / "load.json", (1_000_000_000, 1_000_000_000))
    chosen = settings(report="load.json", max_p95="100ms")
    evidence = GATE.collect(context(project(tmp_path, {})), chosen)
    assert [problem.slug for problem in evidence.problems] == ["report-too-old"]


def test_where_git_says_nothing_the_age_is_named_as_unknown(tmp_path: Path) -> None:
    evidence = collect(
        GATE, tmp_path, {"load.json": json.dumps(k6())}, settings(report="load.json")
    )
    assert any("age was not compared" in note for note in evidence.notes)
