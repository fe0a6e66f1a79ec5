"""Probe ``sql``: one statement that reads, and its rows."""

from __future__ import annotations

from typing import Any

import msgspec

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.probes.values import shown
from release_gate.subjects.services.about import about, need
from release_gate.subjects.services.sql_text import Statement, statement
from release_gate.subjects.services.sql_values import Answer, values_of
from release_gate.subjects.services.variables import hide_password, variable

_SHOWN_ROWS = 10
_NO_SHARE = Unreadable(reason='the check names no "share"')
_POSTGRES = {"postgresql", "postgres"}

Scalar = str | int | float | bool | None


class SqlSettings(ProbeSettings, frozen=True, kw_only=True):
    """What to ask which database.

    Args:
        dsn_env: Name of the environment variable that holds the database URL.
        query: One SELECT (WITH, VALUES, TABLE, SHOW, EXPLAIN); parameters written ``:name``.
        parameters: Values to bind, by name.
        max_rows: More rows than these are an error: nothing is judged on a part.
        share: Two columns, the used and the whole: gives ``share``, the largest quotient.
        console: The DSN leads to a pooler's console (PgBouncer's is recognised).
        read_only_account: The account can only read; needed where the database has no
            read-only transactions.
    """

    dsn_env: str
    query: str
    parameters: dict[str, Scalar] = msgspec.field(default_factory=dict)
    max_rows: int = 1000
    share: tuple[str, str] | None = None
    console: bool = False
    read_only_account: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not be asked.

        Raises:
            ValueError: If the query is not one statement that reads, or no row is allowed.
        """
        if self.max_rows < 1:
            raise ValueError("max-rows must be 1 or more")
        statement(self.query, self.parameters)


def _look(settings: SqlSettings, world: ProbeWorld, budget: Budget) -> Observation:
    asked = statement(settings.query, settings.parameters)
    dsn = variable(settings.dsn_env, world)
    hide_password(dsn, world)
    started = world.clock.monotonic()
    with about(settings.dsn_env):
        answer = _asked(dsn, asked, settings, world, budget)
        duration = world.clock.monotonic() - started
        values = values_of(answer, settings.max_rows)
        values["share"] = _NO_SHARE
        if settings.share:
            values["share"] = _share(values["rows"], *settings.share)
    return Observation(
        values={**values, "duration": duration},
        line=f"{asked.word} on {settings.dsn_env}: {values['count']} rows",
        excerpt=tuple(shown(row) for row in values["rows"][:_SHOWN_ROWS]),
    )


def _asked(
    dsn: str, asked: Statement, settings: SqlSettings, world: ProbeWorld, budget: Budget
) -> Answer:
    scheme = dsn.partition("://")[0].partition("+")[0].lower() if "://" in dsn else "postgresql"
    arguments: tuple[Any, ...] = (dsn, asked, settings.parameters, settings.max_rows, world, budget)
    if scheme == "sqlite":
        from release_gate.subjects.services import sql_sqlite  # noqa: PLC0415 - as asked for

        return sql_sqlite.ask(*arguments)
    if scheme in _POSTGRES:
        need("psycopg", "postgresql")
        from release_gate.subjects.services import sql_postgres  # noqa: PLC0415 - an extra

        return sql_postgres.ask(*arguments, console=settings.console)
    need("sqlalchemy", "sqlalchemy")
    from release_gate.subjects.services import sql_others  # noqa: PLC0415 - an extra

    return sql_others.ask(*arguments, read_only_account=settings.read_only_account)


def _share(rows: list[dict[str, Any]], used: str, whole: str) -> float:
    shares = []
    for row in rows:
        if row.get(used) is None or not row.get(whole):
            raise ProbeFailed(f"no share of {used} in {whole}: a row holds {row}")
        shares.append(float(row[used]) / float(row[whole]))
    if not shares:
        raise ProbeFailed(f"no share of {used} in {whole}: the answer has no row")
    return max(shares)


def _shown(settings: SqlSettings) -> tuple[str, ...]:
    bound = (f"  :{name} = {value!r}" for name, value in sorted(settings.parameters.items()))
    return (f"sql on {settings.dsn_env}: {settings.query}", *bound)


PROBE: Probe[SqlSettings] = Probe(
    name="sql",
    settings=SqlSettings,
    offered=frozenset({"rows", "count", "value", "columns", "share", "duration"}),
    writes=lambda _settings: False,
    fillable=frozenset({"parameters.*"}),
    shown=_shown,
    look=_look,
)
