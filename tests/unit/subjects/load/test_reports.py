"""Reports of load tools: units, what counts as failed, and everything that makes them useless."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from release_gate.errors import ToolProblem
from release_gate.subjects.load.reports.detect import read
from release_gate.subjects.load.reports.types import LoadReport

pytestmark = pytest.mark.unit

P95, P99 = Fraction(95, 100), Fraction(99, 100)
TREND = {"avg": 21.0, "min": 1.0, "med": 20.0, "max": 300.0, "p(90)": 50.0, "p(95)": 80.0}

K6_OLD = {
    "root_group": {"name": "", "path": "", "groups": {}, "checks": {}},
    "metrics": {
        "http_reqs": {"count": 1000, "rate": 50.0},
        "http_req_failed": {"passes": 30, "fails": 970, "value": 0.03},
        "http_req_duration": {**TREND, "thresholds": {"p(95)<100": False}},
        "dropped_iterations": {"count": 7, "rate": 0.35},
    },
}
K6_NEW = {
    "root_group": {"name": ""},
    "options": {"summaryTrendStats": ["avg"]},
    "state": {"testRunDurationMs": 20_000.0},
    "metrics": {
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 1000}},
        "http_req_failed": {
            "type": "rate",
            "contains": "default",
            "values": {"rate": 0.03, "passes": 30, "fails": 970},
        },
        "http_req_duration": {
            "type": "trend",
            "contains": "time",
            "values": TREND,
            "thresholds": {"p(95)<100": {"ok": True}},
        },
    },
}
OHA = {
    "summary": {
        "successRate": 1.0,
        "total": 20.0,
        "slowest": 0.3,
        "fastest": 0.001,
        "average": 0.02,
        "requestsPerSec": 50.0,
    },
    "latencyPercentiles": {"p10": 0.002, "p50": 0.02, "p95": 0.08, "p99": 0.15, "p99.9": 0.2},
    "statusCodeDistribution": {"200": 960, "302": 10, "500": 20},
    "errorDistribution": {"connection refused": 10, "aborted due to deadline": 5},
}
VEGETA = {
    "latencies": {
        "total": 20_000_000_000,
        "mean": 20_000_000,
        "50th": 20_000_000,
        "90th": 50_000_000,
        "95th": 80_000_000,
        "99th": 150_000_000,
        "max": 300_000_000,
        "min": 1_000_000,
    },
    "earliest": "2026-01-02T03:04:05.123456789Z",
    "latest": "2026-01-02T03:04:24.123456789Z",
    "end": "2026-01-02T03:04:25.123456789Z",
    "duration": 19_900_000_000,
    "wait": 100_000_000,
    "requests": 1000,
    "rate": 50.0,
    "throughput": 48.5,
    "success": 0.97,
    "status_codes": {"0": 10, "200": 970, "503": 20},
    "errors": ["503 Service Unavailable"],
}
LOCUST = [
    {
        "name": name,
        "method": "GET",
        "last_request_timestamp": 1_795_265_077.5,
        "start_time": start,
        "num_requests": 500,
        "num_none_requests": 0,
        "num_failures": 15,
        "response_times": {"20": 450, "80": 40, "150": 10},
    }
    for name, start in (("/a", 1_795_265_057.5), ("/b", 1_795_265_058.0))
]
LOCUST_CSV = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
    "GET,/a,500,15,20,21,1,300,2.0,25.0,0.75,20,21,25,30,50,80,120,150,300,300,300\n"
    "GET,/b,500,15,20,21,1,300,2.0,25.0,0.75,20,21,25,30,50,80,120,150,300,300,300\n"
    ",Aggregated,1000,30,20,21,1,300,2.0,50.0,1.5,20,21,25,30,50,80,120,150,300,300,300\n"
)
WRK = """Running 20s test @ http://127.0.0.1:8080/
  1 threads and 3 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    20.00ms   12.00ms   2.00s    93.69%
    Req/Sec    50.20      8.07    62.00     86.54%
  Latency Distribution
     50%   20.00ms
     75%  900.00us
     90%   50.00ms
     99%    1.50s
  990 requests in 20.00s, 17.76KB read
  Socket errors: connect 3, read 2, write 1, timeout 4
  Non-2xx or 3xx responses: 20
