"""Release checks of databases, caches, metrics, logs, commands and variables, by the gate."""

from __future__ import annotations

import json
import os
import socket
import ssl
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import trustme
from psycopg.rows import dict_row

from release_gate.adapters.clock import SystemClock
from release_gate.judge.types import GateResult, Verdict
from release_gate.subjects.services.resp import command
from release_gate.subjects.services.wire import connected
from release_gate.testing import judge
from support.checks import deployment, settings_of, smoke_gate
from support.probing import Seconds, world
from support.scenarios import Answer, listening, page, silent
from support.services import (
    KNOWN_WORD,
    Server,
    dsn,
    pooler,
    postgres_server,
    prometheus_server,
    redis_server,
)

pytestmark = pytest.mark.gates


def gate(
    root: Path,
    toml: str,
    environment: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    target: str | None = None,
) -> GateResult:
    """The gate's result for checks as they stand in its table; no password is in what it left."""
    kept = root / "kept"
    kept.mkdir(exist_ok=True)
    result = judge(
        smoke_gate(),
        root,
        files or {},
        settings_of(toml),
        deployment=deployment(target, hosts=("127.0.0.1", "localhost"), allow_writes=True),
        environment={"PATH": os.environ["PATH"], **(environment or {})},
        clock=SystemClock(),
        artifacts=kept,
    )
    written = "".join(path.read_text() for path in kept.rglob("*") if path.is_file())
    assert written
    assert KNOWN_WORD not in written + repr(result)
    return result


def said(result: GateResult) -> str:
    """Everything that blocks, in one text."""
    told = [finding.finding.message for finding in result.findings]
    told += [problem.what for problem in result.problems]
    return " | ".join(told)


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    with postgres_server() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(
                "create table audit (action text, resource text, key_id int, request_id text, "
                "address inet, at timestamptz default now())"
            )
            connection.execute(
                "create table events (id int, month date) partition by range (month)"
            )
            for month in ("", " + interval '1 month'"):
                connection.execute(
                    "do $$ begin execute format('create table events_%s partition of events for "
                    "values from (%L) to (%L)', "
                    f"to_char(now(){month}, 'YYYY_MM'), date_trunc('month', now(){month}), "
                    f"date_trunc('month', now(){month} + interval '1 month')); end $$"
                )
            connection.execute("create table stock (id int primary key, warehouse int, shop int)")
            connection.execute("insert into stock select i, i, i from generate_series(1, 5000) i")
            connection.execute("analyze stock")
        yield server


def audited(database: Server, request_id: str, *, noted: str) -> Answer:
    """A stand-in for the service: notes an admin action under an id and answers with one."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        with psycopg.connect(database.url, autocommit=True) as session:
            session.execute(
                "insert into audit values ('order.cancel', 'order:7', 3, %s, '192.0.2.7')", [noted]
            )
        connection.sendall(
            f"HTTP/1.1 200 OK\r\nX-Request-ID: {request_id}\r\nContent-Length: 0\r\n\r\n".encode()
        )

    return answer


AUDIT = """
[[checks]]
name = "cancel"
http = { path = "/admin/orders/7", method = "DELETE" }
expect = [{ on = "status", equals = 200 }]
capture.request-id = { on = "header", name = "x-request-id" }

[[checks]]
name = "audit-row"
sql.dsn-env = "DATABASE_URL"
sql.query = "select action, resource, key_id, address from audit where request_id = :id"
sql.parameters = { id = "${request-id}" }
expect = [
  { on = "count", equals = 1 },
  { on = "rows", path = "$[0].action", equals = "order.cancel" },
  { on = "rows", path = "$[0].resource", equals = "order:7" },
  { on = "rows", path = "$[0].key_id", equals = 3 },
  { on = "rows", path = "$[0].address", equals = "192.0.2.7" },
]
"""


@pytest.mark.release_check("D11", "green")
def test_an_admin_action_leaves_its_audit_row(tmp_path: Path, database: Server) -> None:
    request_id = str(uuid.uuid4())
    with listening(audited(database, request_id, noted=request_id)) as port:
        place = f"http://127.0.0.1:{port}"
        result = gate(tmp_path, AUDIT, {"DATABASE_URL": database.url}, target=place)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D11", "red")
def test_an_audit_row_of_another_request_fails(tmp_path: Path, database: Server) -> None:
    with listening(audited(database, str(uuid.uuid4()), noted="another")) as port:
        place = f"http://127.0.0.1:{port}"
        result = gate(tmp_path, AUDIT, {"DATABASE_URL": database.url}, target=place)
    assert result.verdict == Verdict.FAIL
    assert "audit-row: count: expected 1, actual 0" in said(result)


SQL = """
[[checks]]
name = "rows"
sql = { dsn-env = "DATABASE_URL", query = "select count(*) from stock" }
expect = [{ on = "value", greater-equal = 5000 }]

