"""The gate: what a suite's outcome means for the verdict, and what the evidence shows."""

# ruff: noqa: E501 - inline tables of TOML cannot be broken

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.api import Deployment, Evidence
from release_gate.errors import ConfigError, ToolProblem
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import Severity
from release_gate.testing import collect, context, judge, project
from support.checks import deployment, settings_of, smoke_gate
from support.servers.web import Reply, web

pytestmark = pytest.mark.gates

HEALTH = """
[[checks]]
name = "health"
http = { path = "/health" }
expect = [
  { on = "status", equals = 200 },
  { on = "json", path = "$.status", equals = "ok" },
]
"""
EXTRA = """
[[checks]]
name = "extra"
http = { path = "/extra" }
expect = [{ on = "status", equals = 200 }]
"""
OK = Reply(json={"status": "ok"})
DOWN = Reply(status=503, json={"status": "down"})


def judged(
    folder: Path, toml: str, replies: Mapping[str, Reply], **changes: Any
) -> tuple[GateResult, str]:
    with web(replies) as server:
        place = deployment(server.url)
        result = judge(
            smoke_gate(),
            folder,
            {},
            settings_of(toml),
            deployment=place,
            clock=SystemClock(),
            **changes,
        )
    return result, server.url


def seen(folder: Path, toml: str, replies: Mapping[str, Reply], **changes: Any) -> Evidence:
    with web(replies) as server:
        place = deployment(server.url)
        return collect(
            smoke_gate(),
            folder,
            {},
            settings_of(toml),
            deployment=place,
            clock=SystemClock(),
            **changes,
        )


def test_every_check_passed_is_a_pass(tmp_path: Path) -> None:
    result, target = judged(tmp_path, HEALTH + EXTRA, {"/health": OK, "/extra": OK})
    assert result.verdict is Verdict.PASS
    assert result.examined is not None
    assert (result.examined.unit, result.examined.count) == ("checks", 2)
    assert result.notes == (f"target {target}",)


def test_a_failed_check_is_one_finding_with_expected_and_actual(tmp_path: Path) -> None:
    result, _ = judged(tmp_path, HEALTH, {"/health": DOWN})
    assert result.verdict is Verdict.FAIL
    (one,) = result.findings
    finding = one.finding
    assert finding.rule_id == "health"
    assert finding.severity is Severity.HIGH
    assert finding.message == (
        'health: status: expected 200, actual 503; json $.status: expected "ok", actual "down"'
    )
    assert finding.excerpt.startswith("GET /health\n\nHTTP 503\n")
    assert finding.reproduce == (
        "release-gate run --phase post-deploy --gate gate --environment staging"
    )


def test_the_severity_can_be_set(tmp_path: Path) -> None:
    toml = HEALTH.replace('name = "health"', 'name = "health"\nseverity = "low"')
    (finding,) = seen(tmp_path, toml, {"/health": DOWN}).findings
    assert finding.severity is Severity.LOW


def test_a_check_that_cannot_be_judged_is_an_error(tmp_path: Path) -> None:
    result, _ = judged(tmp_path, HEALTH, {"/health": Reply(json={"state": "ok"})})
    assert result.verdict is Verdict.ERROR
    assert result.reason == 'health: json $.status: expected "ok", actual nothing matched'


def test_an_error_does_not_hide_a_failure(tmp_path: Path) -> None:
    result, _ = judged(tmp_path, HEALTH + EXTRA, {"/health": Reply(), "/extra": DOWN})
    assert result.verdict is Verdict.ERROR
    assert [one.finding.rule_id for one in result.findings] == ["extra"]


def test_what_is_only_observed_is_shown_and_never_decides(tmp_path: Path) -> None:
    toml = HEALTH + EXTRA.replace('name = "extra"', 'name = "extra"\nenforce = false')
    result, _ = judged(tmp_path, toml, {"/health": OK, "/extra": DOWN})
    assert result.verdict is Verdict.PASS
    assert result.findings == ()
    assert "1 only observed, not passed: extra" in result.notes
    row = next(row for row in result.tables[0].rows if row[0] == "extra")
    assert row[1] == "failed (observed only)"
    assert "status: expected 200, actual 503" in row[2]


def test_observing_alone_is_no_pass(tmp_path: Path) -> None:
    toml = HEALTH.replace('name = "health"', 'name = "health"\nenforce = false')
    result, _ = judged(tmp_path, toml, {"/health": OK})
    assert result.verdict is Verdict.ERROR
    assert result.reason == "no check decides: all of them are enforce = false"


def test_one_that_needs_what_failed_is_a_finding_too(tmp_path: Path) -> None:
    toml = HEALTH + EXTRA.replace('name = "extra"', 'name = "extra"\nneeds = ["health"]')
    result, _ = judged(tmp_path, toml, {"/health": DOWN, "/extra": OK})
    assert result.verdict is Verdict.FAIL
    assert result.findings[0].finding.message == "extra: not run, since health did not pass"
    assert result.examined is not None
    assert (result.examined.count, result.examined.planned) == (1, 2)


def test_one_that_needs_what_is_only_observed_is_no_pass_either(tmp_path: Path) -> None:
    toml = HEALTH.replace('name = "health"', 'name = "health"\nenforce = false')
    toml += EXTRA.replace('name = "extra"', 'name = "extra"\nneeds = ["health"]')
    result, _ = judged(tmp_path, toml, {"/health": DOWN, "/extra": OK})
    assert result.verdict is Verdict.FAIL


def test_fewer_checks_than_planned_are_no_pass(tmp_path: Path) -> None:
    slow = 'time-limit = "1ms"\nat-once = 1\n' + HEALTH + EXTRA
    result, _ = judged(tmp_path, slow, {"/health": OK, "/extra": OK})
    assert result.verdict in {Verdict.ERROR, Verdict.FAIL}
    assert result.examined is not None
    assert result.examined.count < 2


