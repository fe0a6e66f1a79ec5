"""Roll-outs by the real command: real servers, a file that holds the weight, kills and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from support.servers.web import Asked, Reply, Web, web

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals"),
]

Scratch = Any

SWITCH = (
    "import sys; open('weight', 'a').write(sys.argv[1] + '\\n'); print('switched', sys.argv[1:])"
)

# Ends itself as the system would, right after the n-th time that the state was written.
KILLED = """
import os, signal, sys
from release_gate.cli import main, rollout
left, real = int(sys.argv[1]), rollout._saved
def saved(folder, record):
    global left
    real(folder, record)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
rollout._saved = saved
sys.exit(main(sys.argv[2:]))
"""


@dataclass
class Service:
    """Two versions of a service, and what else is asked and told."""

    old: Web
    new: Web
    status: int = 200
    slow_s: float = 0.0
    memory: float = 5e8
    alerts: tuple[str, ...] = ()
    webhook: int = 200
    calls: list[Asked] = field(default_factory=list)
    asked: int = 0
    weight: Path | None = None


def answer(state: dict[str, Service], *, new: bool) -> Callable[[Asked], Reply]:
    pause = threading.Event()

    def respond(asked: Asked) -> Reply:
        service = state["service"]
        if asked.path == "/metrics":
            page = f"process_resident_memory_bytes {service.memory}\n".encode()
            return Reply(body=page, headers={"Content-Type": "text/plain; version=0.0.4"})
        if asked.path == "/api/v2/alerts":
            return Reply(json=[_alert(name) for name in ("Watchdog", *service.alerts)])
        if asked.path == "/hooks/back":
            service.calls.append(asked)
            return Reply(status=service.webhook)
        if not new:
            return Reply(json={"version": "1"})
        service.asked += 1
        pause.wait(service.slow_s)
        # Ill under full load alone.
        full = service.weight is not None and service.weight.read_text().endswith("100\n")
        return Reply(status=500 if full else service.status, json={"version": "2"})

    return respond


def _alert(name: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    severity = "none" if name == "Watchdog" else "critical"
    return {
        "labels": {"alertname": name, "severity": severity},
        "annotations": {},
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        "startsAt": now,
        "updatedAt": now,
        "endsAt": "2999-01-01T00:00:00Z",
        "fingerprint": name,
    }


@contextmanager
def running() -> Iterator[Service]:
    state: dict[str, Service] = {}
    with web(answer(state, new=False)) as old, web(answer(state, new=True)) as new:
        state["service"] = Service(old=old, new=new)
        yield state["service"]


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as one:
        yield one


def configured(scratch: Scratch, service: Service, extra: str = "", rules: str = "") -> None:
    """A canary in two steps of a few rounds each."""
    python = json.dumps(sys.executable)
    scratch.write(
        "pyproject.toml",
        f"""
