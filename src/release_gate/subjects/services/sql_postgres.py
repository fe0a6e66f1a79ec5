"""One statement to PostgreSQL, or to the console of a pooler that speaks its protocol.

psycopg counts seconds for connecting and none for reading. So the connection is made step by
step with libpq's own functions, and each wait is cut to the time that is left.
"""

from __future__ import annotations

import re
import selectors
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.waiting import Ready, Wait

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.services.sql_text import Statement
from release_gate.subjects.services.sql_values import Answer
from release_gate.subjects.services.wire import resolved

_DECLARED = {"SELECT", "WITH", "VALUES", "TABLE"}
_PORT = 5432
# What SQLAlchemy users write for asyncpg and libpq does not know.
_OF_ASYNCPG = {"prepared_statement_cache_size", "prepared_statement_name_func"}
_PLACE = re.compile(r"^connection to server (?:at|on socket) .*? failed: ")


def ask(
    dsn: str,
    asked: Statement,
    parameters: Mapping[str, Any],
    most: int,
    world: ProbeWorld,
    budget: Budget,
    *,
    console: bool,
) -> Answer:
    """Ask a server.

    Args:
        dsn: A URL or ``key=value`` text as libpq takes it, or a URL of SQLAlchemy.
        asked: What to ask.
        parameters: Bound on the server.
        most: Rows that are allowed.
        world: The outside.
        budget: The time that is left; also the statement time-out.
        console: Whether it is a pooler's console: no transaction, only ``SHOW``.

    Raises:
        ProbeFailed: If it does not answer, or refuses the query.
        ProbeProblem: If the DSN cannot be used.
    """
    try:
        with closing(_connection(dsn, world, budget)) as connection:
            if console or _is_console(connection):
                return _console(connection, asked, most)
            return _transaction(connection, asked, parameters, most, budget)
    except psycopg.Error as error:
        budget.left()
        raise ProbeFailed(
            f"PostgreSQL: {_said(error)}", transient=isinstance(error, psycopg.OperationalError)
        ) from None


def _transaction(
    connection: _Clamped, asked: Statement, parameters: Mapping[str, Any], most: int, budget: Budget
) -> Answer:
    cursor = connection.cursor()
    cursor.execute("BEGIN READ ONLY")
    cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(budget.left() * 1000))}")
    query = asked.pyformat() if parameters else asked.text()
    bound = dict(parameters) or None
    # ``binary`` chooses the protocol in which the server itself takes no second statement.
    if asked.word in _DECLARED:
        _send(cursor, f"DECLARE release_gate NO SCROLL CURSOR FOR {query}", bound)
        cursor.execute(f"FETCH FORWARD {most + 1} FROM release_gate")
    else:
        _send(cursor, query, bound)
    answer = _answer(cursor, most)
    cursor.execute("ROLLBACK")
    return answer


def _send(cursor: psycopg.Cursor[Any], query: str, bound: dict[str, Any] | None) -> None:
    cursor.execute(query.encode(), bound, prepare=False, binary=True)


def _console(connection: _Clamped, asked: Statement, most: int) -> Answer:
    if asked.word != "SHOW" or asked.named():
        raise ProbeProblem(
            "the DSN leads to the console of a pooler, which is asked with SHOW alone"
        )
    cursor = connection.cursor()
    cursor.execute(asked.text().encode())
    return _answer(cursor, most)


def _answer(cursor: psycopg.Cursor[Any], most: int) -> Answer:
    if cursor.description is None:
        raise ProbeFailed("PostgreSQL: the statement gave no rows and no columns")
    columns = tuple(column.name for column in cursor.description)
    return Answer(columns=columns, rows=tuple(cursor.fetchmany(most + 1)))


def _is_console(connection: _Clamped) -> bool:
    # PgBouncer's console says "1.18.0/bouncer"; a pooled database shows the server's version.
    version = connection.pgconn.parameter_status(b"server_version") or b""
    return version.endswith(b"/bouncer")


def _said(error: psycopg.Error) -> str:
    primary = error.diag.message_primary or str(error) or type(error).__name__
    code = f" ({error.sqlstate})" if error.sqlstate else ""
    return f"{primary.strip()}{code}"