def test_nobody_there_is_a_failure_that_says_so(tmp_path: Path) -> None:
    with web({}) as server:
        target = server.url
    place = deployment(target)
    result = judge(
        smoke_gate(), tmp_path, {}, settings_of(HEALTH), deployment=place, clock=SystemClock()
    )
    assert result.verdict is Verdict.FAIL
    assert "connection refused" in result.findings[0].finding.message


@pytest.mark.parametrize("place", [None, deployment(None)])
def test_without_a_target_nothing_is_judged(tmp_path: Path, place: Deployment | None) -> None:
    with pytest.raises(ToolProblem, match="there is no target to ask, and health needs one"):
        collect(smoke_gate(), tmp_path, {}, settings_of(HEALTH), deployment=place)


def test_without_a_check_it_does_not_apply(tmp_path: Path) -> None:
    there = project(tmp_path, {}, deployment=deployment("http://127.0.0.1"))
    assert smoke_gate().applies(there, settings_of("")) == "no check is configured"


def test_certificates_that_are_not_there_are_said_before_anything_is_sent(tmp_path: Path) -> None:
    with web({"/health": OK}) as server:
        place = deployment(server.url, ca_file="no.pem")
        with pytest.raises(ToolProblem, match=r"ca-file: no.pem cannot be read"):
            collect(smoke_gate(), tmp_path, {}, settings_of(HEALTH), deployment=place)
    assert server.asked == []


def test_a_variable_that_is_not_set_is_no_pass(tmp_path: Path) -> None:
    toml = HEALTH.replace('"/health"', '"/health", headers = { X = "${env:NOT_THERE_1}" }')
    result, _ = judged(tmp_path, toml, {"/health": OK})
    assert result.verdict is Verdict.ERROR
    assert "the environment variable NOT_THERE_1 is not set" in result.reason


POLL = """
[[checks]]
name = "done"
http = { path = "/health" }
poll = { until = [{ on = "json", path = "$.status", equals = "up" }], interval = "50ms", deadline = "300ms" }
"""


def test_the_time_line_of_a_poll_is_evidence(tmp_path: Path) -> None:
    found = seen(tmp_path, POLL, {"/health": OK})
    checks, line = found.tables
    assert checks.title == "Checks"
    assert line.title == "Time line of done"
    assert len(line.rows) > 1
    assert 'json $.status "ok"' in line.rows[0][1]
    assert line.rows[0][2] == "not yet"
    # The last attempt may be cut short by the deadline.
    assert {row[2] for row in line.rows} <= {"not yet", "tolerated"}


def test_everything_is_kept_in_an_artifact(tmp_path: Path) -> None:
    with web({"/health": DOWN}) as server:
        there = project(tmp_path, {}, deployment=deployment(server.url))
        ctx = context(there, clock=SystemClock())
        evidence = smoke_gate().collect(ctx, settings_of(HEALTH))
    (artifact,) = evidence.artifacts
    content = (ctx.artifacts / "checks.json").read_bytes()
    assert artifact.path == "artifacts/gate/checks.json"
    assert artifact.sha256 == hashlib.sha256(content).hexdigest()
    (one,) = json.loads(content)["checks"]
    assert one["state"] == "failed"
    assert one["asked"] == ["GET /health"]
    assert one["expectations"][0] == {
        "where": "status",
        "operator": "equals",
        "result": "missed",
        "expected": "200",
        "actual": "503",
    }


def test_the_plan_shows_what_would_be_sent(tmp_path: Path) -> None:
    place = deployment(
        "https://app.example.com",
        hosts=("db",),
        ca_file="ca.pem",
        proxy="http://u:secret@proxy:3128",
    )
    toml = HEALTH.replace('"/health"', '"/health", headers = { Authorization = "Bearer ${env:T}" }')
    there = project(
        tmp_path, {"release-checks/a.toml": EXTRA.replace("checks", "check")}, deployment=place
    )
    planned = smoke_gate().inputs(there, settings_of(toml))
    assert planned.requests == (
        "health",
        "    GET /health",
        "    Authorization: Bearer ${env:T}",
        "extra",
        "    GET /extra",
    )
    assert planned.files == ("release-checks/a.toml",)
    shown = {one.name: one.value for one in planned.origins}
    assert shown == {
        "checks": "health, extra",
        "packs": "none",
        "target": "https://app.example.com",
        "hosts": "db",
        "ca-file": "ca.pem",
        "proxy": "proxy:3128",
    }


def test_literal_credentials_are_not_shown_before_sending(tmp_path: Path) -> None:
    http = (
        'http = { path = "/", method = "POST", headers = { Cookie = "a=s3cret-a" }, '
        'query = { api_key = "s3cret-b" }, json = { user = { password = "s3cret-c", id = "7" } } }'
    )
    toml = HEALTH.replace('http = { path = "/health" }', http)
    there = project(tmp_path, {}, deployment=deployment("http://127.0.0.1"))
    lines = "\n".join(smoke_gate().inputs(there, settings_of(toml)).requests)
    assert "s3cret" not in lines
    assert '"id":"7"' in lines


def test_a_wrong_configuration_is_refused_with_its_place(tmp_path: Path) -> None:
    there = project(tmp_path, {}, deployment=deployment("http://127.0.0.1"))
    toml = HEALTH + 'needs = ["nothing"]\n'
    with pytest.raises(ConfigError, match=r'^checks\[0\].needs\[0\]: there is no check "nothing"'):
        smoke_gate().applies(there, settings_of(toml))
