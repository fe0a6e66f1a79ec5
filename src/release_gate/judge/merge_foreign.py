"""Whether a report is about what is to be released, and judged by the same rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from release_gate.judge.needs import NamedReport, difference
from release_gate.judge.types import Report
from release_gate.model import Subject

# The clock that made the commit may go a little ahead of the one that judged it.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What all reports have to be about.

    Args:
        report: The one that stands for all others of its commit.
        subject: What it is about, without an environment.
        committed_at: When the commit was made; ``None``: not known.
    """

    report: Report
    subject: Subject
    committed_at: datetime | None

    @classmethod
    def of(
        cls, reports: Sequence[NamedReport], commit: str | None, committed_at: datetime | None
    ) -> Reference:
        """The reference among reports.

        Args:
            reports: By time; at least one.
            commit: What is to be released; ``None``: what most of them are about.
            committed_at: When it was made.
        """
        counts = Counter(one.report.subject.commit for one in reports)
        wanted = commit or max(counts, key=lambda one: (counts[one], one or ""))
        own = [one.report for one in reports if one.report.subject.commit == wanted]
        rules = Counter(one.policy_digest for one in own)
        most = [one for one in own if rules[one.policy_digest] == max(rules.values())]
        report = (most or [reports[0].report])[0]
        # Whichever names an artefact first says which one it is.
        artifacts = {item.name: item for one in reversed(own) for item in one.subject.artifacts}
        subject = replace(
            report.subject,
            commit=wanted,
            environment=None,
            artifacts=tuple(artifacts[name] for name in sorted(artifacts)),
        )
        return cls(report=report, subject=subject, committed_at=committed_at)


def foreign(report: Report, reference: Reference) -> str:
    """Why a report does not belong to the others; empty if it does.

    Args:
        report: Any.
        reference: What it has to be about.
    """
    return (
        _about(report, reference)
        or _judged_otherwise(report, reference.report)
        or _too_old(report, reference.committed_at)
    )


def _about(report: Report, reference: Reference) -> str:
    differing = difference(report.subject, reference.subject)
    if differing:
        return f"is about {differing}"
    if report.paths:
        return f"looked at {report.paths[0]} alone, not at everything"
    if report.partial and not report.planned:
        return "does not say which gates its phase expects"
    return ""


def _judged_otherwise(report: Report, other: Report) -> str:
    if report.policy_digest != other.policy_digest:
        return (
            f"was judged by another policy: {report.policy_digest[:12] or 'none'}, "
            f"not {other.policy_digest[:12] or 'none'}"
        )
    if report.replayed != other.replayed or (
        report.replayed and report.effective_time != other.effective_time
    ):
        return f"was judged as of {report.effective_time}"
    return ""


def _too_old(report: Report, committed_at: datetime | None) -> str:
    if committed_at is None:
        return ""
    try:
        started = datetime.fromisoformat(report.started_at)
    except ValueError:
        return f"does not say when it was made ({report.started_at or 'nothing'!r})"
    if started.utcoffset() is None:
        return f"does not say when it was made ({report.started_at!r} has no time zone)"
    if started + SKEW < committed_at:
        return (
            f"is older than the commit: {report.started_at}, not after {committed_at.isoformat()}"
        )
    return ""
