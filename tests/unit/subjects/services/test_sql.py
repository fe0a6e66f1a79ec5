from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.sql import PROBE
from support.probing import Asked, look, world
from support.scenarios import drips, listening, sends, silent, throttled
from support.services import KNOWN_WORD, Server
from support.services import dsn as dsn_of

pytestmark = pytest.mark.gates


@pytest.fixture(scope="module")
def filled(postgres: Server) -> Iterator[Server]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(
            "create sequence s; "
            "create table audit (id int primary key, action text, request_id uuid, at timestamptz)"
        )
        connection.execute(
            "insert into audit values (1, 'order.cancel', "
            "'7f2c1b9e-5d3a-4c8e-9b1f-2a6d4e8c0f13', now())"
        )
    yield postgres
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("drop table audit; drop sequence s")


def ask(root: Path, dsn: str, query: str, seconds: float = 10.0, **settings: Any) -> Observation:
    given = {"dsn-env": "DATABASE_URL", "query": query, **settings}
    return look(PROBE, given, world(root, {"DATABASE_URL": dsn}), seconds)


def test_rows_come_with_their_columns(tmp_path: Path, filled: Server) -> None:
    seen = ask(tmp_path, filled.url, "select id, action from audit")
    assert seen.values["rows"] == [{"id": 1, "action": "order.cancel"}]
    assert seen.values["columns"] == ["id", "action"]
    assert seen.values["count"] == 1
    assert seen.line == "SELECT on DATABASE_URL: 1 rows"


def test_one_row_of_one_column_is_a_value(tmp_path: Path, filled: Server) -> None:
    assert ask(tmp_path, filled.url, "select count(*) from audit;").values["value"] == 1


def test_no_row_gives_no_value(tmp_path: Path, filled: Server) -> None:
    seen = ask(tmp_path, filled.url, "select id from audit where id = 2")
    assert seen.values["count"] == 0
    assert "value" not in seen.values


def test_several_columns_give_an_unreadable_value(tmp_path: Path, filled: Server) -> None:
    value = ask(tmp_path, filled.url, "select 1 as a, 2 as b").values["value"]
    assert value == Unreadable(reason="the answer is 1 rows of 2 columns, not one of one")


def test_parameters_are_bound_and_not_pasted_in(tmp_path: Path, filled: Server) -> None:
    query = "select action from audit where request_id::text = :id and action like '%.cancel'"
    found = ask(
        tmp_path, filled.url, query, parameters={"id": "7f2c1b9e-5d3a-4c8e-9b1f-2a6d4e8c0f13"}
    )
    hostile = ask(tmp_path, filled.url, query, parameters={"id": "x' or '1'='1"})
    assert found.values["value"] == "order.cancel"
    assert hostile.values["count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "with gone as (delete from audit returning id) select id from gone",
        "select id into copy from audit",
        "select nextval('s')",
        "select setval('s', 1)",
    ],
)
def test_what_writes_is_refused_by_the_server(tmp_path: Path, filled: Server, query: str) -> None:
    with pytest.raises(ProbeFailed, match=r"read-only|DECLARE CURSOR|INTO"):
        ask(tmp_path, filled.url, query)
    with psycopg.connect(filled.url) as connection:
        assert connection.execute("select count(*) from audit").fetchone() == (1,)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select 1; drop table audit", "more than one statement"),
        ("select 1; commit; drop table audit", "more than one statement"),
        ("delete from audit", "begins with DELETE"),
        ("-- select\nupdate audit set id = 2", "begins with UPDATE"),
        ("", "begins with nothing"),
        ("select 'open", "never closed"),
        ("select :id", "names the parameters id, given are none"),
    ],
)
def test_a_query_that_is_not_one_reading_statement_is_a_configuration_error(
    query: str, said: str
) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert({"dsn-env": "X", "query": query}, type=PROBE.settings)


def test_a_query_that_runs_too_long_ends_with_the_budget(tmp_path: Path, filled: Server) -> None:
    with pytest.raises(ProbeFailed, match=r"deadline|time|timeout") as caught:
        ask(tmp_path, filled.url, "select pg_sleep(30)", seconds=0.5)
    assert caught.value.transient


def test_the_server_is_told_the_time_that_is_left(tmp_path: Path, filled: Server) -> None:
    query = "select setting::int from pg_settings where name = 'statement_timeout'"
    assert 0 < ask(tmp_path, filled.url, query, seconds=9).values["value"] <= 9000


@pytest.mark.parametrize(
    "answer", [drips(b"R\x00\x00\x00"), silent, drips(b"S")], ids=["drip", "silent", "tls"]
)
def test_a_server_that_drips_does_not_hold_the_probe(tmp_path: Path, answer: Any) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, f"postgresql://u:p@127.0.0.1:{port}/d", "select 1", seconds=0.6)
    assert caught.value.transient


