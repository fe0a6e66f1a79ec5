"""Databases that SQLAlchemy is needed for: a real MariaDB where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from release_gate.subjects.probes.contract import Observation, ProbeFailed, ProbeProblem
from release_gate.subjects.services.sql import PROBE
from support.probing import Asked, look, world
from support.scenarios import drips, listening, silent
from support.services import KNOWN_WORD, Server, mariadb_server
from support.services import dsn as dsn_of

pytestmark = pytest.mark.gates


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    with mariadb_server() as server:
        engine = sqlalchemy.create_engine(server.url)
        with engine.begin() as connection:
            connection.exec_driver_sql("create table orders (id int primary key, note text)")
            connection.exec_driver_sql("insert into orders values (1, 'a:b'), (2, 'c')")
        engine.dispose()
        yield server


def ask(root: Path, dsn: str, query: str, seconds: float = 10.0, **settings: Any) -> Observation:
    given = {"dsn-env": "U", "query": query, **settings}
    return look(PROBE, given, world(root, {"U": dsn}), seconds)


def test_rows_come_and_parameters_are_bound(tmp_path: Path, mariadb: Server) -> None:
    query = "select id from orders where note = :note and note <> ':note'"
    assert ask(tmp_path, mariadb.url, query, parameters={"note": "a:b"}).values["value"] == 1
    hostile = ask(tmp_path, mariadb.url, query, parameters={"note": "' or 1=1 -- "})
    assert hostile.values["count"] == 0


def test_the_transaction_only_reads(tmp_path: Path, mariadb: Server) -> None:
    with pytest.raises(ProbeFailed, match="in a READ ONLY transaction"):
        ask(tmp_path, mariadb.url, "select * from orders for update")


def test_a_query_that_runs_too_long_ends_with_the_budget(tmp_path: Path, mariadb: Server) -> None:
    with pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, mariadb.url, "select sleep(20)", 0.6)
    assert caught.value.transient


def test_a_wrong_password_fails_and_shows_nothing(tmp_path: Path, mariadb: Server) -> None:
    with pytest.raises(ProbeFailed, match="Access denied") as caught:
        ask(tmp_path, mariadb.url.replace(KNOWN_WORD, "another-word"), "select 1")
    assert "another-word" not in str(caught.value)


@pytest.mark.parametrize("answer", [drips(), silent], ids=["drip", "silent"])
def test_a_server_that_drips_does_not_hold_the_probe(tmp_path: Path, answer: Any) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, f"mysql+pymysql://u:p@127.0.0.1:{port}/d", "select 1", 0.6)
    assert caught.value.transient


def test_a_missing_driver_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match="no driver for oracle"):
        ask(tmp_path, "oracle+oracledb://u:p@127.0.0.1/d", "select 1")


@pytest.mark.parametrize("dsn", [dsn_of("token-abc", "h/d", scheme="nonsense"), "mysql+pymysql://"])
def test_a_dsn_that_cannot_be_used_is_never_quoted(tmp_path: Path, dsn: str) -> None:
    with pytest.raises((ProbeProblem, ProbeFailed)) as caught:
        ask(tmp_path, dsn, "select 1")
    assert "token-abc" not in str(caught.value)


def test_a_database_without_read_only_transactions_needs_a_word(tmp_path: Path) -> None:
    from release_gate.subjects.services.sql_others import beginning  # noqa: PLC0415 - an extra

    with pytest.raises(ProbeProblem, match="keeps a statement to mssql from writing"):
        beginning("mssql", read_only_account=False)
    assert beginning("mssql", read_only_account=True) == ()


def test_host_and_address_are_asked_for_before(tmp_path: Path, mariadb: Server) -> None:
    asked = Asked()
    dsn = mariadb.url.replace("127.0.0.1", "localhost")
    made = world(tmp_path, {"U": dsn}, hide=asked.hidden.append, allowed=asked.allowed)
    look(PROBE, {"dsn-env": "U", "query": "select 1"}, made)
    assert asked.hosts[0][0] == "localhost"
    assert {dsn, KNOWN_WORD} <= set(asked.hidden)
