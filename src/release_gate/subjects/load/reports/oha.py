"""oha: ``--output-format json`` (``--json`` in older releases).

Format: github.com/hatoo/oha, ``schema.json``. Times are seconds. ``successRate`` counts every
answer, a 500 too, so that failures are counted from the distribution of status codes.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from release_gate.subjects.load.reports.types import LoadReport, checked, count, number, table

TOOL = "oha"
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")
_ENDED = "aborted due to deadline"
_SECONDS = 1_000_000.0
_GOOD = range(200, 400)
_LOOP = "oha is a closed loop unless it ran with -q and --latency-correction: a stall hides in it"


def recognized(values: Any) -> bool:
    """Whether parsed JSON looks like a result of oha."""
    return isinstance(values, dict) and {"summary", "latencyPercentiles"} <= values.keys()


def read(values: Any) -> LoadReport:
    """The report.

    Raises:
        ToolProblem: If something is missing or contradicts itself.
    """
    summary = table(TOOL, values, "summary")
    codes = table(TOOL, values, "statusCodeDistribution")
    errors = table(TOOL, values, "errorDistribution")
    answered = sum(count(TOOL, codes, code) for code in codes)
    good = sum(count(TOOL, codes, code) for code in codes if int(code) in _GOOD)
    # Requests that were under way at the end of the run are neither answered nor failed.
    broken = sum(count(TOOL, errors, text) for text in errors if text != _ENDED)
    percentiles = _percentiles(values, summary) if answered else {}
    return checked(
        LoadReport(
            tool=TOOL,
            requests=answered + broken,
            failed=answered - good + broken,
            duration_s=number(TOOL, summary, "total"),
            percentiles_us=percentiles,
            rounding_us=dict.fromkeys(percentiles, 0.0),
            notes=(_LOOP,),
        )
    )


def _percentiles(values: Any, summary: dict[str, Any]) -> dict[Fraction, float]:
    found = {
        Fraction(0): number(TOOL, summary, "fastest") * _SECONDS,
        Fraction(1): number(TOOL, summary, "slowest") * _SECONDS,
    }
    levels = table(TOOL, values, "latencyPercentiles")
    for key in levels:
        if match := _PERCENTILE.fullmatch(key):
            found[Fraction(match[1]) / 100] = number(TOOL, levels, key) * _SECONDS
    return found
