"""vegeta: ``vegeta report -type=json``.

Format: github.com/tsenart/vegeta, ``lib/metrics.go``. Times are nanoseconds. Status code 0 stands
for no answer at all.
"""

from __future__ import annotations

from datetime import datetime
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

TOOL = "vegeta"
_LEVELS = {
    "min": Fraction(0),
    "50th": Fraction(1, 2),
    "90th": Fraction(9, 10),
    "95th": Fraction(95, 100),
    "99th": Fraction(99, 100),
    "max": Fraction(1),
}
_NANOSECONDS = 1000.0
_GOOD = range(200, 400)


def recognized(values: Any) -> bool:
    """Whether parsed JSON looks like a report of vegeta."""
    return isinstance(values, dict) and {"latencies", "status_codes", "requests"} <= values.keys()


def read(values: Any) -> LoadReport:
    """The report.

    Raises:
        ToolProblem: If something is missing or contradicts itself.
    """
    latencies, codes = table(TOOL, values, "latencies"), table(TOOL, values, "status_codes")
    requests = count(TOOL, values, "requests")
    if sum(count(TOOL, codes, code) for code in codes) != requests:
        raise unusable(TOOL, f"counts other outcomes than its {requests} requests")
    good = sum(count(TOOL, codes, code) for code in codes if int(code) in _GOOD)
    whole = number(TOOL, values, "duration") + number(TOOL, values, "wait")
    names = [name for name in _LEVELS if name in latencies] if requests else []
    percentiles = {_LEVELS[name]: number(TOOL, latencies, name) / _NANOSECONDS for name in names}
    return checked(
        LoadReport(
            tool=TOOL,
            requests=requests,
            failed=requests - good,
            duration_s=whole / 1e9,
            percentiles_us=percentiles,
            rounding_us=dict.fromkeys(percentiles, 0.0),
            ended_at=_moment(values.get("end")),
        )
    )


def _moment(text: Any) -> float | None:
    """Go writes nanoseconds, of which Python reads six digits."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise unusable(TOOL, f'has no moment "end": {text}') from error
