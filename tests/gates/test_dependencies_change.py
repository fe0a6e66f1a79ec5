"""A new advisory is told apart from a package that the change brought, and may get leeway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.judge.decide import decide
from release_gate.judge.types import GateResult, PolicyInputs, Verdict
from release_gate.model import BaseRef, Collected, Evidence, Leeway
from release_gate.testing import FixedClock, collect
from support import judging, osv
from support.source_gates import load

pytestmark = pytest.mark.gates

gate = load("dependencies")
HASH = "--hash=sha256:" + "0" * 64
PUBLISHED = datetime(2026, 1, 1, 8, tzinfo=UTC)
RECORD = osv.record(published="2026-01-01T08:00:00Z")
UNFIXED = osv.record(published="2026-01-01T08:00:00Z", fixed=None)


@dataclass(frozen=True, kw_only=True)
class Then:
    """A base that holds some files, in which every line is new by now."""

    files: Mapping[str, str]
    ref: BaseRef = field(default_factory=lambda: BaseRef(ref="main", commit="0" * 40))

    def read(self, relative: str) -> bytes | None:
        return self.files[relative].encode() if relative in self.files else None

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        return {"requirements.txt": frozenset(range(1, 9))}

    def old_path(self, relative: str) -> str | None:
        return relative if relative in self.files else None


def lock(*pins: str) -> str:
    return "".join(f"{pin} {HASH}\n" for pin in pins)


def run(root: Path, now: str, then: Mapping[str, str] | None, *records: dict[str, Any]) -> Evidence:
    osv.write(root / "osv.zip", *(records or (RECORD,)))
    keys = {"advisories": "osv.zip", "advisories-max-age": "any"}
    return collect(
        gate.GATE,
        root,
        {"requirements.txt": now},
        msgspec.convert(keys, gate.DependenciesSettings),
        base=None if then is None else Then(files=then),
        clock=FixedClock(),
        environment={},
    )


def judged(evidence: Evidence, days: int) -> GateResult:
    planned = judging.gate("dependencies", leeway=Leeway(with_fix=7, without_fix=30))
    policy = PolicyInputs(effective_time=PUBLISHED + timedelta(days=days))
    collected = Collected(gate_id="dependencies", evidence=evidence)
    return decide(judging.docket(planned), [collected], policy).gates[0]


@pytest.mark.parametrize(
    ("then", "in_change", "since"),
    [
        ({"requirements.txt": lock("sprocket==1.0")}, False, "not your change"),
        ({"requirements.txt": lock("sprocket==0.9")}, False, "not your change"),
        ({"requirements.txt": lock("cog==1.0")}, True, "your change brought it"),
        ({"requirements.txt": lock("sprocket==2.0")}, True, "your change brought it"),
        ({"requirements.txt": "sprocket >= what\n"}, None, ""),
        ({}, None, ""),
        (None, None, ""),
    ],
)
def test_the_lock_of_the_base_says_whose_doing_it_is(
    tmp_path: Path, then: Mapping[str, str] | None, in_change: bool | None, since: str
) -> None:
    evidence = run(tmp_path, lock("sprocket==1.0"), then)
    (finding,) = evidence.findings
    assert (finding.in_change, finding.fixable) == (in_change, True)
    assert finding.published == "2026-01-01T08:00:00Z"
    assert since in judged(evidence, 0).findings[0].since


@pytest.mark.parametrize(
    ("record", "days", "verdict"),
    [
        (RECORD, 6, Verdict.PASS),
        (RECORD, 7, Verdict.FAIL),
        (UNFIXED, 29, Verdict.PASS),
        (UNFIXED, 30, Verdict.FAIL),
        (osv.record(published=None), 0, Verdict.FAIL),
    ],
)
def test_a_new_advisory_blocks_once_its_days_are_over(
    tmp_path: Path, record: dict[str, Any], days: int, verdict: Verdict
) -> None:
    same = lock("sprocket==1.0")
    evidence = run(tmp_path, same, {"requirements.txt": same}, record)
    assert judged(evidence, days).verdict is verdict


def test_what_the_change_brought_blocks_at_once(tmp_path: Path) -> None:
    evidence = run(tmp_path, lock("sprocket==1.0"), {"requirements.txt": lock("cog==1.0")})
    assert judged(evidence, 0).verdict is Verdict.FAIL