[[checks]]
name = "partitions"
sql.dsn-env = "DATABASE_URL"
sql.query = '''
select to_char(m, 'YYYY_MM') as month, to_regclass('events_' || to_char(m, 'YYYY_MM'))::text as part
from generate_series(date_trunc('month', now()), now() + interval 'AHEAD month', '1 month') m'''
expect = [{ on = "rows", each = { path = "$.part", type = "string" } }]

[[checks]]
name = "index-used"
sql.dsn-env = "DATABASE_URL"
sql.query = "explain (format json) select * from stock where COLUMN = 7"
expect = [{ on = "value", path = "$[0].Plan['Node Type']", matches = "^Index" }]

[[checks]]
name = "connections"
sql.dsn-env = "DATABASE_URL"
sql.query = "select count(*) from pg_stat_activity where state = 'active'"
expect = [{ on = "value", less = 20 }]

[[checks]]
name = "newest-row"
sql.dsn-env = "DATABASE_URL"
sql.query = "select extract(epoch from now() - max(at)) from audit where action = :action"
sql.parameters = { action = "ACTION" }
expect = [{ on = "value", less = 3600 }]
"""


def sql_checks(ahead: int, column: str, action: str) -> str:
    return SQL.replace("AHEAD", str(ahead)).replace("COLUMN", column).replace("ACTION", action)


@pytest.mark.release_check("D12", "green")
def test_a_database_in_order_passes(tmp_path: Path, database: Server) -> None:
    with psycopg.connect(database.url, autocommit=True) as session:
        session.execute("insert into audit (action) values ('nightly')")
    toml = sql_checks(1, "id", "nightly")
    result = gate(tmp_path, toml, {"DATABASE_URL": database.url})
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D12", "red")
def test_a_missing_partition_index_and_row_fail(tmp_path: Path, database: Server) -> None:
    toml = sql_checks(2, "shop", "never")
    result = gate(tmp_path, toml, {"DATABASE_URL": database.url})
    assert result.verdict == Verdict.FAIL
    told = said(result)
    assert "partitions: " in told
    assert "index-used: value $[0].Plan['Node Type']: expected matches \"^Index\"" in told
    assert "newest-row: value" in told


def test_a_database_that_is_not_there_is_never_green(tmp_path: Path) -> None:
    toml = sql_checks(1, "id", "nightly")
    assert gate(tmp_path, toml).verdict == Verdict.ERROR
    dead = {"DATABASE_URL": f"postgresql://u:{KNOWN_WORD}@127.0.0.1:9/d"}
    assert gate(tmp_path, toml, dead).verdict == Verdict.FAIL


REDIS = """
[[checks]]
name = "answers"
redis = { dsn-env = "REDIS_URL" }

[[checks]]
name = "spend-of-today"
redis = { dsn-env = "REDIS_URL", key = "spend:${today}" }
expect = [
  { on = "number", greater-equal = 0, less = 100 },
  { on = "ttl", greater = 0 },
]
"""


@pytest.fixture(scope="module")
def cache() -> Iterator[Server]:
    with redis_server() as server:
        yield server


def told_redis(root: Path, server: Server, *words: str) -> None:
    with connected("127.0.0.1", server.port, world(root), Seconds(10)) as wire:
        command(wire, "AUTH", KNOWN_WORD)
        command(wire, *words)


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@pytest.mark.release_check("D13", "green")
def test_a_key_of_today_within_bounds_passes(tmp_path: Path, cache: Server) -> None:
    told_redis(tmp_path, cache, "SET", f"spend:{today()}", "41.5", "EX", "90000")
    result = gate(tmp_path, REDIS, {"REDIS_URL": cache.url})
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D13", "red")
def test_a_key_beyond_its_bound_and_a_missing_key_fail(tmp_path: Path, cache: Server) -> None:
    told_redis(tmp_path, cache, "SET", f"spend:{today()}", "100", "EX", "90000")
    high = gate(tmp_path, REDIS, {"REDIS_URL": cache.url})
    told_redis(tmp_path, cache, "DEL", f"spend:{today()}")
    gone = gate(tmp_path, REDIS, {"REDIS_URL": cache.url})
    assert (high.verdict, gone.verdict != Verdict.PASS) == (Verdict.FAIL, True)
    assert "spend-of-today: number: expected less than 100, actual 100" in said(high)
    assert "spend-of-today: number" in said(gone)


METRICS = """
[[checks]]
name = "targets"
metrics = { prometheus-env = "PROMETHEUS_URL", query = "up", need = { job = ["app"] } }
expect = [{ on = "min", equals = 1 }]
poll = { interval = "300ms", deadline = "20s" }

