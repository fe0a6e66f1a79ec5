"""From the plan to the report."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest

from release_gate.api import Evidence, FileEntry, Limit
from release_gate.errors import BaselineError
from release_gate.judge.types import ToolInfo, Verdict
from release_gate.model import BaseRef, Finding, Identity, Metric, Problem, Severity
from release_gate.plan.types import CommonSettings
from release_gate.run.chain import docket, execute
from release_gate.run.events import RunFinished, RunStarted
from release_gate.run.world import Said

pytestmark = pytest.mark.unit

Kit = Any
Heard = Any
Make = Callable[..., Evidence]
TOOL = ToolInfo(name="release-gate", version="1", python="3", platform="test")


def a_finding(path: str) -> Finding:
    return Finding(
        tool="t",
        rule_id="T1",
        severity=Severity.HIGH,
        message="m",
        identity=Identity(kind="code", key=("x",)),
        path=path,
    )


def test_clean_run_passes_and_says_start_and_end(kit: Kit, heard: Heard, evidence: Make) -> None:
    plan = kit.plan([kit.gate("a", lambda _c, _s: evidence())])
    report = execute(plan, kit.world(), heard, tool=TOOL)
    assert report.verdict is Verdict.PASS
    assert report.expected == ("a",)
    assert isinstance(heard.events[0], RunStarted)
    assert isinstance(heard.events[-1], RunFinished)


def test_finding_fails_the_run(kit: Kit, heard: Heard, evidence: Make) -> None:
    plan = kit.plan([kit.gate("a", lambda _c, _s: evidence(findings=(a_finding("x.py"),)))])
    assert execute(plan, kit.world(), heard, tool=TOOL).verdict is Verdict.FAIL


def test_crash_of_a_gate_is_an_error(kit: Kit, heard: Heard) -> None:
    plan = kit.plan([kit.gate("a", lambda _c, _s: None)])
    assert execute(plan, kit.world(), heard, tool=TOOL).verdict is Verdict.ERROR


def test_run_without_gates_is_an_error(kit: Kit, heard: Heard) -> None:
    assert execute(kit.plan([]), kit.world(), heard, tool=TOOL).verdict is Verdict.ERROR


def test_broken_baseline_ends_the_run_before_anything_runs(kit: Kit, heard: Heard) -> None:
    def never(_context: Any, _settings: Any) -> Evidence:
        raise AssertionError("not to be run")

    plan = kit.plan([kit.gate("a", never)], baseline_text="")
    with pytest.raises(BaselineError):
        execute(plan, kit.world(), heard, tool=TOOL)
    assert heard.events == []


@dataclass
class Store:
    kept: list[str] = field(default_factory=list)
    has: Mapping[str, Evidence] = field(default_factory=dict)

    def load(self, plan: Any, gate: Any) -> Evidence | None:
        return self.has.get(gate.gate_id)

    def store(self, plan: Any, gate: Any, evidence: Evidence) -> None:
        self.kept.append(gate.gate_id)


def test_changed_tree_is_an_error_that_names_the_gates_that_ran(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    store = Store(has={"b": evidence()})
    gates = [kit.gate(name, lambda _c, _s: evidence()) for name in ("a", "b")]
    changed = (FileEntry(path="new.py", tracked=False, size=1, blob="1"),)
    world = kit.world(files_now=lambda: changed, cache=store)
    report = execute(kit.plan(gates), world, heard, tool=TOOL)
    assert report.verdict is Verdict.ERROR
    assert report.problems[0].what == "new.py appeared during the run of a"
    assert store.kept == []


def test_only_new_evidence_of_an_unchanged_tree_is_kept(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    store = Store(has={"b": evidence()})
    gates = [
        kit.gate("a", lambda _c, _s: evidence()),
        kit.gate("b", lambda _c, _s: evidence()),
        kit.gate("c", lambda _c, _s: None),
    ]
    report = execute(kit.plan(gates), kit.world(cache=store), heard, tool=TOOL)
    assert store.kept == ["a"]
    assert [one.cached for one in report.gates] == [False, True, False]


def test_dirty_tree_is_an_error_where_the_plan_says_so(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    from dataclasses import replace  # noqa: PLC0415 - used once

    plan = kit.plan([kit.gate("a", lambda _c, _s: evidence())])
    dirty = replace(plan, subject=replace(plan.subject, dirty=True), dirty_is_error=True)
    assert execute(dirty, kit.world(), heard, tool=TOOL).verdict is Verdict.ERROR
    allowed = replace(dirty, dirty_is_error=False)
    assert execute(allowed, kit.world(), heard, tool=TOOL).verdict is Verdict.PASS


def test_limits_of_the_gate_are_judged(kit: Kit, heard: Heard, evidence: Make) -> None:
    limits = (Limit(metric="m", at_least=Fraction(80)),)
    seen = evidence(metrics=(Metric(name="m", value=79.5, unit="%", ratio=(159, 200)),))
    plan = kit.plan([kit.gate("a", lambda _c, _s: seen, limits=limits)])
    assert execute(plan, kit.world(), heard, tool=TOOL).verdict is Verdict.FAIL


def test_docket_says_what_the_plan_says(kit: Kit) -> None:
    skipped = CommonSettings(phase="day-1", skip_reason="not yet", enforce=False)
    gates = [kit.gate("a", lambda _c, _s: None, common=skipped)]
    plan = kit.plan(gates, partial=True, notes=("no git",), warnings=("old Python",))
    problem = Problem(what="w")
    written = docket(plan, tool=TOOL, started_at="t", duration_s=1.5, changed_during_run=(problem,))
    (gate,) = written.gates
    assert (gate.phase, gate.skip_reason, gate.enforce) == ("day-1", "not yet", False)
    assert (written.partial, written.started_at, written.duration_s) == (True, "t", 1.5)
    assert written.notes == ("no git", "old Python")
    assert written.changed_during_run == (problem,)


def test_docket_takes_what_a_hosted_gate_said_of_itself(kit: Kit) -> None:
    plan = kit.plan([kit.gate("a", lambda _c, _s: None, home="file", file="a.py")])
    limits = (Limit(metric="m", at_most=Fraction(1, 3)),)
    said = {"a": Said(title="Theirs", inapplicable="no such file", limits=limits)}
    (gate,) = docket(plan, tool=TOOL, said=said).gates
    assert (gate.title, gate.inapplicable, gate.limits) == ("Theirs", "no such file", limits)


@dataclass
class Renaming:
    ref: BaseRef = field(default_factory=lambda: BaseRef(ref="main", commit="c" * 40))

    def read(self, relative: str) -> bytes | None:
        return None

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        return {}

    def old_path(self, relative: str) -> str | None:
        return {"new.py": "old.py", "same.py": "same.py"}.get(relative)


def test_renames_of_files_with_findings_reach_policy(
    kit: Kit, heard: Heard, evidence: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        "release_gate.run.chain.decide", lambda _docket, _collected, inputs: seen.append(inputs)
    )
    paths = ("new.py", "same.py", "added.py")
    found = evidence(findings=tuple(a_finding(one) for one in paths))
    plan = kit.plan([kit.gate("a", lambda _c, _s: found)], base=Renaming())
    execute(plan, kit.world(), heard, tool=TOOL)
    assert seen[0].renames == {"new.py": "old.py"}


def test_number_of_jobs_does_not_change_the_findings(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    gates = [
        kit.gate(name, lambda c, _s: evidence(findings=(a_finding(c.gate_id),))) for name in "abc"
    ]
    plan = kit.plan(gates)
    one = execute(plan, kit.world(), heard, tool=TOOL, jobs=1)
    many = execute(plan, kit.world(), heard, tool=TOOL, jobs=os.cpu_count())
    assert [gate.findings for gate in one.gates] == [gate.findings for gate in many.gates]