[project]
name = "scratch"
version = "2"
[tool.release-gate]
source = ["a.py"]
[tool.release-gate.environments.production]
target = "{service.old.url}"
production = true
[tool.release-gate.canary]
canary = "{service.new.url}"
control = "{service.old.url}"
interval = "50ms"
[[tool.release-gate.canary.checks]]
name = "health"
http = {{ path = "/health" }}
expect = [{{ on = "status", equals = 200 }}]
[[tool.release-gate.canary.steps]]
weight = 10
hold = "100ms"
deadline = "5s"
[[tool.release-gate.canary.steps]]
weight = 100
hold = "100ms"
deadline = "5s"
[tool.release-gate.canary.rules]
least = 3
{rules}
[tool.release-gate.canary.set-weight]
command = {{ argv = [{python}, "-c", {json.dumps(SWITCH)}, "${{weight}}"] }}
[tool.release-gate.canary.rollback]
command = {{ argv = [{python}, "-c", {json.dumps(SWITCH)}, "0"] }}
{extra}
""",
    )
    scratch.write(".gitignore", "weight\n")
    scratch.git("init", "--quiet", "--initial-branch", "main")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")


def canary(scratch: Scratch, *arguments: str, **more: str) -> Any:
    return scratch.run("canary", *(arguments or ("start",)), "--environment", "production", **more)


def weights(scratch: Scratch) -> list[str]:
    file = scratch.root / "weight"
    return file.read_text().split() if file.exists() else []


def report(scratch: Scratch, name: str = "canary") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((scratch.output / name / "gate.json").read_text())
    return found


def gate(scratch: Scratch, name: str = "canary") -> dict[str, Any]:
    (found,) = report(scratch, name)["gates"]
    return dict(found)


@pytest.mark.release_check("E01", "green")
def test_a_healthy_release_is_promoted_and_the_report_shows_how(
    scratch: Scratch, service: Service
) -> None:
    configured(scratch, service)
    done = canary(scratch)
    assert (done.returncode, weights(scratch)) == (0, ["10", "100"]), done.stdout + done.stderr
    found = gate(scratch)
    assert (found["verdict"], report(scratch)["phase"]) == ("pass", "canary")
    assert report(scratch)["subject"]["environment"] == "production"
    steps = next(one for one in found["tables"] if one["title"] == "Steps")
    assert [row[-1] for row in steps["rows"]] == ["promote", "promote"]
    # Both were asked at the same time, the same number of times.
    health = [one for one in service.old.asked if one.path == "/health"]
    assert len(health) == service.asked > 0


@pytest.mark.release_check("E02", "red")
def test_a_release_that_fails_is_rolled_back_and_the_rule_is_a_finding(
    scratch: Scratch, service: Service
) -> None:
    service.status = 500
    configured(scratch, service)
    done = canary(scratch)
    assert (done.returncode, weights(scratch)) == (1, ["10", "0"])
    (finding,) = gate(scratch)["findings"]
    assert finding["rule_id"] == "canary-consecutive-failures"
    assert "health: status: expected 200, actual 500" in finding["message"]
    assert canary(scratch, "status").returncode == 1


@pytest.mark.release_check("E02", "red")
def test_a_release_that_is_ill_under_full_load_alone_is_rolled_back_from_there(
    scratch: Scratch, service: Service
) -> None:
    service.weight = scratch.root / "weight"
    configured(scratch, service)
    assert (canary(scratch).returncode, weights(scratch)) == (1, ["10", "100", "0"])
    (finding,) = gate(scratch)["findings"]
    assert finding["message"].startswith("step 2: 1 of the last 4 rounds failed")


MEMORY = """
[[tool.release-gate.canary.metrics]]
name = "memory"
metrics = { scrape = "/metrics", series = "process_resident_memory_bytes" }
at-most = 1e9
"""


@pytest.mark.release_check("E02", "green")
def test_memory_below_its_limit_lets_pass(scratch: Scratch, service: Service) -> None:
    configured(scratch, service, MEMORY)
    assert canary(scratch).returncode == 0


@pytest.mark.release_check("E02", "red")
def test_memory_above_its_limit_rolls_back(scratch: Scratch, service: Service) -> None:
    service.memory = 2e9
    configured(scratch, service, MEMORY)
    assert canary(scratch).returncode == 1
    (finding,) = gate(scratch)["findings"]
    assert finding["message"].startswith("step 1: memory is 2e+09, at most 1e+09")


@pytest.mark.release_check("E02", "red")
def test_a_slow_95th_percentile_rolls_back(scratch: Scratch, service: Service) -> None:
    service.slow_s = 0.05
    configured(scratch, service, rules='p95 = "20ms"')
    assert canary(scratch).returncode == 1
    (finding,) = gate(scratch)["findings"]
    assert finding["rule_id"] == "canary-p95"


@pytest.mark.release_check("E02", "red")
def test_a_failed_migration_rolls_back_at_once(scratch: Scratch, service: Service) -> None:
    python = json.dumps(sys.executable)
    migrations = f"""
