"""Evidence is reused for exactly the same input and in no other case."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Evidence, Inputs, Settings
from release_gate.model import NO_BASE, Artifact, BaseRef, PlannedTool, Problem
from release_gate.plan.types import Plan, PlannedGate
from release_gate.ports import FileEntry
from release_gate.run import cache_key as keys
from release_gate.run.cache import EvidenceCache
from release_gate.run.cache_key import cache_key
from release_gate.testing import FolderProject, ThisToolkit

pytestmark = pytest.mark.unit

Kit = Any
Make = Callable[..., Evidence]
FILES = (
    FileEntry(path="a.py", tracked=True, size=1, blob="1"),
    FileEntry(path="b.md", tracked=True, size=1, blob="2"),
    FileEntry(path="ruff.toml", tracked=True, size=1, blob="3"),
)


class Limits(Settings, frozen=True, kw_only=True):
    most: int = 1


class Setup:
    """A plan of one reusable gate, and a cache."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.gate: PlannedGate = kit.gate(
            "g",
            lambda _c, _s: None,
            inputs=Inputs(files=("a.py",), reusable=True, variables=("LANG",)),
            settings=Limits(),
            tools=(PlannedTool(name="ruff", version="1"),),
        )
        self.plan: Plan = kit.plan([self.gate], files=FILES)
        self.facts: dict[str, Any] = {
            "version": "1",
            "secret_key": b"k",
            "environment": {"LANG": "C", "HOME": "/h"},
        }

    def cache(self, **more: Any) -> EvidenceCache:
        values = {"folder": self.kit.folder / "cache", "output": self.kit.output, **self.facts}
        return EvidenceCache(**{**values, **more})

    def key(self, plan: Plan | None = None, gate: PlannedGate | None = None, **facts: Any) -> Any:
        return cache_key(plan or self.plan, gate or self.gate, **{**self.facts, **facts})

    def with_files(self, *files: FileEntry) -> Plan:
        return replace(self.plan, project=FolderProject(root=self.kit.root, files=files))

    def entries(self) -> list[Path]:
        return sorted((self.kit.folder / "cache").glob("*.json"))


@pytest.fixture
def setup(kit: Kit) -> Setup:
    return Setup(kit)


def test_same_input_gives_the_same_evidence(setup: Setup, evidence: Make) -> None:
    setup.cache().store(setup.plan, setup.gate, evidence(4))
    assert setup.cache().load(setup.plan, setup.gate) == evidence(4)


def test_empty_cache_is_a_miss(setup: Setup) -> None:
    assert setup.cache().load(setup.plan, setup.gate) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.key(gate=replace(s.gate, settings=Limits(most=2))),
        lambda s: s.key(gate=replace(s.gate, tools=(PlannedTool(name="ruff", version="2"),))),
        lambda s: s.key(gate=replace(s.gate, gate_id="h")),
        lambda s: s.key(gate=replace(s.gate, home="file", file="g.py")),
        lambda s: s.key(version="2"),
        lambda s: s.key(secret_key=b"other"),
        lambda s: s.key(environment={"LANG": "de", "HOME": "/h"}),
        lambda s: s.key(environment={"LANG": "C", "RUFF_CONFIG": "x"}),
        lambda s: s.key(replace(s.plan, paths=("a.py",))),
        lambda s: s.key(replace(s.plan, toolkit=ThisToolkit(python_version=(3, 99)))),
        lambda s: s.key(
            replace(s.plan, base=object(), base_ref=BaseRef(ref="main", commit="c" * 40))
        ),
        lambda s: s.key(s.with_files(replace(FILES[0], blob="9"), *FILES[1:])),
        lambda s: s.key(s.with_files(*FILES[:2], replace(FILES[2], blob="9"))),
        lambda s: s.key(s.with_files(*FILES, replace(FILES[1], path="new.md"))),
        lambda s: s.key(s.with_files(FILES[0], FILES[2])),
    ],
)
def test_whatever_evidence_depends_on_changes_the_key(
    setup: Setup, change: Callable[[Setup], str | None]
) -> None:
    assert change(setup) is not None
    assert change(setup) != setup.key()


