"""The engine: every way a gate can end, side by side, in the plan's order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_gate.api import Context, Evidence, ToolProblem
from release_gate.errors import Interrupted, ProjectEnvironmentProblem
from release_gate.model import Collected, Problem
from release_gate.plan.types import CommonSettings
from release_gate.run.engine import Engine
from release_gate.run.interrupt import Interrupts
from release_gate.run.world import Said
from release_gate.testing import FixedClock

pytestmark = pytest.mark.unit

Kit = Any
# For what hangs: whatever must not be waited for here goes on for a minute.
HANGS_S = 30
Heard = Any
Make = Callable[..., Evidence]


def one(kit: Kit, heard: Heard, collect: Callable[[Context, Any], Any], **more: Any) -> Collected:
    world = kit.world(**more.pop("world", {}))
    gates = [kit.gate("g", collect, **more)]
    (collected,) = Engine(world).collect_all(kit.plan(gates), heard, 2)
    assert isinstance(collected, Collected)
    return collected


def problem(collected: Collected) -> Problem:
    assert collected.evidence is None
    assert collected.problem is not None
    return collected.problem


def test_evidence_comes_back_with_start_and_duration(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    collected = one(kit, heard, lambda _c, _s: evidence(7))
    assert evidence(7) == collected.evidence
    assert collected.started_at == "2026-01-02T03:04:05+00:00"
    assert collected.problem is None
    assert not collected.cached


def test_fixed_clocks_give_a_fixed_duration(kit: Kit, heard: Heard, evidence: Make) -> None:
    collected = one(kit, heard, lambda _c, _s: evidence(), world={"clock": FixedClock()})
    assert collected.duration_s == 0.0


def test_order_is_that_of_the_plan_whoever_ends_first(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    def slow(_context: Context, _settings: Any) -> Evidence:
        time.sleep(0.2)
        return evidence()

    gates = [kit.gate("b", slow), kit.gate("a", lambda _c, _s: evidence())]
    collected = Engine(kit.world()).collect_all(kit.plan(gates), heard, 2)
    assert [one.gate_id for one in collected] == ["b", "a"]


def test_gates_run_side_by_side(kit: Kit, heard: Heard, evidence: Make) -> None:
    barrier = threading.Barrier(2, timeout=5)

    def meet(_context: Context, _settings: Any) -> Evidence:
        barrier.wait()
        return evidence()

    gates = [kit.gate("a", meet), kit.gate("b", meet)]
    collected = Engine(kit.world()).collect_all(kit.plan(gates), heard, 2)
    assert [one.problem for one in collected] == [None, None]


def test_one_job_runs_one_after_the_other(kit: Kit, heard: Heard, evidence: Make) -> None:
    present, most = [0], [0]

    def count(_context: Context, _settings: Any) -> Evidence:
        present[0] += 1
        most[0] = max(most[0], present[0])
        time.sleep(0.02)
        present[0] -= 1
        return evidence()

    gates = [kit.gate(name, count) for name in "abcd"]
    Engine(kit.world()).collect_all(kit.plan(gates), heard, 1)
    assert most[0] == 1


def test_skipped_and_inapplicable_gates_are_not_run(kit: Kit, heard: Heard, evidence: Make) -> None:
    skipped = CommonSettings(phase="pre-release", skip_reason="not yet")
    gates = [
        kit.gate("a", lambda _c, _s: evidence(), common=skipped),
        kit.gate("b", lambda _c, _s: evidence(), inapplicable="nothing there"),
        kit.gate("c", lambda _c, _s: evidence()),
    ]
    collected = Engine(kit.world()).collect_all(kit.plan(gates), heard)
    assert [one.gate_id for one in collected] == ["c"]
    assert heard.of("a") == []


def test_nothing_to_run_gives_nothing(kit: Kit, heard: Heard) -> None:
    assert Engine(kit.world()).collect_all(kit.plan([]), heard) == ()


def test_exception_becomes_a_problem_with_the_traceback_in_the_log(kit: Kit, heard: Heard) -> None:
    def broken(_context: Context, _settings: Any) -> Evidence:
        raise ValueError("what a pity")

    found = problem(one(kit, heard, broken))
    assert found.what == "collect raised ValueError: what a pity"
    assert found.log == "logs/g.log"
    assert "in broken" in (kit.output / "logs" / "g.log").read_text()


@pytest.mark.parametrize("error", [SystemExit(0), SystemExit(3), GeneratorExit(), MemoryError()])
def test_exit_and_its_like_end_only_their_gate(
    kit: Kit, heard: Heard, error: BaseException, evidence: Make
) -> None:
    def leave(_context: Context, _settings: Any) -> Evidence:
        raise error

    gates = [kit.gate("g", leave), kit.gate("h", lambda _c, _s: evidence())]
    collected = Engine(kit.world()).collect_all(kit.plan(gates), heard, 2)
    assert type(error).__name__ in problem(collected[0]).what
    assert evidence() == collected[1].evidence


@pytest.mark.parametrize("value", [None, True, (), "pass", {"examined": 3}])
def test_wrong_type_is_a_problem(kit: Kit, heard: Heard, value: object) -> None:
    found = problem(one(kit, heard, lambda _c, _s: value))
    assert "and not Evidence" in found.what
    assert found.log == "logs/g.log"


def test_tool_problem_keeps_its_words_and_log_without_paths(kit: Kit, heard: Heard) -> None:
    def refuse(context: Context, _settings: Any) -> Evidence:
        log = kit.output / "logs" / "tool.log"
        log.write_text("said the tool")
        path = context.project.root / "src"
        raise ToolProblem(f"nothing in {path}, see {context.work}", log, remedy="look again")

    found = problem(one(kit, heard, refuse))
    assert found.what == "nothing in {root}/src, see {tmp}/work/g"
    assert (found.remedy, found.log, found.slug) == ("look again", "logs/tool.log", "tool-problem")


def test_other_errors_of_ours_keep_their_slug_and_need_no_log(kit: Kit, heard: Heard) -> None:
    def refuse(_context: Context, _settings: Any) -> Evidence:
        raise ProjectEnvironmentProblem("no interpreter", remedy="make one")

    found = problem(one(kit, heard, refuse))
    assert (found.slug, found.log) == ("project-environment", None)


def test_log_that_cannot_be_written_is_said(kit: Kit, heard: Heard) -> None:
    def broken(_context: Context, _settings: Any) -> Evidence:
        (kit.output / "logs" / "g.log").mkdir()
        raise ValueError("first this")

    found = problem(one(kit, heard, broken))
    assert "first this" in found.what
    assert "log could not be written" in found.remedy


def test_output_that_cannot_be_made_is_the_gates_problem(kit: Kit, heard: Heard) -> None:
    kit.output.write_text("a file where the folder should be")
    found = problem(one(kit, heard, lambda _c, _s: None))
    assert "Error" in found.what


def test_gate_that_hangs_is_given_up_and_the_others_finish(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    release = threading.Event()

    def hang(context: Context, _settings: Any) -> Evidence:
        release.wait(60)
        context.progress("too late")
        return evidence()

    gates = [kit.gate("g", hang, deadline_s=0.1), kit.gate("h", lambda _c, _s: evidence())]
    started = time.monotonic()
    collected = Engine(kit.world()).collect_all(kit.plan(gates), heard, 1)
    assert time.monotonic() - started < HANGS_S
    release.set()
    assert "still running at its deadline of 0.1 s" in problem(collected[0]).what
    assert problem(collected[0]).slug == "deadline"
    assert evidence() == collected[1].evidence


def test_progress_reaches_the_sink_in_order_from_one_thread(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    def work(context: Context, _settings: Any) -> Evidence:
        context.progress("half")
        context.progress("all")
        return evidence()

    one(kit, heard, work)
    assert heard.of("g") == ["started", "half", "all", "finished"]
    assert {threading.current_thread().name} == heard.threads


def test_work_folder_is_outside_the_project_and_gone_afterwards(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    seen: list[Path] = []

    def work(context: Context, _settings: Any) -> Evidence:
        assert list(context.work.iterdir()) == []
        (context.work / "left").write_text("x")
        seen.append(context.work)
        (context.artifacts / "page.html").write_text("x")
        return evidence()

    assert one(kit, heard, work).problem is None
    assert not seen[0].is_relative_to(kit.root)
    assert not seen[0].exists()
    assert [one.name for one in (kit.output / "artifacts" / "g").iterdir()] == ["page.html"]


def test_artifacts_of_an_earlier_run_are_replaced_whole(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    old = kit.output / "artifacts" / "g" / "old.html"
    old.parent.mkdir(parents=True)
    old.write_text("x")
    assert one(kit, heard, lambda _c, _s: evidence()).problem is None
    assert not old.exists()


def test_artifacts_that_cannot_be_written_are_a_problem(
    kit: Kit, heard: Heard, evidence: Make
) -> None:
    def work(context: Context, _settings: Any) -> Evidence:
        (context.artifacts / "page.html").write_text("x")
        (kit.output / "artifacts").write_text("a file where the folder should be")
        return evidence()

    assert "artifacts could not be written" in problem(one(kit, heard, work)).what


class Kept:
    """A cache that has one answer for all."""

    def __init__(self, evidence: Evidence | None) -> None:
        self.evidence = evidence

    def load(self, plan: Any, gate: Any) -> Evidence | None:
        return self.evidence

    def store(self, plan: Any, gate: Any, evidence: Evidence) -> None:
        raise AssertionError("the tree has not been compared yet")


def test_kept_evidence_is_used_and_said(kit: Kit, heard: Heard, evidence: Make) -> None:
    def never(_context: Context, _settings: Any) -> Evidence:
        raise AssertionError("not to be run")

    collected = one(kit, heard, never, world={"cache": Kept(evidence(5))})
    assert evidence(5) == collected.evidence
    assert collected.cached


def test_cache_without_an_answer_runs_the_gate(kit: Kit, heard: Heard, evidence: Make) -> None:
    collected = one(kit, heard, lambda _c, _s: evidence(), world={"cache": Kept(None)})
    assert evidence() == collected.evidence
    assert not collected.cached


class Hosting:
    """A host with one answer for all."""

    def __init__(self, said: Said) -> None:
        self.said = said

    def collect(self, plan: Any, gate: Any, context: Any, runner: Any, log: Path) -> Said:
        log.write_text("what it printed")
        return self.said


def never(_context: Context, _settings: Any) -> Evidence:
    raise AssertionError("not to be run here")


def hosted(kit: Kit, heard: Heard, said: Said) -> tuple[Collected, Engine]:
    engine = Engine(kit.world(host=Hosting(said)))
    gate = kit.gate("g", never, home="file", file="g.py")
    (collected,) = engine.collect_all(kit.plan([gate]), heard)
    return collected, engine


def test_gates_that_are_not_ours_go_to_the_host(kit: Kit, heard: Heard, evidence: Make) -> None:
    said = Said(title="Theirs", evidence=evidence(9))
    collected, engine = hosted(kit, heard, said)
    assert collected.evidence == evidence(9)
    assert collected.problem is None
    assert engine.said == {"g": said}


def test_problem_of_a_hosted_gate_gets_its_log_and_loses_paths(kit: Kit, heard: Heard) -> None:
    what = f"no {kit.root}/src"
    collected, _ = hosted(kit, heard, Said(title="Theirs", problem=Problem(what=what, slug="s")))
    found = problem(collected)
    assert (found.what, found.log, found.slug) == ("no {root}/src", "logs/g.log", "s")


def test_hosted_gate_that_does_not_apply_is_never_without_a_word(kit: Kit, heard: Heard) -> None:
    collected, _ = hosted(kit, heard, Said(title="Theirs", inapplicable="no Dockerfile"))
    assert problem(collected).what == "the gate does not apply: no Dockerfile"


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_children_and_the_run(kit: Kit, heard: Heard, number: int) -> None:
    ended = threading.Event()

    def hang(_context: Context, _settings: Any) -> Evidence:
        os.kill(os.getpid(), number)
        ended.wait(60)
        raise Interrupted("the runner was ended")

    def end_children() -> None:
        ended.set()
        os.kill(os.getpid(), number)  # the impatient user

    gates = [kit.gate("g", hang), kit.gate("h", lambda _c, _s: time.sleep(0.5))]
    started = time.monotonic()
    with Interrupts() as interrupts:
        world = kit.world(interrupts=interrupts, end_children=end_children)
        with pytest.raises(Interrupted, match=signal.Signals(number).name):
            Engine(world).collect_all(kit.plan(gates), heard, 2)
    assert time.monotonic() - started < HANGS_S


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_gate_that_ignores_the_end_is_not_waited_for(kit: Kit, heard: Heard) -> None:
    release = threading.Event()

    def hang(_context: Context, _settings: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        release.wait(60)

    started = time.monotonic()
    with Interrupts() as interrupts:
        engine = Engine(kit.world(interrupts=interrupts))
        with pytest.raises(Interrupted):
            engine.collect_all(kit.plan([kit.gate("g", hang)]), heard)
    assert time.monotonic() - started < HANGS_S
    release.set()
    assert kit.ended == 1