[[tool.release-gate.canary.checks]]
name = "migrations"
command = {{ argv = [{python}, "-c", "raise SystemExit(4)"], read-only = true }}
"""
    configured(scratch, service, migrations, rules='fatal = ["migrations"]')
    assert canary(scratch).returncode == 1
    (finding,) = gate(scratch)["findings"]
    assert "ended with exit code 4" in finding["message"]
    # Not the third failed round, the first.
    assert service.asked == 1


def _command(*arguments: str, **more: Any) -> str:
    argv = json.dumps([sys.executable, "-c", *arguments])
    env = f", env = {json.dumps(more['env'])}" if "env" in more else ""
    tail = f'\ndeadline = "{more["deadline"]}"' if "deadline" in more else ""
    return f"[tool.release-gate.canary.promote]\ncommand = {{ argv = {argv}{env} }}{tail}\n"


@pytest.mark.release_check("E05", "green")
def test_a_command_keeps_its_output_and_hides_secrets(scratch: Scratch, service: Service) -> None:
    token = "d4ily-Br3ad-Pl4tform-t0ken"
    told = "import os; print('deployed with', os.environ['DEPLOY_TOKEN'])"
    configured(scratch, service, _command(told, env=["DEPLOY_TOKEN"]))
    done = canary(scratch, DEPLOY_TOKEN=token)
    assert done.returncode == 0
    course = next(one for one in gate(scratch)["tables"] if one["title"] == "Course")
    assert "deployed with" in course["rows"][-1][-1]
    written = [path for path in (scratch.output / "canary").rglob("*") if path.is_file()]
    assert len(written) > 3
    leaking = [path.name for path in written if token in path.read_text(errors="replace")]
    assert (leaking, token in done.stdout + done.stderr) == ([], False)


@pytest.mark.release_check("E05", "red")
def test_a_command_beyond_its_deadline_is_ended_and_everything_rolled_back(
    scratch: Scratch, service: Service
) -> None:
    configured(scratch, service, _command("import time; time.sleep(600)", deadline="500ms"))
    assert (canary(scratch).returncode, weights(scratch)[-1]) == (1, "0")
    (finding,) = gate(scratch)["findings"]
    assert "was still running at the deadline and was ended" in finding["message"]


def _hook(service: Service) -> str:
    return f"""
