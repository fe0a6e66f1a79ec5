"""Leeway: days in which a newly published advisory does not block yet.

An advisory can turn a change red that has nothing to do with it. Within its days it is shown
and does not count, unless the change itself brought the package, or it is critical. What has no
date, lies in the future, or is not told apart from the change, gets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from release_gate.judge.budgets import counts_as
from release_gate.judge.types import JudgedFinding, State
from release_gate.model import Finding, Leeway, Severity

_KIND = "dependency"


def with_leeway(
    findings: Sequence[JudgedFinding], leeway: Leeway | None, moment: datetime
) -> tuple[JudgedFinding, ...]:
    """Findings, those of young advisories not enforced.

    Args:
        findings: With their state.
        leeway: Days allowed; ``None``: none.
        moment: To judge at, aware.
    """
    return tuple(_judged(item, leeway, moment) for item in findings)


def _judged(item: JudgedFinding, leeway: Leeway | None, moment: datetime) -> JudgedFinding:
    if item.state is not State.NEW or item.finding.identity.kind != _KIND:
        return item
    until = _until(item.finding, leeway) if leeway is not None else None
    origin = _origin(item.finding)
    today = moment.astimezone(UTC).date()
    published = _published(item.finding)
    if until is None or published is None or not published <= today < until:
        return replace(item, since=origin)
    return replace(item, enforced=False, since=f"{origin}; it blocks from {until.isoformat()}")


def _until(finding: Finding, leeway: Leeway) -> date | None:
    """The first day on which it blocks; ``None``: it blocks already."""
    excused = finding.in_change is False and not finding.always_blocks
    published = _published(finding)
    if not excused or published is None or counts_as(finding.severity) is Severity.CRITICAL:
        return None
    # Not known whether there is a fix: the shorter time.
    days = {
        True: leeway.with_fix,
        False: leeway.without_fix,
        None: min(leeway.with_fix, leeway.without_fix),
    }[finding.fixable]
    return published + timedelta(days=days)


def _origin(finding: Finding) -> str:
    if finding.in_change:
        return "your change brought it"
    of = f" of {finding.published[:10]}" if finding.published else ""
    return f"advisory{of}, not your change" if finding.in_change is False else ""


def _published(finding: Finding) -> date | None:
    """The day in UTC, whatever zone the advisory wrote it in; ``None`` if it is no date."""
    try:
        moment = datetime.fromisoformat(finding.published)
    except ValueError:
        return None
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
