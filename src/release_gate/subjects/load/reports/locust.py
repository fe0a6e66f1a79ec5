"""Locust: ``PREFIX_stats.csv`` of ``--csv``, and the JSON of ``--json`` or ``--json-file``.

Format: docs.locust.io, "retrieve stats". Times are milliseconds, rounded to two significant
digits from 100 on. Of the CSV the row ``Aggregated`` counts; the JSON has none, and is added up.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from fractions import Fraction
from typing import Any

from release_gate.subjects.load.reports.types import (
    LoadReport,
    checked,
    count,
    number,
    table,
    unusable,
)
from release_gate.subjects.statistics.quantiles import quantile

TOOL = "Locust"
_MS = 1000.0
_HEADER = "Type,Name,Request Count,Failure Count"
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_PER_MILLE = [Fraction(part, 1000) for part in range(500, 1001)]
_NOTES = ("Locust is a closed loop: a stall hides in it",)


def recognized_csv(text: str) -> bool:
    """Whether text looks like the statistics of Locust."""
    return text.lstrip("\ufeff").startswith(_HEADER)


def recognized(values: Any) -> bool:
    """Whether parsed JSON looks like the statistics of Locust."""
    return (
        isinstance(values, list)
        and all(isinstance(one, dict) for one in values)
        and all("num_requests" in one and "response_times" in one for one in values)
    )


def read_csv(text: str) -> LoadReport:
    """The report.

    Raises:
        ToolProblem: If the aggregated row is missing or a number is.
    """
    rows = [row for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff"))) if row]
    rows = [row for row in rows if row.get("Name") == "Aggregated" and not row.get("Type")]
    if len(rows) != 1:
        raise unusable(TOOL, f"has {len(rows)} aggregated rows: it is cut off")
    row = {key: _amount(value) for key, value in rows[0].items() if key and value}
    requests = count(TOOL, row, "Request Count")
    rate = number(TOOL, row, "Requests/s") if requests else 0.0
    percentiles = {
        Fraction(match[1]) / 100: number(TOOL, row, key) * _MS
        for key in row
        if requests and (match := _PERCENT.fullmatch(key))
    }
    return checked(
        LoadReport(
            tool=TOOL,
            requests=requests,
            failed=count(TOOL, row, "Failure Count"),
            duration_s=requests / rate if rate else 0.0,
            percentiles_us=percentiles,
            rounding_us={level: _rounding(value) for level, value in percentiles.items()},
            notes=_NOTES,
        )
    )


def read(values: Any) -> LoadReport:
    """The report.

    Raises:
        ToolProblem: If something is missing or contradicts itself.
    """
    if not values:
        raise unusable(TOOL, "is an empty list")
    times: Counter[int] = Counter()
    for entry in values:
        for text in (found := table(TOOL, entry, "response_times")):
            times[int(float(text) * _MS)] += count(TOOL, found, text)
    requests = sum(count(TOOL, entry, "num_requests") for entry in values)
    if sum(times.values()) + sum(_untimed(entry) for entry in values) != requests:
        raise unusable(TOOL, f"has other counts of response times than its {requests} requests")
    ordered = sorted(times.elements())
    percentiles = {level: float(quantile(ordered, level)) for level in _PER_MILLE if ordered}
    if ordered:
        percentiles[Fraction(0)] = float(ordered[0])
    return checked(
        LoadReport(
            tool=TOOL,
            requests=requests,
            failed=sum(count(TOOL, entry, "num_failures") for entry in values),
            duration_s=_duration(values),
            percentiles_us=percentiles,
            rounding_us={level: _rounding(value) for level, value in percentiles.items()},
            ended_at=max(number(TOOL, entry, "last_request_timestamp") for entry in values),
            notes=_NOTES,
        )
    )


def _untimed(entry: dict[str, Any]) -> int:
    return count(TOOL, entry, "num_none_requests") if "num_none_requests" in entry else 0


def _duration(values: Any) -> float:
    start = min(number(TOOL, entry, "start_time") for entry in values)
    return max(number(TOOL, entry, "last_request_timestamp") for entry in values) - start


def _amount(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text  # N/A where there was no request, which no reader of a number takes


def _rounding(microseconds: float) -> float:
    """Half a step of Locust's rounding (``stats.py``, ``_log_response_time``)."""
    for below, step in ((100, 1), (1000, 10), (10000, 100)):
        if microseconds < below * _MS:
            return step / 2 * _MS
    return 500 * _MS
