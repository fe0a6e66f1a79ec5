"""What a load tool's report says, in one form, and how its fields are taken out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from release_gate.errors import ToolProblem


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadReport:
    """A load tool's own numbers.

    Args:
        tool: Its name.
        requests: How many requests were answered or failed.
        failed: How many of them failed.
        duration_s: Seconds.
        percentiles_us: Microseconds by level, 0 (fastest) to 1 (slowest); as precise as reported.
        rounding_us: By how much a percentile may have been rounded, by level.
        ended_at: When it ended, seconds of the Unix epoch; ``None`` where the report does not say.
        dropped: Requests that were due and that the tool could not send.
        broken: The tool's own thresholds that were missed.
        notes: What misleads in this tool's numbers.
    """

    tool: str
    requests: int
    failed: int
    duration_s: float
    percentiles_us: Mapping[Fraction, float]
    rounding_us: Mapping[Fraction, float]
    ended_at: float | None = None
    dropped: int = 0
    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def unusable(tool: str, what: str) -> ToolProblem:
    """A report that cannot be judged."""
    return ToolProblem(
        f"the {tool} report {what}", remedy="Run the load test again, and keep its whole output."
    )


def parsed(content: bytes) -> Any:
    """JSON without repeated keys and without NaN.

    Raises:
        ValueError: If it is anything else.
    """
    return json.loads(content, object_pairs_hook=_unique, parse_constant=_no_number)


def table(tool: str, values: Any, key: str) -> dict[str, Any]:
    """A table within another.

    Raises:
        ToolProblem: If it is not there.
    """
    found = values.get(key) if isinstance(values, dict) else None
    if not isinstance(found, dict):
        raise unusable(tool, f'has no table "{key}": it is cut off or of an unknown version')
    return found


def number(tool: str, values: Mapping[str, Any], key: str) -> float:
    """A finite number that is not negative.

    Raises:
        ToolProblem: If it is not there.
    """
    found = values.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise unusable(tool, f'has no number "{key}": it is cut off or of an unknown version')
    if found < 0:
        raise unusable(tool, f'says {found} for "{key}"')
    return float(found)


def count(tool: str, values: Mapping[str, Any], key: str) -> int:
    """A whole number.

    Raises:
        ToolProblem: If it is not there, or not whole.
    """
    found = number(tool, values, key)
    if found != int(found):
        raise unusable(tool, f'says {found} for "{key}", which is no count')
    return int(found)


def checked(report: LoadReport) -> LoadReport:
    """The report, if its numbers can stand beside one another.

    Raises:
        ToolProblem: If more requests failed than there were, it took no time, or a higher
            percentile is below a lower one.
    """
    if not 0 <= report.failed <= report.requests:
        raise unusable(report.tool, f"says {report.failed} of {report.requests} requests failed")
    if report.requests and not (report.duration_s > 0 and math.isfinite(report.duration_s)):
        raise unusable(report.tool, "says that the load took no time")
    values = [value for _, value in sorted(report.percentiles_us.items())]
    if any(not math.isfinite(value) for value in values) or values != sorted(values):
        raise unusable(report.tool, "has percentiles that do not rise")
    return report


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")
