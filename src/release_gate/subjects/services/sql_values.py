"""Rows of a database as plain values: what an expectation can compare and a report can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from release_gate.subjects.probes.contract import ProbeFailed, ProbeProblem, Unreadable


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a database sent.

    Args:
        columns: Names, in order.
        rows: As the driver gave them; at most one more than were allowed.
    """

    columns: tuple[str, ...]
    rows: tuple[Sequence[Any], ...]


def values_of(answer: Answer, most: int) -> dict[str, Any]:
    """``rows``, ``count``, ``columns``, and ``value`` where there is exactly one.

    Args:
        answer: What came.
        most: Rows that are allowed.

    Raises:
        ProbeFailed: If a number is none (NaN) or infinite.
        ProbeProblem: If there are more rows than allowed, or two columns of one name.
    """
    twice = sorted({name for name in answer.columns if answer.columns.count(name) > 1})
    if twice:
        raise ProbeProblem(
            f"the answer has two columns named {', '.join(twice)}",
            remedy="Give each column its own name with AS.",
        )
    if len(answer.rows) > most:
        raise ProbeProblem(
            f"the answer has more than {most} rows",
            remedy='Count or limit them in the query, or raise "max-rows".',
        )
    rows = [
        {name: plain(value, name) for name, value in zip(answer.columns, row, strict=True)}
        for row in answer.rows
    ]
    values: dict[str, Any] = {"rows": rows, "count": len(rows), "columns": list(answer.columns)}
    if len(rows) == 1 and len(answer.columns) == 1:
        values["value"] = rows[0][answer.columns[0]]
    elif rows:
        size = f"{len(rows)} rows of {len(answer.columns)} columns"
        values["value"] = Unreadable(reason=f"the answer is {size}, not one of one")
    return values


def plain(value: Any, name: str) -> Any:
    """A value as text, number, boolean, ``None``, list or mapping.

    Exact decimals become the nearest floating-point number; times are ISO 8601, lengths of
    time seconds, bytes hexadecimal.

    Raises:
        ProbeFailed: If it is NaN or infinite: such a number passes no limit and fails none.
    """
    if isinstance(value, Decimal | float) and not math.isfinite(value):
        raise ProbeFailed(f"the column {name} holds {value}, which is no number to judge by")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner, name) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner, name) for inner in value]
    return _converted(value)


def _converted(value: Any) -> Any:
    if isinstance(value, Decimal):
        whole = int(value)
        return whole if value == whole else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)