[tool.release-gate.canary.promote]
by-hand = "Call the release manager."
[tool.release-gate.canary.promote.webhook]
url = "{service.old.url}/hooks/back"
method = "POST"
json = {{ weight = "${{weight}}" }}
"""


@pytest.mark.release_check("E01", "green")
def test_a_webhook_carries_an_idempotency_key(scratch: Scratch, service: Service) -> None:
    configured(scratch, service, _hook(service))
    assert canary(scratch).returncode == 0
    (call,) = service.calls
    state = json.loads((scratch.output / "canary" / "state.json").read_text())
    keys = [one["key"] for one in state["entries"] if one.get("action") == "promote"]
    assert [call.headers["idempotency-key"], call.json()] == [*keys, {"weight": "100"}]


@pytest.mark.release_check("E01", "red")
def test_a_webhook_that_answers_500_is_a_failed_promotion(
    scratch: Scratch, service: Service
) -> None:
    service.webhook = 500
    configured(scratch, service, _hook(service))
    assert (canary(scratch).returncode, weights(scratch)[-1]) == (1, "0")


def test_a_rollback_that_fails_is_loud_and_says_what_to_do_by_hand(
    scratch: Scratch, service: Service
) -> None:
    service.status = 500
    configured(scratch, service)
    text = (scratch.root / "pyproject.toml").read_text()
    table = "[tool.release-gate.canary.rollback]\n"
    head, _, _ = text.partition(table)
    fails = json.dumps([sys.executable, "-c", "raise SystemExit(7)"])
    by_hand = 'by-hand = "Set the weight to 0 in the console."'
    scratch.write("pyproject.toml", f"{head}{table}command = {{ argv = {fails} }}\n{by_hand}\n")
    done = canary(scratch)
    assert done.returncode == 3
    assert "THE ROLLBACK FAILED" in done.stderr
    assert "Set the weight to 0 in the console." in done.stderr
    assert gate(scratch)["verdict"] == "error"


def killed(scratch: Scratch, count: int) -> int:
    arguments = ["canary", "start", "-q", "--environment", "production"]
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(count), *arguments],
        cwd=scratch.root,
        env=scratch.environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return process.returncode


def decisions(scratch: Scratch) -> list[tuple[int, str, str]]:
    state = json.loads((scratch.output / "canary" / "state.json").read_text())
    return [
        (one["step"], one["choice"], one["rule"])
        for one in state["entries"]
        if one["type"] == "decided"
    ]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, 0, [(0, "promote", "all"), (1, "promote", "all")]),
        (500, 1, [(0, "roll-back", "consecutive-failures")]),
    ],
    ids=["promoted", "rolled back"],
)
def test_killed_after_each_of_its_transitions_and_resumed_it_decides_the_same(
    scratch: Scratch,
    service: Service,
    status: int,
    code: int,
    expected: list[tuple[int, str, str]],
) -> None:
    service.status = status
    configured(scratch, service)
    state = scratch.output / "canary" / "state.json"
    for count in range(1, 40):
        state.unlink(missing_ok=True)
        if killed(scratch, count) != -signal.SIGKILL:
            break
        assert len(json.loads(state.read_text())["entries"]) == count
        resumed = canary(scratch, "resume", "-q")
        assert (resumed.returncode, decisions(scratch)) == (code, expected), resumed.stderr
        assert weights(scratch)[-1] == ("100" if code == 0 else "0")
    else:
        pytest.fail("it never came to its end")
    assert count > 6


@pytest.mark.release_check("E07", "green")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_rolls_back_and_is_written(
    scratch: Scratch, service: Service, number: signal.Signals
) -> None:
    process = _under_way(scratch, service)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert weights(scratch) == ["10", "0"]
    assert decisions(scratch) == [(0, "roll-back", "interrupt")]
    assert gate(scratch)["verdict"] == "fail"


@pytest.mark.release_check("E07", "red")
def test_after_a_kill_a_second_start_is_refused_until_somebody_decides(
    scratch: Scratch, service: Service
) -> None:
    process = _under_way(scratch, service)
    process.kill()
    process.communicate(timeout=60)
    again = canary(scratch)
    assert (again.returncode, "a roll-out has not ended yet" in again.stderr) == (2, True)
    assert canary(scratch, "status").returncode == 3
    assert canary(scratch, "abort").returncode == 1
    assert weights(scratch) == ["10", "0"]
    assert canary(scratch, "abort").returncode == 2


def test_two_at_once_on_one_state_file_are_refused(scratch: Scratch, service: Service) -> None:
    process = _under_way(scratch, service)
    try:
        other = canary(scratch, "resume")
        assert (other.returncode, "is writing to canary" in other.stderr) == (3, True)
        assert "end it with Ctrl-C or SIGTERM" in other.stderr
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _under_way(scratch: Scratch, service: Service) -> Any:
    """A roll-out whose first step lasts, and that has been asked for some rounds."""
    configured(scratch, service)
    text = (scratch.root / "pyproject.toml").read_text()
    scratch.write(
        "pyproject.toml", text.replace('hold = "100ms"\ndeadline = "5s"', 'hold = "1h"', 1)
    )
    process = scratch.start("canary", "--environment", "production")
    pause = threading.Event()
    for _ in range(600):
        if service.asked > 2:
            break
        pause.wait(0.05)
    return process


def test_another_configuration_is_not_resumed(scratch: Scratch, service: Service) -> None:
    configured(scratch, service)
    assert killed(scratch, 4) == -signal.SIGKILL
    text = (scratch.root / "pyproject.toml").read_text()
    scratch.write("pyproject.toml", text.replace("weight = 10\n", "weight = 20\n"))
    done = canary(scratch, "resume")
    assert (done.returncode, "another configuration" in done.stderr) == (2, True)


ALERTS = """
[[tool.release-gate.canary.checks]]
name = "alerts"
alerts = {{ alertmanager = "{url}" }}
"""


@pytest.mark.release_check("D24", "green")
def test_a_watch_without_an_alert_passes(scratch: Scratch, service: Service) -> None:
    configured(scratch, service, ALERTS.format(url=service.old.url), rules='fatal = ["alerts"]')
    done = _watch(scratch)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (gate(scratch, "watch")["verdict"], weights(scratch)) == ("pass", [])


@pytest.mark.release_check("D24", "red")
def test_a_critical_alert_during_the_watch_rolls_back(scratch: Scratch, service: Service) -> None:
    service.alerts = ("DatabaseDown",)
    configured(scratch, service, ALERTS.format(url=service.old.url), rules='fatal = ["alerts"]')
    assert (_watch(scratch).returncode, weights(scratch)) == (1, ["0"])
    (finding,) = gate(scratch, "watch")["findings"]
    assert "alerts did not pass" in finding["message"]


def test_a_watch_may_only_say_it(scratch: Scratch, service: Service) -> None:
    service.alerts = ("DatabaseDown",)
    configured(scratch, service, ALERTS.format(url=service.old.url), rules='fatal = ["alerts"]')
    assert (_watch(scratch, "--no-rollback").returncode, weights(scratch)) == (1, [])


def _watch(scratch: Scratch, *more: str) -> Any:
    return scratch.run("watch", "--for", "500ms", "--environment", "production", *more)


def test_the_report_of_a_canary_can_be_merged(scratch: Scratch, service: Service) -> None:
    configured(scratch, service)
    assert canary(scratch).returncode == 0
    assert _watch(scratch).returncode == 0
    places = [os.fspath(scratch.output / name / "gate.json") for name in ("canary", "watch")]
    merged = scratch.run("merge", *places)
    assert merged.returncode == 0, merged.stdout
    assert scratch.verdicts() == {"canary": "pass", "watch": "pass"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('interval = "50ms"', 'intervall = "50ms"', 'unknown key "intervall"'),
        ("weight = 100\n", "weight = 5\n", "steps[1].weight must be above"),
        ("least = 3", 'fatal = ["no-such-check"]\nleast = 2', "rules.fatal[0]: there is no check"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    scratch: Scratch, service: Service, old: str, new: str, said: str
) -> None:
    configured(scratch, service)
    text = (scratch.root / "pyproject.toml").read_text().replace(old, new)
    scratch.write("pyproject.toml", text)
    done = canary(scratch)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    line = int(done.stderr.partition("pyproject.toml:")[2].partition(":")[0])
    assert (
        text.splitlines()[line - 1].split(" ")[0]
        == new.split(" ", maxsplit=1)[0].split("\n", maxsplit=1)[0]
    )


def test_what_is_not_decided_is_held_where_that_is_configured(
    scratch: Scratch, service: Service
) -> None:
    configured(scratch, service)
    text = (scratch.root / "pyproject.toml").read_text()
    held = text.replace('interval = "50ms"', 'interval = "50ms"\nat-deadline = "hold"')
    slow = held.replace('hold = "100ms"\ndeadline = "5s"', 'hold = "1s"\nmin-requests = 9999', 1)
    scratch.write("pyproject.toml", slow)
    done = canary(scratch)
    assert (done.returncode, weights(scratch)) == (3, ["10"])
    assert gate(scratch)["verdict"] == "inconclusive"
    assert "of 9,999 requests were judged" in gate(scratch)["reason"]
    assert canary(scratch, "abort").returncode == 1
    assert weights(scratch) == ["10", "0"]


def test_the_session_rolls_out_with_its_own_exit_code(scratch: Scratch, service: Service) -> None:
    configured(scratch, service)
    assert "* canary" not in scratch.nox("--list").stdout
    done = scratch.nox("-s", "canary", "--", "--environment", "production")
    assert done.returncode == 0, done.stdout + done.stderr
    again = scratch.nox("-s", "canary", "--", "abort", "--environment", "production")
    assert again.returncode == 2, again.stdout + again.stderr


def test_a_dry_run_prints_what_would_be_done_and_does_nothing(
    scratch: Scratch, service: Service
) -> None:
    configured(scratch, service)
    done = canary(scratch, "start", "--dry-run")
    assert (done.returncode, weights(scratch), service.asked) == (0, [], 0)
    assert "weight 10 %: hold 100ms, 1 requests" in done.stdout
    assert "GET /health" in done.stdout


def test_the_plan_of_every_run_refuses_a_canary_that_could_not_be_read(
    scratch: Scratch, service: Service
) -> None:
    configured(scratch, service, '[tool.release-gate.environments.spare.canary]\nintervall = "5s"')
    done = scratch.run("plan")
    assert (done.returncode, 'unknown key "intervall"' in done.stderr) == (2, True)


def test_a_dirty_tree_is_not_rolled_out_in_ci_but_may_be_taken_back(
    scratch: Scratch, service: Service
) -> None:
    configured(scratch, service)
    assert killed(scratch, 4) == -signal.SIGKILL
    scratch.write("a.py", "x = 2\n")
    refused = canary(scratch, "start", CI="true")
    assert (refused.returncode, "differs from the commit" in refused.stderr) == (3, True)
    assert canary(scratch, "abort", CI="true").returncode != 2
    assert weights(scratch)[-1] == "0"
