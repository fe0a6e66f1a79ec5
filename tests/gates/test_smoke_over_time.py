"""Release checks of workloads and of figures over a window, by the gate."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.judge.types import GateResult, Verdict
from release_gate.testing import judge
from support.checks import deployment, settings_of, smoke_gate
from support.scenarios import listening, page
from support.services import prometheus_server

pytestmark = pytest.mark.gates


def gate(
    root: Path, toml: str, files: dict[str, str] | None = None, **environment: str
) -> GateResult:
    return judge(
        smoke_gate(),
        root,
        files or {},
        settings_of(toml),
        deployment=deployment(None, hosts=("127.0.0.1", "localhost"), allow_writes=True),
        environment={"PATH": os.environ["PATH"], **environment},
        clock=SystemClock(),
    )


def said(result: GateResult) -> str:
    told = [finding.finding.message for finding in result.findings]
    return " | ".join([*told, *(problem.what for problem in result.problems)])


# The program stands in for kubectl, in the shape of its JSON output.
WORKLOADS = """
[[checks]]
name = "released-digest"
command = { argv = ["PYTHON", "workloads.py"], json = true, read-only = true }
expect = [
  { on = "json", path = "$.items", length = 3 },
  { on = "json", path = "$.items[2].name", equals = "reaper" },
  { on = "json", path = "$.items", each = { path = "$.image", equals = "app@${env:DIGEST}" } },
]
"""
DIGEST = "sha256:" + "ab" * 32


def workloads(root: Path, **images: str) -> GateResult:
    items = [{"name": name, "image": f"app@{digest}"} for name, digest in images.items()]
    script = f"print({json.dumps(json.dumps({'items': items}))})\n"
    toml = WORKLOADS.replace("PYTHON", sys.executable)
    return gate(root, toml, {"workloads.py": script}, DIGEST=DIGEST)


@pytest.mark.release_check("D28", "green")
def test_workloads_that_all_run_the_released_digest_pass(tmp_path: Path) -> None:
    result = workloads(tmp_path, api=DIGEST, worker=DIGEST, reaper=DIGEST)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D28", "red")
def test_a_workload_of_another_digest_or_one_that_is_missing_fails(tmp_path: Path) -> None:
    old = "sha256:" + "cd" * 32
    (tmp_path / "old").mkdir()
    result = workloads(tmp_path / "old", api=DIGEST, worker=old, reaper=DIGEST)
    assert result.verdict == Verdict.FAIL
    assert old[:20] in said(result)
    (tmp_path / "less").mkdir()
    less = workloads(tmp_path / "less", api=DIGEST, worker=DIGEST)
    assert less.verdict != Verdict.PASS
    assert "length" in said(less)


AVAILABLE = """
[[checks]]
name = "scraped"
metrics = { prometheus-env = "PROMETHEUS_URL", query = "count_over_time(up[30s])" }
expect = [{ on = "value", greater-equal = 7 }]
poll = { interval = "500ms", deadline = "30s" }

[[checks]]
name = "availability"
needs = ["scraped"]
metrics = { prometheus-env = "PROMETHEUS_URL", query = "up", window = "WINDOW", step = "1s" }
expect = [{ on = "mean", greater-equal = 0.999 }]
"""


def availability(root: Path, port: int, window: str = "4s") -> GateResult:
    with prometheus_server(port) as prometheus:
        return gate(root, AVAILABLE.replace("WINDOW", window), PROMETHEUS_URL=prometheus.url)


@pytest.mark.release_check("F08", "green")
def test_a_service_that_was_up_over_the_whole_window_passes(tmp_path: Path) -> None:
    with listening(page("up_since 1\n")) as port:
        result = availability(tmp_path, port)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("F08", "red")
def test_a_service_that_was_down_and_a_gap_in_the_data_are_red(tmp_path: Path) -> None:
    with ExitStack() as stack:
        port = stack.enter_context(listening(page("up_since 1\n")))
        gap = availability(tmp_path, port, window="10m")
    assert gap.verdict != Verdict.PASS
    assert "availability" in said(gap)
    # Nobody listens there any more: each scrape is a sample of 0.
    (tmp_path / "down").mkdir()
    down = availability(tmp_path / "down", port)
    assert down.verdict == Verdict.FAIL
    assert "mean: expected at least 0.999, actual 0" in said(down)


FIGURES = """
[[checks]]
name = "cost-and-time"
expect = [
  { on = "rows", path = "$[0].runs", greater-equal = 3 },
  { on = "rows", path = "$[0].cost", less = 0.5 },
  { on = "rows", path = "$[0].slowest", less = 120 },
]

[checks.sql]
dsn-env = "FIGURES_URL"
query = '''
select count(*) as runs, avg(cost) as cost, max(seconds) as slowest
from runs where at >= datetime('now', '-7 days')
'''
"""


def figures(root: Path, *rows: tuple[str, float, float]) -> GateResult:
    with closing(sqlite3.connect(root / "figures.db")) as database, database:
        database.execute("create table runs (at text, cost real, seconds real)")
        database.executemany("insert into runs values (datetime('now', ?), ?, ?)", rows)
    return gate(root, FIGURES, FIGURES_URL=f"sqlite:///{root / 'figures.db'}")


GOOD = [("-1 days", 0.2, 30.0), ("-2 days", 0.3, 60.0), ("-3 days", 0.1, 119.0)]


@pytest.mark.release_check("F09", "green")
def test_figures_of_the_week_within_their_bounds_pass(tmp_path: Path) -> None:
    result = figures(tmp_path, *GOOD, ("-20 days", 9.0, 999.0))
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("F09", "red")
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*GOOD, ("-1 days", 9.0, 30.0)], "$[0].cost: expected less than 0.5, actual 2.4"),
        ([*GOOD, ("-1 days", 0.1, 120.0)], "$[0].slowest: expected less than 120, actual 120"),
        (GOOD[:2], "$[0].runs: expected at least 3, actual 2"),
        ([], "$[0].runs: expected at least 3, actual 0"),
    ],
)
def test_figures_out_of_bounds_or_too_few_of_them_are_red(
    tmp_path: Path, rows: list[tuple[str, float, float]], message: str
) -> None:
    result = figures(tmp_path, *rows)
    assert result.verdict != Verdict.PASS
    assert message in said(result)