[[checks]]
name = "memory"
metrics.scrape-env = "METRICS_URL"
metrics.series = "process_resident_memory_bytes"
metrics.named = ["queue_depth", "replication_lag_seconds"]
expect = [{ on = "value", less = 500_000_000 }]

[[checks]]
name = "error-rate"
metrics.scrape-env = "METRICS_URL"
metrics.series = 'requests_total{code=~"5.."}'
metrics.share-of = "requests_total"
expect = [{ on = "share", less = 0.001 }]
"""

METRICS_PAGE = """\
process_resident_memory_bytes 2.5e+08
queue_depth 3
replication_lag_seconds 0.5
requests_total{code="200"} 10000
requests_total{code="500"} 1
"""


def metrics_result(root: Path, body: str) -> GateResult:
    with ExitStack() as stack:
        port = stack.enter_context(listening(page(body)))
        prometheus = stack.enter_context(prometheus_server(port))
        places = {"PROMETHEUS_URL": prometheus.url}
        return gate(root, METRICS, {**places, "METRICS_URL": f"http://127.0.0.1:{port}/metrics"})


@pytest.mark.release_check("D14", "green")
def test_targets_and_series_within_their_limits_pass(tmp_path: Path) -> None:
    result = metrics_result(tmp_path, METRICS_PAGE)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D14", "red")
def test_missing_series_and_a_high_error_rate_fail(tmp_path: Path) -> None:
    bad = METRICS_PAGE.replace("queue_depth 3\n", "").replace('"500"} 1\n', '"500"} 30\n')
    result = metrics_result(tmp_path, bad)
    assert result.verdict == Verdict.FAIL
    assert "memory: queue_depth has no series" in said(result)
    assert "error-rate: share: expected less than 0.001" in said(result)


def test_a_series_that_is_no_number_fails(tmp_path: Path) -> None:
    result = metrics_result(tmp_path, METRICS_PAGE.replace("2.5e+08", "NaN"))
    assert result.verdict == Verdict.FAIL
    assert "memory: process_resident_memory_bytes is NaN" in said(result)


LOGS = """
[[checks]]
name = "trace"
logs.sources = [
  { name = "api", files = ["logs/api.log"] },
  { name = "worker", files = ["logs/worker*.log"] },
]
logs.trace = "${env:TRACE}"

