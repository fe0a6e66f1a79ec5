"""Branches that fix or accept different findings merge the baseline: with git itself."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from release_gate.judge.baseline import Baseline, BaselineEntry, Mark
from release_gate.judge.baseline_layout import render
from release_gate.judge.baseline_parse import parse

pytestmark = pytest.mark.e2e

FILE = "release-gate-baseline.jsonl"
PAIRS = 50
GATES = ("coverage", "lint", "security", "types")


class Repository:
    """One repository in which branches come and go."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", *arguments],
            cwd=self.root,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self, baseline: Baseline) -> str:
        (self.root / FILE).write_text(render(baseline), newline="\n")
        self.git("add", FILE)
        assert self.git("commit", "--quiet", "--allow-empty", "--message", "m").returncode == 0
        return self.git("rev-parse", "HEAD").stdout.strip()

    def merged(self, base: Baseline, one: Baseline, other: Baseline) -> Baseline | None:
        """What git makes of two branches; ``None``: a conflict."""
        start = self.commit(base)
        first = self.commit(one)
        self.git("checkout", "--quiet", "--detach", start)
        self.commit(other)
        done = self.git("merge", "--quiet", "--no-edit", first)
        if done.returncode:
            self.git("merge", "--abort")
            return None
        return parse((self.root / FILE).read_text())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def entry(name: str, fingerprint: str | None = None, gate_id: str = "lint") -> BaselineEntry:
    digest = fingerprint or hashlib.sha256(name.encode()).hexdigest()
    return BaselineEntry(
        gate_id=gate_id, rule_id="E501", path=f"src/{name}.py", fingerprint=digest, message="long"
    )


def changed(
    base: Baseline, gone: Iterable[BaselineEntry] = (), new: Iterable[BaselineEntry] = ()
) -> Baseline:
    return replace(base, entries=tuple(sorted({*base.entries, *new} - set(gone))))


def holding(count: int, *, close: bool = False) -> Baseline:
    """A baseline as it lies in a repository; ``close``: all entries in one place of the file."""
    entries = [entry(str(n), f"abc{n:09x}".ljust(64, "0") if close else None) for n in range(count)]
    return parse(render(Baseline(salt="s", entries=tuple(sorted(entries)))))


def test_fifty_random_pairs_of_branches_merge_without_conflict(repository: Repository) -> None:
    rng = random.Random(20261121)  # noqa: S311 - a sample, not a secret
    for pair in range(PAIRS):
        base = holding(rng.choice((3, 40, 400)))
        mine, theirs = split(rng, base, pair)
        merged = repository.merged(base, changed(base, *mine), changed(base, *theirs))
        assert merged is not None, pair
        wanted = changed(changed(base, *mine), *theirs)
        assert merged.entries == wanted.entries


def split(
    rng: random.Random, base: Baseline, pair: int
) -> list[tuple[list[BaselineEntry], list[BaselineEntry]]]:
    """For each of two branches: other findings that it fixes, and that it accepts."""
    shuffled = rng.sample(base.entries, len(base.entries))
    both = []
    for branch in ("mine", "theirs"):
        fixed = [shuffled.pop() for _ in range(min(rng.randint(0, 30), len(shuffled) // 2))]
        new = [
            entry(f"{pair}-{branch}-{n}", gate_id=rng.choice(GATES))
            for n in range(rng.randint(not fixed, 3))
        ]
        both.append((fixed, new))
    return both


@pytest.mark.parametrize("close", [False, True])
def test_neighbours_fixed_on_two_branches_do_not_conflict(
    repository: Repository, *, close: bool
) -> None:
    """The worst case: every second line on one branch, all others on the other one."""
    base = holding(60, close=close)
    lines = sorted(base.entries, key=lambda one: one.fingerprint)
    mine, theirs = lines[::2], lines[1::2]
    merged = repository.merged(base, changed(base, mine), changed(base, theirs))
    assert merged is not None
    assert merged.entries == ()


def test_both_branches_fix_the_same_finding(repository: Repository) -> None:
    base = holding(20, close=True)
    mine, theirs = base.entries[3:5], base.entries[4:7]
    merged = repository.merged(base, changed(base, mine), changed(base, theirs))
    assert merged is not None
    assert merged.entries == changed(base, [*mine, *theirs]).entries


def test_branches_that_both_tighten_a_ratchet_leave_both_marks(repository: Repository) -> None:
    def reached(value: str) -> Baseline:
        mark = Mark(gate_id="coverage", metric="coverage", value=value)
        return Baseline(salt="s", marks=(mark,))

    merged = repository.merged(reached("80"), reached("81.5"), reached("83"))
    assert merged is not None
    assert [one.value for one in merged.marks] == ["81.5", "83"]


def test_one_entry_judged_in_two_ways_is_a_conflict_that_says_what_to_do(
    repository: Repository,
) -> None:
    base = holding(3)
    relabelled = [
        replace(base, entries=(replace(base.entries[0], label=label), *base.entries[1:]))
        for label in ("false-positive", "confirmed")
    ]
    assert repository.merged(base, *relabelled) is None
