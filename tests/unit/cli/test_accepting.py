"""What becomes of findings that are accepted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from release_gate.cli.accepting import accept, take_over
from release_gate.errors import BaselineError, ToolProblem
from release_gate.judge.baseline import Baseline, BaselineEntry
from release_gate.judge.types import (
    GateResult,
    JudgedFinding,
    Report,
    State,
    ToolInfo,
    Verdict,
)
from release_gate.model import NO_BASE, Finding, Identity, Severity, Subject

pytestmark = pytest.mark.unit

SALT = "00ff"


def digest(text: str) -> str:
    return text.ljust(64, "0")


def found(fingerprint: str, **more: Any) -> JudgedFinding:
    values: dict[str, Any] = {"path": "a.py", "always_blocks": False, **more}
    finding = Finding(
        tool="t",
        rule_id="T1",
        severity=Severity.HIGH,
        message="line 41",
        identity=Identity(kind="code", key=("x",)),
        **values,
    )
    return JudgedFinding(
        finding=finding, fingerprint=digest(fingerprint), state=State.NEW, enforced=True
    )


def report(*findings: JudgedFinding, verdict: Verdict = Verdict.FAIL) -> Report:
    gate = GateResult(
        gate_id="g",
        kind="g",
        title="G",
        phase="p",
        verdict=verdict,
        reason="because",
        findings=findings,
    )
    return Report(
        verdict=verdict,
        reason="",
        partial=True,
        subject=Subject(repository="r", commit=None, dirty=None, tree=""),
        base=NO_BASE,
        phase="p",
        effective_time="",
        policy_digest="",
        tool=ToolInfo(name="t", version="1", python="3", platform="p"),
        started_at="",
        duration_s=0.0,
        expected=("g",),
        not_applicable=(),
        gates=(gate,),
    )


def entry(fingerprint: str, gate_id: str = "g", label: str = "accepted") -> BaselineEntry:
    return BaselineEntry(
        gate_id=gate_id, rule_id="T1", path="a.py", fingerprint=digest(fingerprint), label=label
    )


def accepted(old: tuple[BaselineEntry, ...], seen: Report, *, force: bool = False) -> Baseline:
    return accept(Baseline(salt=SALT, entries=old), seen, force=force, file="b.jsonl")


def prints(baseline: Baseline) -> list[tuple[str, str, str]]:
    return [(one.gate_id, one.fingerprint[:2], one.label) for one in baseline.entries]


def test_every_finding_becomes_an_entry_and_the_salt_stays() -> None:
    new = accepted((), report(found("bb"), found("aa")))
    assert prints(new) == [("g", "aa", "accepted"), ("g", "bb", "accepted")]
    assert new.salt == SALT
    assert new.entries[0].message == "line #"


def test_entries_of_other_gates_stay() -> None:
    new = accepted((entry("cc", gate_id="other"),), report(found("aa")))
    assert prints(new) == [("g", "aa", "accepted"), ("other", "cc", "accepted")]


def test_entries_of_the_same_gate_are_replaced_only_when_told_to() -> None:
    with pytest.raises(BaselineError, match="findings of g are already accepted"):
        accepted((entry("cc"),), report(found("aa")))
    new = accepted((entry("cc"),), report(found("aa")), force=True)
    assert prints(new) == [("g", "aa", "accepted")]


@pytest.mark.parametrize("label", ["false-positive", "confirmed"])
def test_what_people_said_of_a_finding_outlives_a_new_scan(label: str) -> None:
    new = accepted((entry("aa", label=label),), report(found("aa")), force=True)
    assert prints(new) == [("g", "aa", label)]


def test_confirmed_secret_is_labelled_and_goes_on_failing() -> None:
    new = accepted((), report(found("aa", always_blocks=True)))
    assert prints(new) == [("g", "aa", "confirmed")]


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_gate_that_could_not_judge_is_not_accepted(verdict: Verdict) -> None:
    with pytest.raises(ToolProblem, match="g could not judge: because") as caught:
        accepted((), report(verdict=verdict))
    assert caught.value.remedy == "Nothing was accepted. To see why: release-gate run --gate g"


def test_gates_that_could_judge_can_be_accepted_by_name_and_the_message_says_how() -> None:
    (broken,) = report(verdict=Verdict.ERROR).gates
    whole = [replace(report(found("aa")).gates[0], gate_id=name) for name in ("a", "b")]
    with pytest.raises(ToolProblem) as caught:
        accepted((), replace(report(), gates=(whole[0], broken, whole[1])))
    assert caught.value.remedy == (
        "Nothing was accepted. To see why: release-gate run --gate g; "
        "to accept the others: release-gate baseline create --gate a --gate b"
    )


def test_clean_gate_gives_an_empty_baseline() -> None:
    assert accepted((), report(verdict=Verdict.PASS)).entries == ()


def native(*hashes: str) -> bytes:
    rows = [
        {
            "type": "Secret Keyword",
            "filename": "a.py",
            "hashed_secret": one * 40,
            "line_number": 1,
            "is_secret": one == "b",
        }
        for one in hashes
    ]
    plugins = [{"name": "KeywordDetector"}]
    document = {
        "version": "1.5.0",
        "plugins_used": plugins,
        "filters_used": [],
        "results": {"a.py": rows},
    }
    return json.dumps(document).encode()


def taken(old: tuple[BaselineEntry, ...], content: bytes, *, force: bool = False) -> Baseline:
    return take_over(
        Baseline(salt=SALT, entries=old),
        content,
        gate_id="g",
        name=".secrets.baseline",
        key=b"k",
        file="b.jsonl",
        force=force,
    )


def test_native_entries_keep_their_audit() -> None:
    new = taken((), native("a", "b"))
    assert sorted(one.label for one in new.entries) == ["confirmed", "false-positive"]
    assert {one.path for one in new.entries} == {"a.py"}
    assert new.entries[0].fingerprint != new.entries[1].fingerprint


def test_native_baseline_replaces_nothing_unless_told_to() -> None:
    with pytest.raises(BaselineError, match="already accepted"):
        taken((entry("cc"),), native("a"))
    assert len(taken((entry("cc"),), native("a"), force=True).entries) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}"])
def test_unusable_native_baseline_is_refused(content: bytes) -> None:
    with pytest.raises(BaselineError):
        taken((), content)