[[checks]]
name = "heartbeat"
logs.sources = [{ name = "worker", files = ["logs/worker.log"] }]
logs.heartbeat = { pattern = "heartbeat", max-gap = "40s" }
logs.window = "2m"
"""


def lines(*seconds_ago: float, text: str) -> str:
    now = datetime.now(UTC)
    stamps = [(now - timedelta(seconds=ago)).isoformat() for ago in seconds_ago]
    return "".join(f"{stamp} {text}\n" for stamp in stamps)


@pytest.mark.release_check("D15", "green")
def test_a_trace_in_each_log_and_steady_heartbeats_pass(tmp_path: Path) -> None:
    logs = {
        "logs/api.log": lines(9, text="accepted trace=4bf92f35"),
        "logs/worker.log": lines(110, 80, 45, 10, text="heartbeat")
        + lines(8, text="done trace=4bf92f35"),
    }
    result = gate(tmp_path, LOGS, {"TRACE": "4bf92f35"}, logs)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D15", "red")
def test_a_trace_that_was_lost_and_a_silent_worker_fail(tmp_path: Path) -> None:
    logs = {
        "logs/api.log": lines(9, text="accepted trace=4bf92f35"),
        "logs/worker.log": lines(110, 80, text="heartbeat"),
    }
    result = gate(tmp_path, LOGS, {"TRACE": "4bf92f35"}, logs)
    assert result.verdict == Verdict.FAIL
    assert "trace: the trace stands in 1 of 2 logs, not in that of worker" in said(result)
    assert "heartbeat: worker: no heartbeat for 80" in said(result)


def test_a_missing_log_is_never_green(tmp_path: Path) -> None:
    result = gate(tmp_path, LOGS, {"TRACE": "4bf92f35"}, {"logs/api.log": "trace=4bf92f35\n"})
    assert result.verdict == Verdict.ERROR
    assert "the log of worker is missing" in said(result)


TLS = """
[[checks]]
name = "certificate"
tls = { host = "localhost", port = PORT, ca-file = "ca.pem", min-days = 14 }
expect = [{ on = "version-number", greater-equal = 1.2 }]
"""


def tls_result(root: Path, days: float, version: ssl.TLSVersion | None = None) -> GateResult:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(root / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = datetime.now(UTC) + timedelta(days=days)
    authority.issue_cert("localhost", not_after=ends).configure_cert(context)
    if version:
        with pytest.warns(DeprecationWarning, match="deprecated"):
            context.minimum_version = context.maximum_version = version
    with listening(silent, context) as port:
        return gate(root, TLS.replace("PORT", str(port)))


@pytest.mark.release_check("D16", "green")
def test_a_certificate_that_is_good_for_long_passes(tmp_path: Path) -> None:
    result = tls_result(tmp_path, 60)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D16", "red")
def test_a_certificate_near_its_end_and_an_old_version_fail(tmp_path: Path) -> None:
    near = tls_result(tmp_path, 13)
    old = tls_result(tmp_path, 60, ssl.TLSVersion.TLSv1_1)
    assert (near.verdict, old.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert "is to be good for 14 days" in said(near)
    assert "no TLS" in said(old)


IDENTITY = """
[[checks]]
name = "identity"
command = { argv = ["PYTHON", "sts.py"], json = true, read-only = true }
expect = [{ on = "json", path = "$.Arn", matches = ":assumed-role/deploy/" }]

[[checks]]
name = "no-static-key"
env = { unset = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] }
"""


def identity(root: Path, arn: str, environment: Mapping[str, str] | None = None) -> GateResult:
    """``sts.py`` stands in for ``aws sts get-caller-identity``."""
    script = f"print({json.dumps(json.dumps({'Arn': arn}))})\n"
    return gate(root, IDENTITY.replace("PYTHON", sys.executable), environment, {"sts.py": script})


@pytest.mark.release_check("D20", "green")
def test_the_expected_role_without_a_static_key_passes(tmp_path: Path) -> None:
    result = identity(tmp_path, "arn:aws:sts::1:assumed-role/deploy/ci")
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D20", "red")
def test_another_identity_and_a_static_key_fail(tmp_path: Path) -> None:
    result = identity(tmp_path, "arn:aws:iam::1:user/somebody", {"AWS_ACCESS_KEY_ID": "x" * 20})
    assert result.verdict == Verdict.FAIL
    assert 'identity: json $.Arn: expected matches ":assumed-role/deploy/"' in said(result)
    assert "no-static-key: AWS_ACCESS_KEY_ID is set, expected it not to be" in said(result)
    assert "x" * 20 not in said(result)


ERRORS = """
[[checks]]
name = "no-new-error-group"
command = { argv = ["PYTHON", "export.py"], json = true, read-only = true }
expect = [
  { on = "json", path = "$.release", equals = "2.4.0" },
  { on = "json", path = "$.groups", length = 0 },
]
"""


def errors(root: Path, printed: str) -> GateResult:
    """``export.py`` stands in for the command-line tool of an error tracker."""
    files = {"export.py": f"print({printed!r})\n"}
    return gate(root, ERRORS.replace("PYTHON", sys.executable), files=files)


@pytest.mark.release_check("D25", "green")
def test_no_new_error_group_passes(tmp_path: Path) -> None:
    assert errors(tmp_path, '{"release": "2.4.0", "groups": []}').verdict == Verdict.PASS


@pytest.mark.release_check("D25", "red")
def test_a_new_error_group_fails(tmp_path: Path) -> None:
    result = errors(tmp_path, '{"release": "2.4.0", "groups": [{"title": "KeyError"}]}')
    assert result.verdict == Verdict.FAIL
    assert "no-new-error-group: json $.groups" in said(result)


@pytest.mark.parametrize("printed", ["", "[]", '{"release": "2.3.9", "groups": []}'])
def test_an_export_that_says_nothing_is_never_green(tmp_path: Path, printed: str) -> None:
    assert errors(tmp_path, printed).verdict in {Verdict.FAIL, Verdict.ERROR}


POOLER = """
[[checks]]
name = "waiting"
sql = { dsn-env = "POOLER_URL", query = "SHOW POOLS" }
expect = [{ on = "rows", each = { path = "$.cl_waiting", less = 1 } }]

