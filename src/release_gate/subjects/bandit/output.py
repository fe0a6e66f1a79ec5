"""Bandit's JSON report (1.9 line).

``metrics`` has a key for every file that was opened, also for those it could not parse, which
stand in ``errors`` while the exit code is 0. ``_totals`` counts what ``results`` lists.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from release_gate.api import Completed, ToolProblem
from release_gate.subjects.source.parsing import json_as

TOTALS = "_totals"
LEVELS = ("UNDEFINED", "LOW", "MEDIUM", "HIGH")


class Unread(msgspec.Struct, frozen=True):
    """A file that bandit could not scan to its end."""

    filename: str
    reason: str


class Weakness(msgspec.Struct, frozen=True):
    """The weakness class of a result."""

    id: int | None = None
    link: str = ""


class Result(msgspec.Struct, frozen=True):
    """One finding; lines are one-based, columns zero-based."""

    filename: str
    test_id: str
    test_name: str
    issue_severity: str
    issue_confidence: str
    issue_text: str
    line_number: int
    line_range: list[int]
    more_info: str
    col_offset: int = -1
    issue_cwe: Weakness = Weakness()


class Report(msgspec.Struct, frozen=True):
    """The whole file."""

    errors: list[Unread]
    metrics: dict[str, dict[str, int]]
    results: list[Result]

    @property
    def opened(self) -> frozenset[str]:
        """Names of all files that were opened, as printed."""
        return frozenset(self.metrics) - {TOTALS}

    @property
    def hidden(self) -> int:
        """Lines and single tests that ``nosec`` took away."""
        totals = self.metrics[TOTALS]
        return totals.get("nosec", 0) + totals.get("skipped_tests", 0)


def read_report(file: Path, done: Completed) -> Report:
    """Read the report of a run and hold it against itself and the exit code.

    Args:
        file: Where bandit was told to write.
        done: The run.

    Raises:
        ToolProblem: If the report is missing, cut off, of another shape, or contradicts
            itself or the exit code.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ToolProblem(
            f"bandit ended with exit code {done.exit_code} and left no report", done.log
        ) from error
    report = json_as(Report, content, tool="bandit", log=done.log)
    if TOTALS not in report.metrics:
        raise ToolProblem("bandit's report has no totals", done.log)
    totals = report.metrics[TOTALS]
    counted = sum(totals.get(f"SEVERITY.{level}", 0) for level in LEVELS)
    if counted != len(report.results):
        raise ToolProblem(
            f"bandit counts {counted} results and lists {len(report.results)}", done.log
        )
    if (done.exit_code == 1) != bool(report.results):
        raise ToolProblem(
            f"bandit ended with exit code {done.exit_code} and lists {len(report.results)} "
            "results: one of them is wrong",
            done.log,
        )
    return report
