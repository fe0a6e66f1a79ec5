"""Findings and problems in words, and which of them a view shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from release_gate.judge.types import GateResult, JudgedFinding, State, WaiverUse
from release_gate.model import BaseRef, Problem
from release_gate.report.clean import clean, one_line
from release_gate.report.view.types import FindingView, ProblemView, SourceLine
from release_gate.report.view.waivers import excuse

# Every failing gate shows this many before the gravest of all gates fill the rest.
_OF_EACH_GATE = 3
_LONGEST_SOURCE = 300

_WEB_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[A-Za-z0-9._~/?#=&%+,;-]*)?"
)
_PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")


def blocking(gate: GateResult) -> list[JudgedFinding]:
    """Findings that count, gravest first."""
    return sorted((item for item in gate.findings if _counts(item)), key=_gravest_first)


def others(gate: GateResult) -> list[JudgedFinding]:
    """New findings that do not count."""
    return sorted(
        (f for f in gate.findings if f.state is State.NEW and not f.enforced), key=_gravest_first
    )


def accepted(gate: GateResult) -> list[JudgedFinding]:
    """Known and waived findings."""
    return sorted((f for f in gate.findings if f.state is not State.NEW), key=_gravest_first)


def shares(counts: Sequence[Sequence[JudgedFinding]], cap: int) -> list[int]:
    """How many of each gate's findings are shown so that ``cap`` are shown in all.

    Args:
        counts: Findings by gate, gravest first in each.
        cap: The most in all; every gate comes first with a few of its own.
    """
    order = sorted(
        (index >= _OF_EACH_GATE, item.finding.severity.rank, gate, index)
        for gate, items in enumerate(counts)
        for index, item in enumerate(items)
    )
    chosen = [gate for _, _, gate, _ in order[:cap]]
    return [chosen.count(gate) for gate in range(len(counts))]


def finding_view(
    item: JudgedFinding, gate: str, base: BaseRef, lines: int, uses: Sequence[WaiverUse] = ()
) -> FindingView:
    """One finding, phrased.

    Args:
        item: The finding, as it was reported.
        gate: Label of its gate, clean.
        base: What differences were taken against.
        lines: The most source lines to show.
        uses: Waivers of its gate, clean.
    """
    item = clean(item)
    finding = item.finding
    rule = one_line(finding.rule_id)
    return FindingView(
        gate=gate,
        rule=rule,
        severity=finding.severity.value,
        place=_place(finding.path, finding.line, finding.column),
        age=_age(item, base),
        state=item.state.value,
        message=one_line(finding.message),
        excerpt=_excerpt(finding.excerpt, finding.line, lines),
        why=one_line(finding.why),
        fix=one_line(finding.fix),
        explain=f"release-gate explain {rule}" if _PLAIN_WORD.fullmatch(rule) else "",
        reproduce=one_line(finding.reproduce),
        link=finding.help_url if _WEB_ADDRESS.fullmatch(finding.help_url) else "",
        aliases=", ".join(one_line(alias) for alias in finding.aliases),
        tool=one_line(finding.tool),
        fingerprint=item.fingerprint[:12],
        waiver=excuse(item.waiver_id, uses) or one_line(item.waiver_note),
    )


def problem_view(problem: Problem) -> ProblemView:
    """One problem, phrased."""
    return ProblemView(
        what=one_line(problem.what),
        remedy=one_line(problem.remedy),
        place=one_line(problem.path or ""),
        log=one_line(problem.log or ""),
        slug=one_line(problem.slug),
    )


def base_name(base: BaseRef) -> str:
    """``origin/main (9d1e0fb)``; empty without a base."""
    if base.ref is None and base.commit is None:
        return ""
    commit = (base.commit or "")[:7]
    return f"{one_line(base.ref)} ({commit})" if base.ref and commit else base.ref or commit


def _counts(item: JudgedFinding) -> bool:
    return item.enforced and item.state is State.NEW


def _gravest_first(item: JudgedFinding) -> tuple[int, str, int, int, str, str]:
    finding = item.finding
    return (
        finding.severity.rank,
        finding.path or "",
        finding.line or 0,
        finding.column or 0,
        finding.rule_id,
        item.fingerprint,
    )


def _place(path: str | None, line: int | None, column: int | None) -> str:
    if path is None:
        return ""
    numbers = [str(number) for number in (line, column) if number is not None]
    return ":".join([one_line(path), *(numbers if line is not None else [])])


def _age(item: JudgedFinding, base: BaseRef) -> str:
    if item.state is not State.NEW:
        return one_line(item.since)
    since = base_name(base)
    if item.finding.identity.kind == "dependency" and item.since:
        return one_line(item.since)
    if item.finding.in_change:
        return f"new since {since}" if since else "new in this change"
    if item.since:
        return f"since {one_line(item.since)}"
    if item.finding.in_change is False:
        return f"new here, on a line older than {since}" if since else ""
    return ""


def _excerpt(text: str, first: int | None, most: int) -> tuple[SourceLine, ...]:
    lines = text.splitlines()
    shown = [
        SourceLine(number=str(first + index) if first else "", text=_cut(line))
        for index, line in enumerate(lines[:most])
    ]
    if len(lines) > most:
        shown.append(SourceLine(number="", text=f"… {len(lines) - most} more"))
    return tuple(shown)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_SOURCE else line[:_LONGEST_SOURCE] + " …"
