"""Another tool's report as evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from release_gate.errors import ReleaseGateError, ToolProblem
from release_gate.model import (
    Evidence,
    Examined,
    Fact,
    Finding,
    Identity,
    Limit,
    Limitation,
    Problem,
    Severity,
)
from release_gate.ports import Context
from release_gate.subjects.load import figures, judging
from release_gate.subjects.load.reports.detect import read
from release_gate.subjects.load.reports.types import LoadReport
from release_gate.subjects.load.settings import LoadSettings, limits


def run(ctx: Context, settings: LoadSettings) -> Evidence:
    """Read the report, and tell what it says.

    Raises:
        ToolProblem: If it is missing, empty, cut off, of no known tool, or contradicts itself.
    """
    place = ctx.project.root / settings.report
    try:
        content, written_at = place.read_bytes(), place.stat().st_mtime
    except OSError as error:
        raise ToolProblem(
            f"the load report {settings.report} cannot be read: {error.strerror}",
            remedy="Run the load test first, and name its result in report.",
        ) from error
    report = read(content, settings.format)
    found = judging.figures(report, settings.aims()) if report.requests else ()
    problems, note = _age(ctx, settings.report, report.ended_at or written_at)
    rounded = "limits are compared with the values of the report, not with bounds"
    return Evidence(
        examined=Examined(unit="load reports", count=1),
        findings=tuple(_broken(report, settings.report)),
        metrics=found,
        problems=problems,
        limitations=tuple(_limitations(report, limits(settings), {one.name for one in found})),
        tables=(figures.table(found),) if found else (),
        notes=(
            f"{report.requests:,} requests by {report.tool}",
            *([rounded] if settings.judged_on == "value" else []),
            *report.notes,
            *note,
        ),
        data=(Fact(name=settings.report, value=hashlib.sha256(content).hexdigest()),),
    )


def _broken(report: LoadReport, path: str) -> Iterator[Finding]:
    for text in report.broken:
        yield Finding(
            tool=report.tool,
            rule_id="threshold-broken",
            severity=Severity.HIGH,
            message=f"a threshold of the load test's own was missed: {text}",
            identity=Identity(kind="item", key=(report.tool, text)),
            path=path,
            fix="Make the service keep to it, or change it in the load test.",
        )


def _limitations(
    report: LoadReport, wanted: tuple[Limit, ...], present: set[str]
) -> Iterator[Limitation]:
    if not report.requests:
        detail = f"the {report.tool} report holds no request: its percentiles mean nothing"
        yield Limitation(name="no-samples", detail=detail)
        return
    for limit in wanted:
        if limit.metric not in present:
            detail = f"the {report.tool} report has no {limit.metric}, which has a limit"
            yield Limitation(name="no-samples", detail=detail)
    if report.dropped:
        detail = f"{report.tool} could not send {report.dropped:,} requests that were due"
        yield Limitation(name="generator-starved", detail=detail)


def _age(ctx: Context, name: str, ended_at: float) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """A report of before the commit says nothing of it."""
    committed_at = _committed_at(ctx)
    if committed_at is None:
        return (), ("the report's age was not compared with the commit: git does not say",)
    if ended_at >= committed_at:
        return (), ()
    problem = Problem(
        what=f"the load report {name} is older than the commit",
        remedy="Run the load test against this release.",
        path=name,
        slug="report-too-old",
    )
    return (problem,), ()


def _committed_at(ctx: Context) -> int | None:
    try:
        done = ctx.runner.run(["git", "show", "-s", "--format=%ct", "HEAD"])
    except ReleaseGateError:
        return None  # said in a note: no git is a mode of its own
    text = done.stdout.decode("ascii", "replace").strip()
    return int(text) if done.exit_code == 0 and text.isdigit() else None
