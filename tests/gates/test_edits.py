"""Identity over edit scripts with real tools on real files: the standard library's own."""

from __future__ import annotations

import random
import shutil as a_module_of_the_library
from collections.abc import Sequence
from pathlib import Path

import pytest

from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import Matched, entry_for, match
from release_gate.model import Finding
from release_gate.testing import collect
from support.edits import (
    Edit,
    Source,
    apply,
    ended,
    flagged,
    inserted,
    reindented,
    renamed,
    spaced,
    with_functions,
)
from support.source_gates import load

pytestmark = pytest.mark.gates

LIBRARY = Path(a_module_of_the_library.__file__).parent
NAMES = ("shutil", "tempfile", "smtplib", "webbrowser", "platform")
SCRIPTS = 4
GATES = {kind: load(kind).GATE for kind in ("security", "lint")}


def library(name: str) -> Source:
    text = (LIBRARY / f"{name}.py").read_text("utf-8").expandtabs(4)
    return Source(path=f"src/{name}.py", lines=tuple(text.removesuffix("\n").split("\n")))


def script(seed: int) -> list[Edit]:
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    possible = [
        inserted(100, rng.random()),
        reindented(rng.choice(["  ", "\t", " " * 8])),
        ended("\r\n"),
        renamed(f"src/deep/moved_{seed}.py"),
        spaced,
        with_functions(2),
    ]
    return rng.sample(possible, 4)


def found(kind: str, folder: Path, sources: Sequence[Source]) -> tuple[Finding, ...]:
    folder.mkdir()
    evidence = collect(GATES[kind], folder, {one.path: one.content for one in sources})
    assert evidence.problems == ()
    # How a file is laid out is not what these scripts leave alone.
    return tuple(one for one in evidence.findings if not one.rule_id.startswith(("W", "E1")))


def matched(
    before: Sequence[Finding], after: Sequence[Finding], renames: dict[str, str]
) -> Matched:
    pairs = zip(before, fingerprints(before), strict=True)
    return match(after, [entry_for("g", one, digest) for one, digest in pairs], renames)


@pytest.mark.parametrize("kind", GATES)
def test_what_the_tools_found_stays_known_over_edits_and_a_copy_is_new(
    tmp_path: Path, kind: str
) -> None:
    sources = [library(name) for name in NAMES]
    before = found(kind, tmp_path / "before", sources)
    assert len(before) > 5
    for seed in range(SCRIPTS):
        changed = [apply(one, script(10 * seed + n)) for n, one in enumerate(sources)]
        renames = {
            new.path: old.path
            for new, old in zip(changed, sources, strict=True)
            if new.path != old.path
        }
        after = found(kind, tmp_path / f"after-{seed}", changed)
        result = matched(before, after, renames)
        fresh = [one for one, entry in zip(after, result.entries, strict=True) if entry is None]
        assert [(one.path, one.line, one.rule_id) for one in fresh] == []
        assert result.fixed == ()


def test_a_flagged_line_copied_is_as_many_new_findings_as_it_had(tmp_path: Path) -> None:
    sources = [library(name) for name in NAMES]
    before = found("security", tmp_path / "before", sources)
    simple = {(source.path, one.line) for source in sources for one in flagged(source)} & {
        (one.path or "", one.line or 0) for one in before
    }
    path, line = min(simple)
    (source,) = [one for one in sources if one.path == path]
    twice = Source(path=path, lines=(*source.lines[:line], *source.lines[line - 1 :]))
    after = found(
        "security", tmp_path / "after", [twice if one is source else one for one in sources]
    )
    result = matched(before, after, {})
    on_line = sum((one.path, one.line) == (path, line) for one in before)
    assert sum(entry is None for entry in result.entries) == on_line
    assert result.fixed == ()