[[checks]]
name = "use"
sql.dsn-env = "POOLER_URL"
sql.query = "SHOW DATABASES"
sql.share = ["current_connections", "pool_size"]
expect = [{ on = "share", less = 0.85 }]
"""


@pytest.mark.release_check("D26", "green")
def test_a_pooler_with_room_passes(tmp_path: Path, database: Server) -> None:
    with pooler(database) as bouncer:
        result = gate(tmp_path, POOLER, {"POOLER_URL": bouncer.url})
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D26", "red")
def test_a_pooler_without_room_fails(tmp_path: Path, database: Server) -> None:
    with pooler(database) as bouncer, ExitStack() as stack:
        orders = bouncer.url.replace("/pgbouncer", "/orders")
        for _ in range(4):  # as many as the pool has
            holding = stack.enter_context(psycopg.connect(orders))
            holding.execute("select 1")
        over = threading.Event()
        threading.Thread(target=waits, args=(orders, over), daemon=True).start()
        try:
            until_one_waits(bouncer)
            result = gate(tmp_path, POOLER, {"POOLER_URL": bouncer.url})
        finally:
            over.set()
    assert result.verdict == Verdict.FAIL
    assert "waiting: rows" in said(result)
    assert "use: share: expected less than 0.85, actual 1.0" in said(result)


def waits(url: str, over: threading.Event) -> None:
    """A client that wants a connection of the pool, until the event is set."""
    with psycopg.connect(url) as connection:
        connection.execute("select 1")
        over.wait(30)


def until_one_waits(bouncer: Server) -> None:
    with psycopg.connect(bouncer.url, autocommit=True) as console:
        cursor = psycopg.ClientCursor(console, row_factory=dict_row)
        for _ in range(200):
            if any(row["cl_waiting"] for row in cursor.execute("SHOW POOLS").fetchall()):
                return
            time.sleep(0.05)
    raise AssertionError("no client waits")


CACHE = """
[[checks]]
name = "hit-rate"
redis = { dsn-env = "REDIS_URL", info = true }
expect = [{ on = "hit-rate", greater-equal = 0.8 }]

[[checks]]
name = "slow-queries"
sql.dsn-env = "DATABASE_URL"
sql.query = '''
select count(*) from pg_stat_activity
where state = 'active' and now() - query_start > interval '1 s' and pid <> pg_backend_pid()'''
expect = [{ on = "value", less-equal = 0 }]
"""


@pytest.mark.release_check("D27", "green")
def test_a_warm_cache_without_slow_queries_passes(tmp_path: Path, database: Server) -> None:
    with redis_server() as server:
        told_redis(tmp_path, server, "SET", "a", "1")
        for _ in range(9):
            told_redis(tmp_path, server, "GET", "a")
        places = {"REDIS_URL": server.url, "DATABASE_URL": database.url}
        result = gate(tmp_path, CACHE, places)
    assert (result.verdict, said(result)) == (Verdict.PASS, "")


@pytest.mark.release_check("D27", "red")
def test_a_cold_cache_fails_and_an_unused_one_cannot_be_judged(
    tmp_path: Path, database: Server
) -> None:
    with redis_server() as server:
        places = {"REDIS_URL": server.url, "DATABASE_URL": database.url}
        unused = gate(tmp_path, CACHE, places)
        told_redis(tmp_path, server, "GET", "a")
        cold = gate(tmp_path, CACHE, places)
    assert (unused.verdict, cold.verdict) == (Verdict.ERROR, Verdict.FAIL)
    assert "no look-up was counted yet" in said(unused)
    assert "hit-rate: hit-rate: expected at least 0.8, actual 0.0" in said(cold)


RECONCILED = """
[[checks]]
name = "stock"
sql.dsn-env = "DATABASE_URL"
sql.query = "select count(*) from stock where warehouse <> shop + :off"
sql.parameters = { off = OFF }
expect = [{ on = "value", equals = 0 }]

