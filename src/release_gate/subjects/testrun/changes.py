"""What changed since the base: lines that no test runs, and settings that measure less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from release_gate.errors import ConfigError
from release_gate.model import Finding, Identity, Severity
from release_gate.ports import Base, Project
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.testrun.config import CoverageConfig, find, of_text
from release_gate.subjects.testrun.measured import Measurement


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedLines:
    """Coverage of the lines that are new or changed.

    Args:
        covered: Measured lines among them that ran.
        whole: All measured lines among them.
        missing: One-based lines that did not run, by path.
    """

    covered: int
    whole: int
    missing: Mapping[str, tuple[int, ...]]


def changed_lines(measurement: Measurement, base: Base) -> ChangedLines:
    """Look only at changed lines that hold a statement."""
    changed = base.changed_lines()
    missing: dict[str, tuple[int, ...]] = {}
    covered = 0
    for path, measured in measurement.files.items():
        lines = changed.get(path, frozenset())
        covered += len(lines.intersection(measured.executed_lines))
        bare = tuple(sorted(lines.intersection(measured.missing_lines)))
        if bare:
            missing[path] = bare
    whole = covered + sum(map(len, missing.values()))
    return ChangedLines(covered=covered, whole=whole, missing=missing)


def runs(lines: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers as pairs of first and last."""
    found: list[tuple[int, int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found


def uncovered(project: Project, changed: ChangedLines) -> list[Finding]:
    """One finding for each stretch of changed lines that no test runs."""
    source = SourceFiles(project)
    return [
        _stretch(source, path, first, last)
        for path, lines in changed.missing.items()
        for first, last in runs(lines)
    ]


def _stretch(source: SourceFiles, path: str, first: int, last: int) -> Finding:
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    return Finding(
        tool="coverage",
        rule_id="changed-line-not-covered",
        severity=Severity.INFO,
        message=f"{where} changed and no test runs {'it' if first == last else 'them'}",
        identity=source.identity(path, first),
        path=path,
        line=first,
        excerpt=source.excerpt(path, first, last),
        fix="Add a test that runs them.",
        in_change=True,
    )


def settings(base: Base, config: CoverageConfig, work: Path) -> tuple[list[Finding], list[str]]:
    """What the project's own settings ask less of than at the base.

    Args:
        base: Where the older settings stand.
        config: Those in force.
        work: An existing folder for a copy of the older file.

    Returns:
        Findings for information, and notes.
    """
    try:
        name = config.file if config.file and base.read(config.file) else find(base.read)
        content = base.read(name) if name else None
        old = of_text(name, content, work) if name and content else CoverageConfig()
    except ConfigError:
        return [], ["the base's coverage settings cannot be read: not compared"]
    return [*_lowered(old, config), *_omitted(old, config), *_narrowed(old, config)], []


def _weaker(rule: str, config: CoverageConfig, message: str) -> Finding:
    return Finding(
        tool="coverage",
        rule_id=rule,
        severity=Severity.INFO,
        message=message,
        identity=Identity(kind="item", key=(rule, message)),
        path=config.file,
        in_change=True,
    )


def _lowered(old: CoverageConfig, new: CoverageConfig) -> list[Finding]:
    if old.fail_under is None or (new.fail_under is not None and new.fail_under >= old.fail_under):
        return []
    now = "gone" if new.fail_under is None else f"{float(new.fail_under):g}"
    message = f"fail_under was {float(old.fail_under):g} at the base and is {now}"
    return [_weaker("threshold-lowered", new, message)]


def _omitted(old: CoverageConfig, new: CoverageConfig) -> list[Finding]:
    omitted = [
        _weaker("omission-added", new, f"omit has a new entry: {pattern}")
        for pattern in sorted(set(new.omit) - set(old.omit))
    ]
    excluded = [
        _weaker("exclusion-added", new, f"lines like {pattern} no longer count")
        for pattern in sorted(set(new.exclude) - set(old.exclude))
    ]
    return omitted + excluded


def _narrowed(old: CoverageConfig, new: CoverageConfig) -> list[Finding]:
    before = {*old.source, *old.packages, *old.folders}
    gone = before - {*new.source, *new.packages, *new.folders}
    return [
        _weaker("source-removed", new, f"source no longer names {entry}") for entry in sorted(gone)
    ]
