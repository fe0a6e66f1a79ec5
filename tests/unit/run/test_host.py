"""What the answer of a gate's own process means, and that nothing odd passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Evidence, FileEntry, Limit
from release_gate.errors import ToolProblem
from release_gate.model import BaseRef
from release_gate.plan.hosted import HostAnswer, HostLimit, HostProblem, RawSettings, encode
from release_gate.plan.types import PlannedGate
from release_gate.ports import Completed, Context
from release_gate.run.host import CHILD, PROGRESS, ChildHost, request, understood
from release_gate.testing import FixedClock, ThisEnvironment, ThisToolkit

pytestmark = pytest.mark.unit

Kit = Any
Make = Callable[..., Evidence]
LOG = Path("gate.log")


VENV = ("/venv/bin/python", ".venv")


def gate_of(kit: Kit, **more: Any) -> PlannedGate:
    settings = RawSettings(values={"most": 3})
    (kit.root / "g.py").write_text("GATE = None\n")
    values = {"home": "file", "file": "g.py", "settings": settings, **more}
    gate = kit.gate("g", lambda _c, _s: None, **values)
    assert isinstance(gate, PlannedGate)
    return gate


def context_of(kit: Kit, **more: Any) -> Context:
    plan = kit.plan([], files=(FileEntry(path="a\udcff", tracked=True, size=1),))
    values: dict[str, Any] = {
        "gate_id": "g",
        "project": plan.project,
        "base": None,
        "runner": None,
        "toolkit": ThisToolkit(),
        "project_environment": ThisEnvironment(),
        "work": kit.folder / "work",
        "artifacts": kit.output,
        "progress": print,
        "clock": FixedClock(),
        "environment": {},
        "secret_key": b"\xff\x00",
        "paths": ("a.py",),
    }
    return Context(**{**values, **more})


def done(exit_code: int = 0) -> Completed:
    return Completed(
        argv=("python",), exit_code=exit_code, stdout=b"", stderr=b"", duration_s=1, log=LOG
    )


def answer(evidence: Evidence | None = None, **more: Any) -> bytes:
    values: dict[str, Any] = {
        "gate_id": "g",
        "title": "Theirs",
        "applies": None,
        "evidence": None if evidence is None else msgspec.to_builtins(evidence),
        "problem": None,
        "limits": (),
    }
    return encode(HostAnswer(**{**values, **more}))


def test_request_holds_all_that_the_child_needs(kit: Kit) -> None:
    files = (FileEntry(path="a\udcff", tracked=True, size=1, blob="b"),)
    base = BaseRef(ref="main", commit="c" * 40)
    plan = kit.plan([], files=files, base=object(), base_ref=base)
    made = request(plan, gate_of(kit), context_of(kit), VENV)
    assert (made.gate_id, made.kind, made.home, made.file) == ("g", "g", "file", "g.py")
    assert made.settings == {"most": 3}
    assert [one.entry() for one in made.files] == list(files)
    assert made.base == base
    assert made.paths == ("a.py",)
    assert made.secret_key == b"\xff\x00"
    assert (made.project_python, made.project_environment) == VENV
    assert len(made.sha256 or "") == 64


def test_gate_of_a_third_party_is_found_by_its_entry_point(kit: Kit) -> None:
    gate = replace(gate_of(kit), home="entry-point", file=None)
    made = request(kit.plan([]), gate, context_of(kit), (None, "built"))
    assert (made.home, made.entry_point, made.file, made.sha256) == ("entry-point", "g", None, None)
    assert made.base is None


def test_gate_file_that_went_away_is_a_problem(kit: Kit) -> None:
    gate = gate_of(kit)
    (kit.root / "g.py").unlink()
    with pytest.raises(ToolProblem, match=r"g\.py cannot be read"):
        request(kit.plan([]), gate, context_of(kit), (None, "built"))


def test_our_own_gates_need_no_host(kit: Kit) -> None:
    with pytest.raises(TypeError):
        request(kit.plan([]), gate_of(kit, home="bundled"), context_of(kit), VENV)


def test_evidence_comes_through(kit: Kit, evidence: Make) -> None:
    limits = (HostLimit.of(Limit(metric="m", at_most=Fraction(1, 3))),)
    said = understood(gate_of(kit), done(), answer(evidence(4), limits=limits), LOG)
    assert said.evidence == evidence(4)
    assert said.limits[0].metric == "m"
    assert (said.title, said.problem, said.inapplicable) == ("Theirs", None, None)


def test_problem_comes_through(kit: Kit) -> None:
    problem = HostProblem(what="w", remedy="r", slug="tool-problem")
    said = understood(gate_of(kit), done(), answer(problem=problem), LOG)
    assert said.problem is not None
    assert (said.problem.what, said.problem.remedy, said.problem.slug) == ("w", "r", "tool-problem")


def test_gate_that_does_not_apply_comes_through(kit: Kit) -> None:
    said = understood(gate_of(kit), done(), answer(applies="nothing there"), LOG)
    assert said.inapplicable == "nothing there"


def lying(kit: Kit, evidence: Evidence, which: str) -> tuple[Completed, bytes]:
    whole = json.loads(answer(evidence))
    problem = HostProblem(what="w", remedy="", slug="s")
    broken = msgspec.structs.replace(HostLimit.of(Limit(metric="m")), at_most="1/0")
    return {
        "none": (done(), b""),
        "exit": (done(7), b""),
        "cut off": (done(), answer(evidence)[:-9]),
        "rubbish": (done(), b"hello\n"),
        "bytes": (done(), b"\xff\xfe\n"),
        "deep": (done(), b"[" * 100_000 + b"\n"),
        "two lines": (done(), answer(evidence) + answer(evidence)),
        "version": (done(), json.dumps({**whole, "protocol": 2}).encode() + b"\n"),
        "unknown key": (done(), json.dumps({**whole, "verdict": "pass"}).encode() + b"\n"),
        "wrong evidence": (done(), json.dumps({**whole, "evidence": {}}).encode() + b"\n"),
        "wrong limit": (done(), answer(evidence, limits=(broken,))),
        "nothing": (done(), answer()),
        "both": (done(), answer(evidence, problem=problem)),
        "another": (done(), answer(evidence, gate_id="h")),
        "answered and crashed": (done(-11), answer(evidence)),
    }[which]


@pytest.mark.parametrize(
    ("which", "told"),
    [
        ("none", "without an answer, with exit code 0"),
        ("exit", "without an answer, with exit code 7"),
        ("cut off", "cannot be read"),
        ("rubbish", "cannot be read"),
        ("bytes", "cannot be read"),
        ("deep", "cannot be read"),
        ("two lines", "cannot be read"),
        ("version", "version 2"),
        ("unknown key", "verdict"),
        ("wrong evidence", "cannot be read"),
        ("wrong limit", "cannot be read"),
        ("nothing", "contradictory"),
        ("both", "contradictory"),
        ("another", "another gate"),
        ("answered and crashed", "exit code -11"),
    ],
)
def test_anything_odd_is_a_problem_with_the_log(
    kit: Kit, evidence: Make, which: str, told: str
) -> None:
    ended, bytes_ = lying(kit, evidence(), which)
    with pytest.raises(ToolProblem, match=told) as caught:
        understood(gate_of(kit), ended, bytes_, LOG)
    assert caught.value.log == LOG


class Recorder:
    def __init__(self, answer_: bytes) -> None:
        self.answer = answer_
        self.argv: list[str] = []
        self.payload = b""

    def run_with_channel(
        self,
        argv: Sequence[str],
        payload: bytes,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> tuple[Completed, bytes]:
        assert on_line
        self.argv, self.payload = list(argv), payload
        on_line("hello")
        on_line(f"{PROGRESS}half")
        return done(), self.answer


def test_child_is_started_with_the_toolkits_interpreter(kit: Kit, evidence: Make) -> None:
    runner = Recorder(answer(evidence()))
    host = ChildHost(python=Path("/toolkit/python"), interpreter=lambda _: VENV)
    told: list[str] = []
    context = context_of(kit, progress=told.append)
    said = host.collect(kit.plan([]), gate_of(kit), context, runner, LOG)
    assert said.evidence == evidence()
    assert runner.argv == ["/toolkit/python", *CHILD, "gate.log"]
    assert told == ["half"]
    assert json.loads(runner.payload)["gate_id"] == "g"