def test_an_answer_that_drips_does_not_hold_the_probe(tmp_path: Path, filled: Server) -> None:
    with listening(throttled(filled.port, 2000)) as port:
        dsn = filled.url.replace(str(filled.port), str(port))
        with pytest.raises(ProbeFailed, match=r"did not answer in time|deadline") as caught:
            ask(tmp_path, dsn, "select repeat('x', 9000)", seconds=1.0)
    assert caught.value.transient


def test_a_server_of_another_kind_fails(tmp_path: Path) -> None:
    with (
        listening(sends(b"HTTP/1.0 400 Bad Request\r\n\r\n")) as port,
        pytest.raises(ProbeFailed, match="DATABASE_URL: PostgreSQL"),
    ):
        ask(tmp_path, f"postgresql://u:p@127.0.0.1:{port}/d", "select 1", seconds=3)


def test_a_wrong_password_fails_and_shows_nothing(tmp_path: Path, filled: Server) -> None:
    dsn = filled.url.replace(KNOWN_WORD, "another-word")
    with pytest.raises(ProbeFailed, match="password authentication failed") as caught:
        ask(tmp_path, dsn, "select 1")
    assert "another-word" not in str(caught.value)


def test_a_refused_connection_is_transient(tmp_path: Path) -> None:
    with listening(silent) as port:
        pass
    with pytest.raises(ProbeFailed, match="refused") as caught:
        ask(tmp_path, f"postgresql://u:p@127.0.0.1:{port}/d", "select 1")
    assert caught.value.transient


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_variable_cannot_be_judged(tmp_path: Path, value: str | None) -> None:
    environment = {} if value is None else {"DATABASE_URL": value}
    with pytest.raises(ProbeProblem, match=r"DATABASE_URL is (not set|empty)"):
        look(PROBE, {"dsn-env": "DATABASE_URL", "query": "select 1"}, world(tmp_path, environment))


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        (dsn_of("token-abc", "h:x/d"), "needs one port"),
        ("postgresql:///d", "names no host"),
        ("service=production", "has to name the host itself"),
        ("not a dsn token-abc", "client library can read"),
    ],
)
def test_a_dsn_that_cannot_be_used_is_never_quoted(tmp_path: Path, dsn: str, said: str) -> None:
    with pytest.raises((ProbeProblem, ProbeFailed), match=said) as caught:
        ask(tmp_path, dsn, "select 1")
    assert "token-abc" not in str(caught.value)


def test_dsn_and_password_are_hidden_and_the_host_is_asked_for(
    tmp_path: Path, filled: Server
) -> None:
    asked = Asked()
    dsn = filled.url.replace("127.0.0.1", "localhost")
    made = world(tmp_path, {"U": dsn}, hide=asked.hidden.append, allowed=asked.allowed)
    look(PROBE, {"dsn-env": "U", "query": "select 1"}, made)
    assert {dsn, KNOWN_WORD} <= set(asked.hidden)
    assert [host for host, _ in asked.hosts] == ["localhost"]
    assert "127.0.0.1" in asked.hosts[0][1]


def test_a_host_that_may_not_be_asked_is_not_connected_to(tmp_path: Path) -> None:
    came: list[Any] = []

    def refuse(host: str, addresses: tuple[str, ...]) -> None:
        raise ProbeProblem(f"{host} may not be asked")

    with listening(came.append) as port:
        made = world(tmp_path, {"U": f"postgresql://u:p@127.0.0.1:{port}/d"}, allowed=refuse)
        with pytest.raises(ProbeProblem, match="may not be asked"):
            look(PROBE, {"dsn-env": "U", "query": "select 1"}, made)
    assert came == []


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+asyncpg", "postgresql+psycopg"])
def test_urls_of_sqlalchemy_are_understood(tmp_path: Path, filled: Server, scheme: str) -> None:
    dsn = filled.url.replace("postgresql", scheme, 1)
    tail = "?ssl=prefer&prepared_statement_cache_size=0" if "asyncpg" in scheme else ""
    assert ask(tmp_path, dsn + tail, "select 1").values["value"] == 1


def test_a_unix_socket_and_key_value_text_are_understood(tmp_path: Path, filled: Server) -> None:
    dsn = f"host={filled.folder} port={filled.port} user=probe dbname=postgres"
    assert ask(tmp_path, dsn, "select 1").values["value"] == 1


def test_more_rows_than_allowed_are_an_error(tmp_path: Path, filled: Server) -> None:
    query = "select * from generate_series(1, 11)"
    assert ask(tmp_path, filled.url, query, **{"max-rows": 11}).values["count"] == 11
    with pytest.raises(ProbeProblem, match="more than 10 rows"):
        ask(tmp_path, filled.url, query, **{"max-rows": 10})


@pytest.mark.parametrize("number", ["'NaN'::float8", "'NaN'::numeric", "'Infinity'::float8"])
def test_a_number_that_is_none_fails(tmp_path: Path, filled: Server, number: str) -> None:
    with pytest.raises(ProbeFailed, match="is no number to judge by"):
        ask(tmp_path, filled.url, f"select {number} as rate")