def test_sources_of_release_gate_are_part_of_the_key(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = setup.key()
    monkeypatch.setattr(keys, "sources_digest", lambda: "edited")
    assert setup.key() != before


def test_what_it_does_not_depend_on_leaves_the_key(setup: Setup) -> None:
    edited = setup.with_files(FILES[0], replace(FILES[1], blob="9"), FILES[2])
    assert setup.key(edited) == setup.key()
    assert setup.key(environment={"LANG": "C", "HOME": "/elsewhere"}) == setup.key()
    assert setup.key(replace(setup.plan, base_ref=NO_BASE)) == setup.key()


def test_gate_file_is_reused_only_for_the_same_tree(setup: Setup) -> None:
    gate = replace(setup.gate, home="file", file="g.py")
    other = replace(setup.plan, subject=replace(setup.plan.subject, tree="other"))
    assert setup.key(gate=gate) != setup.key(other, gate)


@pytest.mark.parametrize(
    "gate",
    [
        lambda g: replace(g, inputs=Inputs(files=("a.py",), reusable=False)),
        lambda g: replace(g, inputs=Inputs(files=(), reusable=True)),
        lambda g: replace(g, inputs=Inputs(files=("gone.py",), reusable=True)),
        lambda g: replace(g, home="entry-point"),
        lambda g: replace(g, settings=object()),
    ],
)
def test_what_may_not_be_reused_has_no_key(
    setup: Setup, evidence: Make, gate: Callable[[PlannedGate], PlannedGate]
) -> None:
    changed = gate(setup.gate)
    assert setup.key(gate=changed) is None
    setup.cache().store(setup.plan, changed, evidence())
    assert setup.cache().load(setup.plan, changed) is None
    assert setup.entries() == []


def test_unreadable_input_has_no_key(setup: Setup) -> None:
    assert setup.key(setup.with_files(replace(FILES[0], blob=""), *FILES[1:])) is None


def test_settings_behind_a_link_have_no_key(setup: Setup) -> None:
    linked = replace(FILES[2], kind="symlink")
    assert setup.key(setup.with_files(*FILES[:2], linked)) is None


def test_evidence_with_problems_is_not_kept(setup: Setup, evidence: Make) -> None:
    setup.cache().store(setup.plan, setup.gate, evidence(problems=(Problem(what="w"),)))
    assert setup.entries() == []


def spoilt(text: str) -> list[str]:
    whole = json.loads(text)
    return [
        "",
        text[: len(text) // 2],
        "[]",
        json.dumps({**whole, "schema": 2}),
        json.dumps({**whole, "key": "0"}),
        json.dumps({**whole, "more": 1}),
        json.dumps({**whole, "evidence": {}}),
        json.dumps({**whole, "evidence": "{}"}),
        json.dumps({key: value for key, value in whole.items() if key != "evidence"}),
    ]


@pytest.mark.parametrize("which", range(9))
def test_spoilt_entry_is_a_miss(setup: Setup, evidence: Make, which: int) -> None:
    cache = setup.cache()
    cache.store(setup.plan, setup.gate, evidence())
    (entry,) = setup.entries()
    entry.write_text(spoilt(entry.read_text())[which])
    assert cache.load(setup.plan, setup.gate) is None


def test_entry_that_is_not_text_is_a_miss(setup: Setup, evidence: Make) -> None:
    setup.cache().store(setup.plan, setup.gate, evidence())
    (entry,) = setup.entries()
    entry.write_bytes(b"\xff\xfe\x00")
    assert setup.cache().load(setup.plan, setup.gate) is None


def test_artifact_must_lie_there_unchanged(setup: Setup, evidence: Make) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    artifact = Artifact(path="artifacts/g/x.txt", media_type="text/plain", sha256=digest, size=1)
    kept = evidence(artifacts=(artifact,))
    cache = setup.cache()
    cache.store(setup.plan, setup.gate, kept)
    assert cache.load(setup.plan, setup.gate) is None
    file = setup.kit.output / "artifacts" / "g" / "x.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    assert cache.load(setup.plan, setup.gate) == kept
    file.write_bytes(b"y")
    assert cache.load(setup.plan, setup.gate) is None


def test_oldest_entries_go_first(setup: Setup, evidence: Make) -> None:
    cache = setup.cache(most=3)
    for number in range(5):
        gate = replace(setup.gate, settings=Limits(most=number))
        cache.store(setup.plan, gate, evidence(number + 1))
        for entry in setup.entries():
            at = entry.stat().st_mtime - 10
            os.utime(entry, (at, at))
    assert len(setup.entries()) == 3
    oldest = replace(setup.gate, settings=Limits(most=0))
    newest = replace(setup.gate, settings=Limits(most=4))
    assert cache.load(setup.plan, oldest) is None
    assert cache.load(setup.plan, newest) == evidence(5)


def test_very_large_evidence_is_not_kept(setup: Setup, evidence: Make) -> None:
    setup.cache(largest=10).store(setup.plan, setup.gate, evidence())
    assert setup.entries() == []


def test_broken_disk_costs_only_the_reuse(setup: Setup, evidence: Make) -> None:
    (setup.kit.folder / "cache").write_text("a file where the folder should be")
    setup.cache().store(setup.plan, setup.gate, evidence())
    assert setup.cache().load(setup.plan, setup.gate) is None


def test_failed_write_leaves_nothing_behind(
    setup: Setup, evidence: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    setup.cache().store(setup.plan, setup.gate, evidence())
    assert list((setup.kit.folder / "cache").iterdir()) == []


def test_settings_of_a_hosted_gate_may_be_a_plain_table(setup: Setup) -> None:
    assert setup.key(gate=replace(setup.gate, settings={"most": 1})) is not None
    assert msgspec.to_builtins(Limits()) == {"most": 1}
