"""One statement to any other database that SQLAlchemy has a driver for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.services.in_time import in_time
from release_gate.subjects.services.sql_text import Statement
from release_gate.subjects.services.sql_values import Answer
from release_gate.subjects.services.wire import resolved

# How a transaction that can only read begins, and how a statement is ended by the server.
_READ_ONLY = {
    "mysql": ("SET SESSION MAX_EXECUTION_TIME = {ms}", "START TRANSACTION READ ONLY"),
    "mariadb": ("SET SESSION max_statement_time = {s}", "START TRANSACTION READ ONLY"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}
# What a driver calls its own limits, in whole seconds: they end the thread that was left behind.
_LIMITS = {"pymysql": ("connect_timeout", "read_timeout", "write_timeout")}


def ask(
    dsn: str,
    asked: Statement,
    parameters: Mapping[str, Any],
    most: int,
    world: ProbeWorld,
    budget: Budget,
    *,
    read_only_account: bool,
) -> Answer:
    """Ask a server.

    Args:
        dsn: A URL of SQLAlchemy.
        asked: What to ask.
        parameters: Bound by the driver.
        most: Rows that are allowed.
        world: The outside.
        budget: The time that is left.
        read_only_account: Whether the user vouches that the account can only read, for a
            database without read-only transactions.

    Raises:
        ProbeFailed: If it does not answer, or refuses the query.
        ProbeProblem: If the DSN cannot be used, or nothing would keep the statement from
            writing.
    """
    url = _url(dsn, world, budget)
    return in_time(
        lambda: _asked(url, asked, parameters, most, budget, read_only_account=read_only_account),
        budget,
        f"asking the {url.get_backend_name()} database",
    )


def _url(dsn: str, world: ProbeWorld, budget: Budget) -> sqlalchemy.URL:
    try:
        url = sqlalchemy.make_url(dsn)
    except (SQLAlchemyError, ValueError):
        raise ProbeProblem("the DSN is no database URL") from None
    if url.password:
        world.hide(str(url.password))
    if not url.host:
        raise ProbeProblem("the DSN names no host")
    found = tuple(str(sockaddr[0]) for _, sockaddr in resolved(url.host, url.port or 1, budget))
    world.allowed(url.host, found)
    return url.set(host=found[0])


def _asked(
    url: sqlalchemy.URL,
    asked: Statement,
    parameters: Mapping[str, Any],
    most: int,
    budget: Budget,
    *,
    read_only_account: bool,
) -> Answer:
    try:
        limits = dict.fromkeys(_LIMITS.get(url.get_driver_name(), ()), math.ceil(budget.left()))
        engine = sqlalchemy.create_engine(url, poolclass=NullPool, connect_args=limits)
        with engine.connect() as connection:
            name = connection.dialect.name
            if getattr(connection.dialect, "is_mariadb", False):
                name = "mariadb"
            for line in beginning(name, read_only_account=read_only_account):
                left = budget.left()
                connection.exec_driver_sql(line.format(ms=int(left * 1000), s=f"{left:.3f}"))
            result = connection.execute(sqlalchemy.text(_escaped(asked)), dict(parameters))
            rows = [tuple(row) for row in result.fetchmany(most + 1)]
            answer = Answer(columns=tuple(result.keys()), rows=tuple(rows))
            connection.rollback()
            return answer
    except ModuleNotFoundError as error:
        raise ProbeProblem(
            f"there is no driver for {url.drivername}: {error.name} is not installed",
            remedy=f"Install {error.name} beside release-gate.",
        ) from None
    except SQLAlchemyError as error:
        budget.left()
        original = getattr(error, "orig", None) or error
        raise ProbeFailed(f"{url.get_backend_name()}: {original}", transient=True) from None


def beginning(name: str, *, read_only_account: bool) -> tuple[str, ...]:
    """The statements that begin a transaction which can only read.

    Args:
        name: Of the dialect.
        read_only_account: Whether the user vouches that the account can only read.

    Raises:
        ProbeProblem: If none are known and nobody vouches.
    """
    if name in _READ_ONLY:
        return _READ_ONLY[name]
    if read_only_account:
        return ()
    raise ProbeProblem(
        f"nothing is known that keeps a statement to {name} from writing",
        remedy='Use an account that can only read, and say so with "read-only-account = true".',
    )


def _escaped(asked: Statement) -> str:
    # SQLAlchemy looks for :name in quoted text too.
    return "".join(
        f":{text}" if kind == "name" else text.replace(":", r"\:") for kind, text in asked.parts
    ).strip()
