"""One statement to a SQLite file that is opened for reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.services.sql_text import Statement
from release_gate.subjects.services.sql_values import Answer

_STEPS = 10_000


def ask(
    dsn: str,
    asked: Statement,
    parameters: Mapping[str, Any],
    most: int,
    world: ProbeWorld,
    budget: Budget,
) -> Answer:
    """Ask a file named like ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    Raises:
        ProbeFailed: If it is not there, is no database, or refuses the query.
        ProbeProblem: If the DSN names no file.
    """
    path = _path(dsn, world.root)
    if not path.is_file():
        raise ProbeFailed("the SQLite file that the DSN names is not there")
    try:
        with closing(_opened(path, budget)) as connection:
            cursor = connection.execute(asked.text(), dict(parameters))
            rows = cursor.fetchmany(most + 1)
            columns = tuple(column[0] for column in cursor.description or ())
    except sqlite3.Error as error:
        budget.left()
        raise ProbeFailed(f"SQLite: {error}") from None
    return Answer(columns=columns, rows=tuple(rows))


def _path(dsn: str, root: Path) -> Path:
    rest = dsn.partition("://")[2].partition("?")[0]
    name = unquote(rest.removeprefix("/"))
    if not name or name == ":memory:":
        raise ProbeProblem(
            "the DSN names no SQLite file", remedy="Write sqlite:///file.db, or four slashes."
        )
    return root / name


def _opened(path: Path, budget: Budget) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, timeout=budget.left(), isolation_level=None
    )
    connection.execute("PRAGMA query_only = ON")

    def over() -> int:
        try:
            budget.left()
        except ProbeFailed:
            return 1
        return 0

    # The only time-out that SQLite has: asked now and then whether to give up.
    connection.set_progress_handler(over, _STEPS)
    return connection
