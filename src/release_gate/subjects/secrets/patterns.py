"""Patterns that keep files from being scanned: do they still match, and what do they hide?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from release_gate.model import Finding, Identity, Severity
from release_gate.subjects.secrets.findings import TOOL
from release_gate.subjects.secrets.native_baseline import NativeBaseline

_ITS_OWN = "detect_secrets.filters."
_BY_PATTERN = "detect_secrets.filters.regex.should_exclude_"
EXCLUDE_FILES = "detect_secrets.filters.regex.should_exclude_file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """A pattern of file names and where it is written."""

    text: str
    origin: str


def of(native: NativeBaseline | None, file: str, own: Iterable[str]) -> tuple[Pattern, ...]:
    """All patterns in force: the native baseline's, then the setting's.

    Args:
        native: The native baseline, where there is one.
        file: Its name.
        own: The setting ``exclude-files``.
    """
    listed = [
        Pattern(text=text, origin=file)
        for row in (native.filters_used if native else ())
        if row["path"] == EXCLUDE_FILES
        for text in row["pattern"]
    ]
    return (*listed, *(Pattern(text=text, origin="exclude-files") for text in own))


def others(native: NativeBaseline | None) -> tuple[tuple[str, str], ...]:
    """What else keeps secrets from being found: its name and its patterns.

    Args:
        native: The native baseline, where there is one. Filters that every one of them lists
            by default are left out.
    """
    told = []
    for row in native.filters_used if native else ():
        path = str(row["path"])
        if path == EXCLUDE_FILES:
            continue
        if path.startswith(_BY_PATTERN):
            told.append((path.rpartition(".")[2], ", ".join(row["pattern"])))
        elif not path.startswith(_ITS_OWN):
            told.append(("filter", path))
    return tuple(told)


def audit(
    patterns: Sequence[Pattern],
    files: Sequence[str],
    source: Sequence[str],
    must_exclude: Sequence[str],
) -> tuple[Finding, ...]:
    """Findings about the patterns themselves.

    Args:
        patterns: Patterns in force.
        files: The whole file list.
        source: Folders and files that ship.
        must_exclude: Folders and files that the patterns are meant to keep out.
    """
    hits = [(p, [name for name in files if re.search(p.text, name)]) for p in patterns]
    hidden = {name for _, names in hits for name in names}
    findings = [_stale(pattern) for pattern, names in hits if not names]
    findings += [
        _hides_source(pattern, name)
        for pattern, names in hits
        for name in names
        if any(_below(name, place) for place in source)
    ]
    for place in must_exclude:
        inside = [name for name in files if _below(name, place)]
        open_to_scan = [name for name in inside if name not in hidden]
        if open_to_scan or not inside:
            findings.append(_not_excluded(place, open_to_scan))
    return tuple(findings)


def _below(name: str, place: str) -> bool:
    folder = place.rstrip("/")
    return folder in {".", ""} or name == folder or name.startswith(f"{folder}/")


def _stale(pattern: Pattern) -> Finding:
    return Finding(
        tool=TOOL,
        rule_id="stale-ignore-pattern",
        severity=Severity.LOW,
        message=f"pattern {pattern.text} of {pattern.origin} matches no file",
        identity=Identity(kind="item", key=("pattern", pattern.text)),
        why="A pattern that matches nothing today hides whatever matches it tomorrow.",
        fix="Take it out, or mend it.",
    )


def _hides_source(pattern: Pattern, name: str) -> Finding:
    return Finding(
        tool=TOOL,
        rule_id="ignored-source",
        severity=Severity.HIGH,
        message=f"pattern {pattern.text} of {pattern.origin} leaves out shipped source",
        identity=Identity(kind="item", key=("pattern", pattern.text)),
        path=name,
        why="Nobody looks for secrets in a file that ships.",
        fix="Make the pattern narrower, or allow single lines with `pragma: allowlist secret`.",
    )


def _not_excluded(place: str, names: Sequence[str]) -> Finding:
    what = f"{len(names)} of its files are scanned" if names else "there is no such file"
    return Finding(
        tool=TOOL,
        rule_id="path-not-ignored",
        severity=Severity.LOW,
        message=f"{place} is meant to be left out: {what}",
        identity=Identity(kind="item", key=("must-exclude", place)),
        path=names[0] if names else None,
        fix="Add a pattern to exclude-files, or take the path out of must-exclude.",
    )