[[checks]]
name = "ledger"
command = { argv = ["PYTHON", "-c", "print('differences: OFF')"], read-only = true }
expect = [{ on = "stdout", matches = "differences: 0$" }]
"""


def reconciled(root: Path, database: Server, off: int) -> GateResult:
    toml = RECONCILED.replace("OFF", str(off)).replace("PYTHON", sys.executable)
    return gate(root, toml, {"DATABASE_URL": database.url})


@pytest.mark.release_check("D29", "green")
def test_stores_that_agree_pass(tmp_path: Path, database: Server) -> None:
    assert reconciled(tmp_path, database, 0).verdict == Verdict.PASS


@pytest.mark.release_check("D29", "red")
def test_stores_that_differ_fail(tmp_path: Path, database: Server) -> None:
    result = reconciled(tmp_path, database, 1)
    assert result.verdict == Verdict.FAIL
    assert "stock: value: expected 0, actual 5000" in said(result)
    assert "ledger: stdout" in said(result)


VARIABLES = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": dsn("pw-one-two", "db.example.org:6432/orders"),
    "MIGRATION_URL": dsn("pw-three-4", "db.example.org:5432/orders", "owner"),
    "ORIGINS": "https://a.example.org,https://b.example.org",
    "HEARTBEAT_S": "30",
    "TTL_S": "120",
}


def variables(root: Path, rules: str, **changes: str | None) -> GateResult:
    environment = {k: v for k, v in {**VARIABLES, **changes}.items() if v is not None}
    files = {
        "ci.txt": "DATABASE_URL\nENVIRONMENT\n",
        "platform.json": '[{"name": "DATABASE_URL"}, {"name": "ENVIRONMENT"}]',
        "staging.env": f"DATABASE_URL={dsn('pw-five-6', 'staging.example.org/orders')}\n",
    }
    result = gate(root, f'[[checks]]\nname = "variables"\n{rules}', environment, files)
    shown = said(result)
    assert not [value for value in ("pw-one-two", "pw-three-4", "pw-five-6") if value in shown]
    return result


SET = """
[checks.env]
set = ["DATABASE_URL", "ENVIRONMENT"]
named-in = ["ci.txt", "platform.json"]
"""


@pytest.mark.release_check("B01", "green")
def test_required_variables_that_are_set_everywhere_pass(tmp_path: Path) -> None:
    assert variables(tmp_path, SET).verdict == Verdict.PASS


@pytest.mark.release_check("B01", "red")
def test_a_required_variable_that_is_missing_fails(tmp_path: Path) -> None:
    result = variables(tmp_path, SET, DATABASE_URL=None)
    elsewhere = variables(tmp_path, SET.replace('"ENVIRONMENT"', '"TTL_S"'))
    assert (result.verdict, elsewhere.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert "DATABASE_URL is not set, expected a value" in said(result)
    assert "TTL_S is not named in ci.txt" in said(elsewhere)


@pytest.mark.release_check("B02", "green")
def test_variables_that_must_be_unset_and_are_pass(tmp_path: Path) -> None:
    assert variables(tmp_path, 'env = { unset = ["TEST_ENDPOINT"] }').verdict == Verdict.PASS


@pytest.mark.release_check("B02", "red")
def test_a_test_endpoint_in_production_fails(tmp_path: Path) -> None:
    rules = 'env = { unset = ["TEST_ENDPOINT"] }'
    result = variables(tmp_path, rules, TEST_ENDPOINT="http://fake")
    assert result.verdict == Verdict.FAIL
    assert "TEST_ENDPOINT is set, expected it not to be" in said(result)


FORM = """
[checks.env]
equals = { ENVIRONMENT = "production" }
matches = { DATABASE_URL = "postgresql://[^/]+:6432/[a-z]+" }
forbidden = { ORIGINS = '\\*|http://' }
members = { ORIGINS = ["https://a.example.org"] }
"""


@pytest.mark.release_check("B03", "green")
def test_variables_of_the_right_value_and_form_pass(tmp_path: Path) -> None:
    assert variables(tmp_path, FORM).verdict == Verdict.PASS


@pytest.mark.release_check("B03", "red")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ENVIRONMENT": "staging"}, 'ENVIRONMENT has another value, expected "production"'),
        ({"DATABASE_URL": VARIABLES["MIGRATION_URL"]}, "DATABASE_URL has another form"),
        ({"ORIGINS": "https://a.example.org,*"}, "ORIGINS holds what is forbidden"),
        ({"ORIGINS": "https://b.example.org"}, "ORIGINS lacks members"),
    ],
)
def test_variables_of_another_value_or_form_fail(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    result = variables(tmp_path, FORM, **changes)
    assert result.verdict == Verdict.FAIL
    assert message in said(result)


RELATED = """
[checks.env]
files = { staging = "staging.env" }
same-host = [["DATABASE_URL", "MIGRATION_URL"]]
different-port = [["DATABASE_URL", "MIGRATION_URL"]]
differs = [["staging:DATABASE_URL", "DATABASE_URL"]]
less = [["HEARTBEAT_S", "TTL_S"]]
needed-if = { TTL_S = "HEARTBEAT_S" }
"""


@pytest.mark.release_check("B04", "green")
def test_variables_that_fit_together_pass(tmp_path: Path) -> None:
    assert variables(tmp_path, RELATED).verdict == Verdict.PASS


@pytest.mark.release_check("B04", "red")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MIGRATION_URL": dsn("p", "other.example.org/orders", "o")}, "different hosts"),
        ({"MIGRATION_URL": VARIABLES["DATABASE_URL"]}, "have the same port"),
        (
            {"DATABASE_URL": dsn("pw-five-6", "staging.example.org/orders")},
            "staging:DATABASE_URL and DATABASE_URL have the same value",
        ),
        ({"HEARTBEAT_S": "120"}, "are the wrong way round"),
        ({"TTL_S": None}, "TTL_S is not set, expected a value since HEARTBEAT_S is set"),
    ],
)
def test_variables_that_do_not_fit_together_fail(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    result = variables(tmp_path, RELATED, **changes)
    assert result.verdict == Verdict.FAIL
    assert message in json.dumps([one.finding.excerpt for one in result.findings])


SERVED = """
[[checks]]
name = "served"
http = { path = "/api/v1/config" }
expect = [{ on = "json", path = "$.heartbeat", equals = "${env:HEARTBEAT_S}" }]
"""


def served(root: Path, heartbeat: str) -> GateResult:
    body = json.dumps({"heartbeat": heartbeat})
    with listening(page(body, "application/json")) as port:
        return gate(root, SERVED, VARIABLES, target=f"http://127.0.0.1:{port}")


@pytest.mark.release_check("B04", "green")
def test_a_value_that_is_served_as_it_was_set_passes(tmp_path: Path) -> None:
    assert served(tmp_path, "30").verdict == Verdict.PASS


@pytest.mark.release_check("B04", "red")
def test_another_value_served_than_set_fails(tmp_path: Path) -> None:
    result = served(tmp_path, "45")
    assert result.verdict == Verdict.FAIL
    assert 'served: json $.heartbeat: expected "30", actual "45"' in said(result)


TOOLS = """
[[checks]]
name = "kubectl"
command = { argv = ["PYTHON", "kubectl.py", "version"], min-version = "1.29", read-only = true }

