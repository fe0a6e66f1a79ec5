"""Whether what had to pass before did, for the very same thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from release_gate.judge.types import Report, Verdict
from release_gate.model import Problem, Subject
from release_gate.trust import Need

_SLUG = "needed-before"
_DEPLOYED = "post-deploy"


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedReport:
    """A stored report and what to call it.

    Args:
        name: Of its file.
        report: Its content, read with distrust.
    """

    name: str
    report: Report


def unmet(
    needs: Sequence[Need], subject: Subject, phase: str, reports: Sequence[NamedReport]
) -> tuple[Problem, ...]:
    """What had to pass before and did not; a report that is not there did not pass.

    Args:
        needs: Of the run.
        subject: What it judges.
        phase: Its phase.
        reports: Of runs before, in any order.
    """
    return tuple(problem for need in needs for problem in _of_need(need, subject, phase, reports))


def _of_need(
    need: Need, subject: Subject, phase: str, reports: Sequence[NamedReport]
) -> Iterator[Problem]:
    about = [one for one in reports if _is_about(need, one.report, subject, phase)]
    if not about:
        yield Problem(
            what=f"there is no report of {need}, which has to pass before",
            remedy=f"Run {need} first, and name its report with --report.",
            slug=_SLUG,
        )
    for one in about:
        why = why_not(one.report, subject) or _undigested(need, one.report, subject)
        if why:
            yield Problem(
                what=f"{need} has to pass before: {one.name} {why}",
                remedy=f"Run {need} for what is to be released, until it passes.",
                slug=_SLUG,
            )


def _is_about(need: Need, report: Report, subject: Subject, phase: str) -> bool:
    if need.kind == "phase":
        same_place = report.subject.environment in (None, subject.environment)
        return report.phase == need.name and same_place
    return report.subject.environment == need.name and report.phase in (phase, _DEPLOYED)


def _undigested(need: Need, report: Report, subject: Subject) -> str:
    """An environment before has to have had the very artefacts, not only the same commit."""
    there = {item.name for item in report.subject.artifacts}
    missing = sorted({item.name for item in subject.artifacts} - there)
    if need.kind == "phase" or not missing:
        return ""
    return f"does not say which {missing[0]} it is about"


def why_not(report: Report, subject: Subject) -> str:
    """Why a report does not show that this very thing passed; empty if it does.

    Args:
        report: Of a run before.
        subject: What is to be released.
    """
    differing = difference(report.subject, subject)
    if differing:
        return f"is about {differing}"
    if report.partial or report.paths:
        return "is a part"
    if report.replayed:
        return "is judged as of another time"
    if report.verdict is not Verdict.PASS:
        return f"says {report.verdict}"
    return ""


def difference(one: Subject, other: Subject) -> str:
    """In what one subject is not the other, the environment aside; empty if in nothing."""
    if one.commit != other.commit:
        return f"the commit {short(one.commit)}, not {short(other.commit)}"
    if one.repository != other.repository:
        return f"{one.repository}, not {other.repository}"
    if one.tree != other.tree and (one.commit is None or one.dirty or other.dirty):
        return "other files" if one.commit is None else "files that are not committed"
    mine = {item.name: item.sha256 for item in one.artifacts}
    theirs = {item.name: item.sha256 for item in other.artifacts}
    for name in sorted(mine.keys() & theirs.keys()):
        if mine[name] != theirs[name]:
            return f"another {name}: sha256 {mine[name][:12]}, not {theirs[name][:12]}"
    return ""


def short(commit: str | None) -> str:
    """A commit for people."""
    return commit[:12] if commit else "none"
