"""From bandit's results to findings."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from release_gate.api import Context, Finding, Severity
from release_gate.subjects.bandit.advice import advice
from release_gate.subjects.bandit.output import LEVELS, Result
from release_gate.subjects.source.changed import in_change
from release_gate.subjects.source.excerpts import masked
from release_gate.subjects.source.identity import SourceFiles

SEVERITY = {
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "UNDEFINED": Severity.UNKNOWN,
}
# The message and the line of these tests hold the password itself.
SHOWS_SECRET = frozenset({"B105", "B106", "B107"})


def within(item: Result, *, severity: str, confidence: str) -> bool:
    """Whether a result reaches both limits; a level that bandit left open reaches every one.

    Args:
        item: The result.
        severity: ``low``, ``medium`` or ``high``.
        confidence: Likewise.
    """
    return _reaches(item.issue_severity, severity) and _reaches(item.issue_confidence, confidence)


def findings(
    ctx: Context, source: SourceFiles, results: Iterable[tuple[str | None, Result]]
) -> tuple[Finding, ...]:
    """One finding for each result on a file of the project."""
    return tuple(_finding(ctx, source, path, item) for path, item in results if path is not None)


def _reaches(level: str, limit: str) -> bool:
    if level not in LEVELS or level == "UNDEFINED":
        return True
    return LEVELS.index(level) >= LEVELS.index(limit.upper())


def _finding(ctx: Context, source: SourceFiles, path: str, item: Result) -> Finding:
    line = item.line_number if item.line_number > 0 else None
    secret = item.test_id in SHOWS_SECRET
    excerpt = source.excerpt(path, line, max(item.line_range, default=line or 0))
    message = item.issue_text.split(": '", 1)[0] if secret else item.issue_text
    weakness = f"CWE-{item.issue_cwe.id}; " if item.issue_cwe.id else ""
    return Finding(
        tool="bandit",
        rule_id=item.test_id,
        severity=SEVERITY.get(item.issue_severity, Severity.UNKNOWN),
        message=" ".join(message.split()),
        identity=(
            source.secret_identity(path, line, ctx.secret_key)
            if secret
            else source.identity(path, line)
        ),
        path=path,
        line=line,
        column=item.col_offset + 1 if item.col_offset >= 0 else None,
        excerpt=masked(excerpt) if secret else excerpt,
        why=f"{weakness}{item.test_name}, confidence {item.issue_confidence.lower()}",
        fix=advice(item.test_id),
        reproduce=f"release-gate run --gate {ctx.gate_id} --path {shlex.quote(path)}",
        help_url=item.more_info,
        in_change=in_change(ctx.base, path, line),
    )