[[checks]]
name = "logged-in"
command = { argv = ["PYTHON", "kubectl.py", "whoami"], read-only = true }
expect = [{ on = "stdout", contains = "deployer" }]
"""


def tools(root: Path, version: str, user: str, program: str = sys.executable) -> GateResult:
    """``kubectl.py`` stands in for a tool of that name."""
    script = (
        "import sys\n"
        f"print({version!r}) if sys.argv[1] == 'version' else print({user!r} or sys.exit(1))\n"
    )
    return gate(root, TOOLS.replace("PYTHON", program), files={"kubectl.py": script})


@pytest.mark.release_check("B21", "green")
def test_a_tool_that_is_new_enough_and_logged_in_passes(tmp_path: Path) -> None:
    assert tools(tmp_path, "Client Version: v1.30.2", "deployer").verdict == Verdict.PASS


@pytest.mark.release_check("B21", "red")
def test_a_tool_that_is_old_not_logged_in_or_not_there_is_red(tmp_path: Path) -> None:
    old = tools(tmp_path, "Client Version: v1.9.4", "")
    gone = tools(tmp_path, "", "", "no-such-tool")
    assert (old.verdict, gone.verdict) == (Verdict.FAIL, Verdict.ERROR)
    assert f"kubectl: {sys.executable} is version 1.9.4, expected at least 1.29" in said(old)
    assert "ended with exit code 1, expected 0" in said(old)
    assert "no-such-tool could not be started" in said(gone)
