"""wrk and wrk2: the text that they print; percentiles only with ``--latency``.

Format: github.com/wg/wrk, ``src/wrk.c``. Units stand behind each number: us, ms, s, m, h.
Socket errors are not among the requests that it counts.
"""

from __future__ import annotations

import re
from fractions import Fraction

from release_gate.subjects.load.reports.types import LoadReport, checked, unusable

TOOL = "wrk"
_UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6}
_AMOUNT = r"(\d+(?:\.\d+)?)(us|ms|s|m|h)"
_TOTAL = re.compile(rf"^\s*(\d+) requests in {_AMOUNT}, ", re.MULTILINE)
_LEVEL = re.compile(rf"^\s*(\d+(?:\.\d+)?)%\s+{_AMOUNT}\s*$", re.MULTILINE)
_LATENCY = re.compile(rf"^\s*Latency\s+{_AMOUNT}\s+{_AMOUNT}\s+{_AMOUNT}\s", re.MULTILINE)
_SOCKET = re.compile(
    r"^\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)\s*$", re.MULTILINE
)
_STATUS = re.compile(r"^\s*Non-2xx or 3xx responses: (\d+)\s*$", re.MULTILINE)
_END = re.compile(r"^Requests/sec:\s+\d", re.MULTILINE)


def recognized(text: str) -> bool:
    """Whether text looks like what wrk prints."""
    return bool(re.search(r"^Running .+ test @ ", text, re.MULTILINE))


def read(text: str) -> LoadReport:
    """The report.

    Raises:
        ToolProblem: If its end is missing.
    """
    total = _TOTAL.search(text)
    if total is None or not _END.search(text):
        raise unusable(TOOL, "has no end: it is cut off")
    sockets, statuses = _SOCKET.search(text), _STATUS.search(text)
    lost = sum(map(int, sockets.groups())) if sockets else 0
    wrong = int(statuses[1]) if statuses else 0
    percentiles = {
        Fraction(level) / 100: float(amount) * _UNITS[unit]
        for level, amount, unit in _LEVEL.findall(text)
    }
    if slowest := _LATENCY.search(text):
        percentiles[Fraction(1)] = float(slowest[5]) * _UNITS[slowest[6]]
    return checked(
        LoadReport(
            tool=TOOL,
            requests=int(total[1]) + lost,
            failed=wrong + lost,
            duration_s=float(total[2]) * _UNITS[total[3]] / 1e6,
            percentiles_us=percentiles,
            rounding_us={level: value * 0.005 for level, value in percentiles.items()},
            notes=("wrk is a closed loop: a stall hides in it",),
        )
    )