class _Clamped(psycopg.Connection[Any]):
    """A connection whose every wait ends with the budget."""

    budget: Budget

    def wait(
        self,
        gen: Generator[Any, Any, Any],
        interval: float = 0.0,  # noqa: ARG002 - psycopg's signature
        timeout: float | None = None,  # noqa: ARG002 - psycopg's signature
    ) -> Any:
        """Drive one operation of psycopg; its own limits on time do not apply."""
        try:
            state = next(gen)
            while True:
                state = gen.send(_ready(self.pgconn.socket, state, self.budget))
        except StopIteration as end:
            return end.value


def _connection(dsn: str, world: ProbeWorld, budget: Budget) -> _Clamped:
    given = _parameters(dsn, world)
    pgconn = pq.PGconn.connect_start(make_conninfo(**_placed(given, world, budget)).encode())
    try:
        _finish(pgconn, budget)
    except BaseException:
        pgconn.finish()
        raise
    pgconn.nonblocking = 1
    connection = _Clamped(pgconn)
    connection.budget = budget
    connection.autocommit = True
    return connection


def _finish(pgconn: pq.abc.PGconn, budget: Budget) -> None:
    state = pq.PollingStatus.WRITING
    while state != pq.PollingStatus.OK:
        if pgconn.status == pq.ConnStatus.BAD or state == pq.PollingStatus.FAILED:
            said = pgconn.get_error_message().strip().splitlines()
            lines = [line for line in said if not line.startswith("\t")]  # the rest are hints
            last = _PLACE.sub("", lines[-1]) if lines else "no connection"
            raise ProbeFailed(f"PostgreSQL: {last}", transient=True)
        reading = state == pq.PollingStatus.READING
        _ready(pgconn.socket, Wait.R if reading else Wait.W, budget)
        state = pq.PollingStatus(pgconn.connect_poll())


def _ready(number: int, state: Wait, budget: Budget) -> Ready:
    with selectors.DefaultSelector() as selector:
        selector.register(number, int(state))
        found = selector.select(budget.left())
    if not found:
        raise ProbeFailed("PostgreSQL did not answer in time", transient=True)
    return Ready(found[0][1])


def _parameters(dsn: str, world: ProbeWorld) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(_for_libpq(dsn))
    except (psycopg.ProgrammingError, ValueError):
        # psycopg's own message quotes the DSN.
        raise ProbeProblem(
            "the DSN is not one that PostgreSQL's client library can read",
            remedy="Write postgresql://USER@HOST:PORT/DATABASE, with the password after the user.",
        ) from None
    if given.get("password"):
        world.hide(str(given["password"]))
    if given.get("service") or given.get("hostaddr"):
        raise ProbeProblem("the DSN has to name the host itself: no service, no hostaddr")
    return given


def _for_libpq(dsn: str) -> str:
    scheme, mark, _ = dsn.partition("://")
    if not mark or "+" not in scheme:
        return dsn
    parts = urlsplit(dsn)
    query = [
        ("sslmode" if key == "ssl" else key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if key not in _OF_ASYNCPG
    ]
    return urlunsplit(parts._replace(scheme="postgresql", query=urlencode(query)))


def _placed(given: dict[str, Any], world: ProbeWorld, budget: Budget) -> dict[str, Any]:
    """With every host replaced by its allowed addresses; the name stays for TLS."""
    hosts = str(given.get("host") or world.environment.get("PGHOST") or "").split(",")
    if hosts == [""]:
        raise ProbeProblem("the DSN names no host")
    ports = str(given.get("port") or world.environment.get("PGPORT") or _PORT).split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    if len(ports) != len(hosts) or not all(port.isdigit() for port in ports):
        raise ProbeProblem("the DSN needs one port, or one for each host")
    names, addresses, numbers = [], [], []
    for host, port in zip(hosts, ports, strict=True):
        for address in _addresses(host, port, world, budget):
            names.append(host)
            addresses.append(address)
            numbers.append(port)
    return {
        **given,
        "host": ",".join(names),
        "hostaddr": ",".join(addresses),
        "port": ",".join(numbers),
        "application_name": given.get("application_name") or "release-gate",
    }


def _addresses(host: str, port: str, world: ProbeWorld, budget: Budget) -> tuple[str, ...]:
    if host.startswith(("/", "@")):
        return ("",)  # a Unix socket: no host to look up, and no variable may name another
    found = tuple(str(sockaddr[0]) for _, sockaddr in resolved(host, int(port), budget))
    world.allowed(host, found)
    return found