Requests/sec:     49.50
Transfer/sec:      0.89KB
""".replace("     75%  900.00us\n", "")


def of(values: Any) -> LoadReport:
    return read(values.encode() if isinstance(values, str) else json.dumps(values).encode())


@pytest.mark.release_check("A22", "green")
@pytest.mark.parametrize(
    ("values", "tool"),
    [
        (K6_OLD, "k6"),
        (K6_NEW, "k6"),
        (OHA, "oha"),
        (VEGETA, "vegeta"),
        (LOCUST, "Locust"),
        (LOCUST_CSV, "Locust"),
        (WRK, "wrk"),
    ],
)
def test_every_tool_is_recognized_and_tells_the_same_load(values: Any, tool: str) -> None:
    report = of(values)
    assert (report.tool, report.requests, report.failed) == (tool, 1000, 30)
    assert report.duration_s == pytest.approx(20, rel=1e-6)
    assert report.percentiles_us[Fraction(1, 2)] == 20_000


@pytest.mark.parametrize("values", [K6_OLD, K6_NEW, OHA, VEGETA, LOCUST, LOCUST_CSV])
def test_every_unit_becomes_microseconds(values: Any) -> None:
    assert of(values).percentiles_us[P95] == 80_000


def test_the_units_of_wrk_stand_behind_its_numbers() -> None:
    assert of(WRK).percentiles_us[P99] == 1_500_000
    assert of(WRK).percentiles_us[Fraction(1)] == 2_000_000
    assert P95 not in of(WRK).percentiles_us
    text = WRK.replace("50%   20.00ms", "50%  635.91us")
    assert of(text).percentiles_us[Fraction(1, 2)] == pytest.approx(635.91)


def test_the_passes_of_k6_are_its_failures() -> None:
    assert of(K6_NEW).failed == 30


@pytest.mark.parametrize(
    ("values", "threshold"),
    [
        (K6_OLD, True),
        (K6_OLD, None),
        (K6_NEW, {"ok": False}),
        (K6_NEW, {}),
        (K6_NEW, {"ok": "yes"}),
    ],
)
def test_a_broken_threshold_of_k6_is_true_in_the_old_form_and_not_ok_in_the_new(
    values: dict[str, Any], threshold: Any
) -> None:
    changed = json.loads(json.dumps(values))
    changed["metrics"]["http_req_duration"]["thresholds"] = {"p(95)<50": threshold}
    assert of(changed).broken == ("http_req_duration: p(95)<50",)
    assert of(values).broken == ()


def test_what_k6_dropped_is_counted() -> None:
    assert (of(K6_OLD).dropped, of(K6_NEW).dropped) == (7, 0)


def test_an_answer_of_500_is_no_success_for_us_though_it_is_for_oha() -> None:
    assert of(OHA).failed == 30
    assert OHA["summary"]["successRate"] == 1.0  # type: ignore[index]  # a literal above


def test_requests_under_way_at_the_end_of_oha_are_neither_good_nor_bad() -> None:
    assert of(OHA).requests == 1000


def test_closed_loops_are_named() -> None:
    for values in (OHA, LOCUST, LOCUST_CSV, WRK):
        assert any("closed loop" in note for note in of(values).notes)


def test_the_rounding_of_locust_is_known() -> None:
    rounding = of(LOCUST_CSV).rounding_us
    assert (rounding[P95], rounding[P99]) == (500, 5000)


def test_the_end_is_known_where_the_tool_says_it() -> None:
    assert of(LOCUST).ended_at == 1_795_265_077.5
    assert of(VEGETA).ended_at == pytest.approx(1_767_323_065.123456)
    assert of(K6_NEW).ended_at is None


def changed(values: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(values))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


METRICS = "metrics"


@pytest.mark.parametrize(
    "values",
    [
        changed(K6_OLD, (METRICS, "http_req_failed"), None),
        changed(K6_OLD, (METRICS, "http_req_failed", "passes"), 31),
        changed(K6_OLD, (METRICS, "http_req_failed", "passes"), None),
        changed(K6_OLD, (METRICS, "http_reqs", "rate"), 0),
        changed(K6_OLD, (METRICS, "http_req_duration", "p(95)"), "80"),
        changed(K6_OLD, (METRICS, "http_req_duration", "p(95)"), 10.0),
        changed(K6_OLD, (METRICS, "http_reqs", "count"), 1000.5),
        changed(K6_OLD, (METRICS, "http_reqs", "count"), -1),
        changed(K6_OLD, (METRICS, "http_reqs", "count"), True),
        changed(OHA, ("statusCodeDistribution",), None),
        changed(OHA, ("errorDistribution",), None),
        changed(OHA, ("statusCodeDistribution", "no code"), 1),
        changed(OHA, ("summary", "total"), None),
        changed(OHA, ("summary", "total"), 0),
        changed(OHA, ("latencyPercentiles", "p95"), -1),
        changed(VEGETA, ("requests",), 999),
        changed(VEGETA, ("latencies", "99th"), 1),
        changed(VEGETA, ("duration",), None),
        changed(VEGETA, ("end",), "yesterday"),
        changed(LOCUST, (0, "response_times", "20"), 449),
        changed(LOCUST, (0, "num_failures"), None),
        changed(LOCUST, (0, "num_failures"), 5000),
        changed(LOCUST, (0, "response_times", "fast"), 1),
        LOCUST_CSV.replace(",Aggregated,", ",Total,"),
        LOCUST_CSV.replace(",Aggregated,1000", ",Aggregated,many"),
        "\n".join(LOCUST_CSV.splitlines()[:-1]),
        LOCUST_CSV[: LOCUST_CSV.rindex(",50.0")],
        LOCUST_CSV.replace(",50.0,1.5,20", ",50.0,1.5,N/A"),
        WRK.replace("Requests/sec", "Requests"),
        WRK[: WRK.index("  990 requests")],
        WRK.replace("99%    1.50s", "99%    1.50ms"),
    ],
)
def test_a_report_that_lacks_something_or_contradicts_itself_is_an_error(values: Any) -> None:
    with pytest.raises(ToolProblem):
        of(values)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"{",
        b"{}",
        b"[]",
        b"[1]",
        b'{"metrics": {}}',
        b'{"metrics": []}',
        b'{"requests": NaN}',
        b'{"requests": 1, "requests": 2}',
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
        b"[" * 100_000,
        b"Latency",
    ],
)
def test_what_is_no_report_is_an_error(content: bytes) -> None:
    with pytest.raises(ToolProblem):
        read(content)


def test_a_report_cut_off_anywhere_is_an_error() -> None:
    for values in (K6_OLD, K6_NEW, OHA, VEGETA, LOCUST):
        content = json.dumps(values).encode()
        for end in range(0, len(content) - 1, 37):
            with pytest.raises(ToolProblem):
                read(content[:end])


def test_only_the_asked_format_is_read() -> None:
    content = json.dumps(OHA).encode()
    assert read(content, "oha").tool == "oha"
    with pytest.raises(ToolProblem, match="the report of k6 is none that is known"):
        read(content, "k6")


def test_a_report_without_a_request_has_no_percentiles() -> None:
    empty = changed(VEGETA, ("requests",), 0)
    empty = changed(empty, ("status_codes",), {})
    assert (of(empty).requests, of(empty).percentiles_us) == (0, {})
