"""Laws of identity over generated edit scripts on real files: what was known stays known.

A scanner of our own flags simple statements, and findings are made of them with the
code that the gates use. The same with the real tools, on a sample: ``tests/gates/test_edits.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for, match
from release_gate.model import Finding, Severity
from release_gate.subjects.source.identity import SourceFiles
from support.edits import (
    Edit,
    Source,
    apply,
    copied,
    ended,
    flagged,
    inserted,
    mended,
    reindented,
    renamed,
    scripts,
)

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
LONGEST = 250


def real_files() -> list[Source]:
    """Our own sources, those of middling length."""
    found = []
    for path in sorted((ROOT / "src" / "release_gate").rglob("*.py")):
        text = path.read_text("utf-8")
        source = Source(
            path=path.relative_to(ROOT).as_posix(), lines=tuple(text.removesuffix("\n").split("\n"))
        )
        if len(source.lines) <= LONGEST and len(flagged(source)) > 3:
            found.append(source)
    return found


FILES = real_files()
files = st.sampled_from(FILES)


class InMemory:
    """Just what the construction of findings reads of a project."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def read_bytes(self, path: str) -> bytes:
        assert path == self.source.path
        return self.source.content


def scanned(source: Source) -> list[Finding]:
    project: Any = InMemory(source)
    read = SourceFiles(project)
    return [
        Finding(
            tool="scanner",
            rule_id=one.rule,
            severity=Severity.HIGH,
            message=f"{one.rule} on line {one.line}",
            identity=read.identity(source.path, one.line),
            path=source.path,
            line=one.line,
        )
        for one in flagged(source)
    ]


def unknown(before: Sequence[Finding], after: Sequence[Finding], was: Mapping[str, str]) -> int:
    """How many fingerprints are new: stricter than matching, which has second bests."""
    now = Counter(fingerprints(after, paths=was))
    return (now - Counter(fingerprints(before))).total()


def new(
    before: Sequence[Finding],
    after: Sequence[Finding],
    was: Mapping[str, str],
    present: set[str] | None = None,
) -> int:
    prints = fingerprints(before)
    entries = [entry_for("g", one, digest) for one, digest in zip(before, prints, strict=True)]
    return sum(one is None for one in match(after, entries, was, present=present).entries)


def check(source: Source, script: Sequence[Edit], expected: int) -> None:
    changed = apply(source, script)
    before, after = scanned(source), scanned(changed)
    renames = {} if changed.path == source.path else {changed.path: source.path}
    assert unknown(before, after, renames) == expected
    assert new(before, after, renames) == expected
    # Nobody tells of the rename, but the old file is gone.
    assert new(before, after, {}, {changed.path}) == expected


def test_there_are_real_files_with_findings() -> None:
    assert len(FILES) > 50
    assert sum(len(scanned(one)) for one in FILES[:50]) > 500


@given(files, scripts(mending=True))
def test_law_edits_and_mended_findings_make_nothing_new(source: Source, script: list[Edit]) -> None:
    check(source, script, 0)


@given(files, scripts(mending=False), st.floats(0, 1))
def test_law_one_violation_copied_is_exactly_one_new(
    source: Source, script: list[Edit], which: float
) -> None:
    check(source, [*script, copied(which)], 1)


@pytest.mark.parametrize(
    "edit",
    [
        inserted(100, 0.0),
        inserted(100, 0.5),
        reindented("  "),
        reindented("\t"),
        ended("\r\n"),
        renamed("src/other.py"),
        mended([0.0, 0.5, 1.0]),
    ],
)
def test_each_edit_by_itself_makes_nothing_new(edit: Edit) -> None:
    for source in FILES[::7]:
        check(source, [edit], 0)


def test_another_flagged_statement_is_new() -> None:
    source = FILES[0]
    changed = Source(path=source.path, lines=(*source.lines, "never_seen = before"))
    assert unknown(scanned(source), scanned(changed), {}) == 1
    assert new(scanned(source), scanned(changed), {}) == 1