def test_kinds_of_values_are_plain(tmp_path: Path, filled: Server) -> None:
    query = (
        "select 1.5::numeric as n, 2::numeric as w, date '2026-01-02' as d, interval '90 s' as i, "
        "'{\"a\": [1]}'::jsonb as j, array[1, 2] as l, '\\x00ff'::bytea as b, null as z, true as t"
    )
    assert ask(tmp_path, filled.url, query).values["rows"] == [
        {
            "n": 1.5,
            "w": 2,
            "d": "2026-01-02",
            "i": 90.0,
            "j": {"a": [1]},
            "l": [1, 2],
            "b": "00ff",
            "z": None,
            "t": True,
        }
    ]


def test_two_columns_of_one_name_are_an_error(tmp_path: Path, filled: Server) -> None:
    with pytest.raises(ProbeProblem, match="two columns named a"):
        ask(tmp_path, filled.url, "select 1 as a, 2 as a")


def test_show_and_explain_can_be_asked(tmp_path: Path, filled: Server) -> None:
    assert ask(tmp_path, filled.url, "show statement_timeout").values["count"] == 1
    plan = ask(tmp_path, filled.url, "explain (format json) select * from audit where id = 1")
    assert "audit" in str(plan.values["value"])


def test_the_console_of_a_pooler_is_recognised(tmp_path: Path, pgbouncer: Server) -> None:
    seen = ask(tmp_path, pgbouncer.url, "SHOW POOLS")
    assert {"cl_waiting", "sv_active"} <= set(seen.values["columns"])


def test_the_share_of_two_columns_is_the_largest(tmp_path: Path, pgbouncer: Server) -> None:
    share = ["current_connections", "pool_size"]
    seen = ask(tmp_path, pgbouncer.url, "SHOW DATABASES", share=share)
    assert 0 <= seen.values["share"] <= 1


def test_the_console_of_a_pooler_takes_show_alone(tmp_path: Path, pgbouncer: Server) -> None:
    with pytest.raises(ProbeProblem, match="asked with SHOW alone"):
        ask(tmp_path, pgbouncer.url, "select 1")


def test_a_database_behind_a_pooler_is_asked_in_a_transaction(
    tmp_path: Path, pgbouncer: Server
) -> None:
    dsn = pgbouncer.url.replace("/pgbouncer", "/orders")
    assert ask(tmp_path, dsn, "show transaction_read_only").values["value"] == "on"


def test_a_share_of_nothing_fails(tmp_path: Path, filled: Server) -> None:
    for query in ("select 1 as a, 0 as b", "select 1 as a, 2 as b where false"):
        with pytest.raises(ProbeFailed, match="no share of a in b"):
            ask(tmp_path, filled.url, query, share=["a", "b"])


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "a b.db") as connection:
        connection.execute("create table t (id integer, name text)")
        connection.execute("insert into t values (1, 'one:two'), (2, 'it''s 100%')")
    connection.close()
    return "sqlite:///a b.db"


def test_sqlite_is_asked_with_bound_parameters(tmp_path: Path, sqlite: str) -> None:
    query = "select name from t where id = :id and name <> ':id'"
    assert ask(tmp_path, sqlite, query, parameters={"id": 1}).values["value"] == "one:two"


def test_sqlite_is_opened_for_reading_only(tmp_path: Path, sqlite: str) -> None:
    before = (tmp_path / "a b.db").read_bytes()
    with pytest.raises(ProbeFailed, match=r"readonly|read-only"):
        ask(tmp_path, sqlite, "with x as (select 1) insert into t select 3, 'x' from x")
    assert (tmp_path / "a b.db").read_bytes() == before


def test_a_sqlite_file_that_is_not_there_fails_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="is not there"):
        ask(tmp_path, "sqlite:///gone.db", "select 1")
    assert list(tmp_path.glob("*.db")) == []


def test_a_sqlite_file_that_is_cut_off_fails(tmp_path: Path, sqlite: str) -> None:
    whole = (tmp_path / "a b.db").read_bytes()
    (tmp_path / "a b.db").write_bytes(whole[:1000])
    with pytest.raises(ProbeFailed, match="SQLite: "):
        ask(tmp_path, sqlite, "select count(*) from t")


def test_an_endless_query_to_sqlite_ends_with_the_budget(tmp_path: Path, sqlite: str) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select sum(i) from n"
    with pytest.raises(ProbeFailed, match="deadline has passed") as caught:
        ask(tmp_path, sqlite, endless, seconds=0.3)
    assert caught.value.transient


def test_another_database_needs_a_way_to_read_only(tmp_path: Path) -> None:
    with pytest.raises((ProbeProblem, ProbeFailed), match=r"no driver|read|no address|mssql"):
        ask(tmp_path, "mssql+pyodbc://u:p@127.0.0.1/d", "select 1")
