"""From the reports about single files to what was examined and what was skipped, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Literal

from release_gate.model import Skipped
from release_gate.subjects.secrets.scan import FileReport

Reason = Literal[
    "baseline", "binary", "excluded", "file-type", "lock-file", "not-utf-8", "swagger", "unreadable"
]

OWN_BASELINE = "release-gate-baseline.jsonl"
WORDS: Mapping[Reason, str] = {
    "baseline": "a baseline: it holds hashes of accepted findings",
    "binary": "binary content",
    "excluded": "left out by a pattern of the project",
    "file-type": "detect-secrets does not read files of this type",
    "lock-file": "a lock file: it holds hashes of packages",
    "not-utf-8": "text that is not UTF-8, which detect-secrets does not read",
    "swagger": "detect-secrets does not read files with swagger in their name",
    "unreadable": "it could not be read",
}
_FILTERS: Mapping[str, Reason] = {
    "detect_secrets.filters.heuristic.is_non_text_file": "file-type",
    "detect_secrets.filters.heuristic.is_lock_file": "lock-file",
    "detect_secrets.filters.heuristic.is_swagger_file": "swagger",
    "detect_secrets.filters.common.is_baseline_file": "baseline",
    "missing": "unreadable",
}


def reason(report: FileReport) -> Reason:
    """Why a file was not read, as one of the words of ``allow-skipped``."""
    if report.state == "filtered":
        if PurePosixPath(report.file).suffix == ".lock":
            return "lock-file"
        # Every other filter that looks at names alone was named by the project itself.
        return _FILTERS.get(report.filter, "excluded")
    return "unreadable" if report.state == "read" else report.state


def skipped(
    reports: Iterable[FileReport], baselines: Iterable[str], allowed: Iterable[Reason]
) -> tuple[Skipped, ...]:
    """Everything that was listed and not read, sorted by name.

    Args:
        reports: The worker's reports.
        baselines: Files that were not given to the worker because they are baselines.
        allowed: Reasons that the setting ``allow-skipped`` permits.
    """
    may = frozenset(allowed)
    rows = [_skipped(name, "baseline", may, "") for name in baselines]
    rows += [
        _skipped(report.file, reason(report), may, report.detail)
        for report in reports
        if report.state != "read"
    ]
    return tuple(sorted(rows, key=lambda row: row.what))


def _skipped(name: str, why: Reason, may: frozenset[Reason], detail: str) -> Skipped:
    words = WORDS[why] + (f": {detail}" if detail else "")
    # A file that went away or broke the scanner is never excused by a setting.
    excused = why in may and why != "unreadable"
    return Skipped(what=name, reason=words, allowed_by=f"allow-skipped: {why}" if excused else None)
