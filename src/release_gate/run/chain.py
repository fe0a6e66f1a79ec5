"""One run from the plan to the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from release_gate.judge.baseline import Baseline
from release_gate.judge.baseline_parse import parse
from release_gate.judge.decide import decide
from release_gate.judge.history import Release
from release_gate.judge.needs import NamedReport, unmet
from release_gate.judge.policy_change import TITLE
from release_gate.judge.types import Docket, DocketGate, PolicyInputs, Report, ToolInfo
from release_gate.model import Collected, Problem
from release_gate.plan.types import Plan, PlannedGate
from release_gate.ports import Project
from release_gate.run.engine import Engine, runs
from release_gate.run.events import RunFinished, RunStarted, Sink
from release_gate.run.surroundings import surroundings
from release_gate.run.tree import changes
from release_gate.run.world import Said, World
from release_gate.trust import POLICY_CHANGE

_MOST_PATHS = 5


def execute(
    plan: Plan,
    world: World,
    sink: Sink,
    *,
    tool: ToolInfo,
    jobs: int | None = None,
    earlier: Sequence[NamedReport] = (),
    history: tuple[Release, ...] | None = None,
) -> Report:
    """Run what the plan says and judge what came of it.

    Args:
        plan: Settled before; nothing is looked for that is not in it.
        world: The outside.
        sink: Hears of everything as it happens.
        tool: Who judges, for the report.
        jobs: Gates at one time; default: one for each processor.
        earlier: Reports of what may have to come before.
        history: Earlier releases, oldest first; ``None`` where none is kept.

    Raises:
        BaselineError: If the baseline cannot be used; before anything runs.
        Interrupted: By Ctrl-C or a signal.
        RepositoryProblem: If the tree cannot be listed again after the run.
    """
    text = plan.baseline_text
    baseline = None if text is None else _acceptable(parse(text, plan.baseline_file))
    started = world.clock.now()
    since = world.clock.monotonic()
    sink.emit(RunStarted(plan=plan))
    engine = Engine(world)
    collected = engine.collect_all(plan, sink, jobs)
    changed = changes(plan.project.files, world.files_now(), _ran(collected))
    duration_s = world.clock.monotonic() - since
    sink.emit(RunFinished(duration_s=duration_s))
    if not changed:
        _keep(plan, world, collected)
    return decide(
        docket(
            plan,
            tool=tool,
            said=engine.said,
            environment=world.environment,
            started_at=started.isoformat(),
            duration_s=duration_s,
            changed_during_run=changed,
            earlier=earlier,
        ),
        (*collected, *_derived(plan, started.isoformat())),
        PolicyInputs(
            effective_time=plan.effective_time or started,
            replayed=plan.effective_time is not None,
            replay_is_error=plan.replay_is_error,
            baseline=baseline,
            dirty_is_error=plan.dirty_is_error,
            policy_digest=plan.policy_digest,
            renames=_renames(plan, collected),
            waivers=plan.waivers,
            waiver_policy=plan.waiver_policy,
            checklist=plan.judging.checklist,
            local_times=_local_times(plan, plan.effective_time or started),
            score=plan.judging.score,
            history=history,
            environment=plan.environment,
            narrowed=bool(plan.paths),
            present=frozenset(one.path for one in plan.project.files),
        ),
    )


def docket(
    plan: Plan,
    *,
    tool: ToolInfo,
    said: Mapping[str, Said] = MappingProxyType({}),
    environment: Mapping[str, str] = MappingProxyType({}),
    started_at: str = "",
    duration_s: float = 0.0,
    changed_during_run: tuple[Problem, ...] = (),
    earlier: Sequence[NamedReport] = (),
) -> Docket:
    """The plan as far as policy needs it.

    Args:
        plan: What ran.
        tool: Who judges.
        said: What gates that are not ours said of themselves.
        environment: The process environment as injected.
        started_at: Wall clock at the start, UTC, ISO 8601.
        duration_s: Seconds by the monotonic clock.
        changed_during_run: Files that differ from the listing after the run.
        earlier: Reports of what may have to come before.
    """
    return Docket(
        gates=(
            *(
                replace(
                    _docket_gate(one, plan.project, said.get(one.gate_id)),
                    surroundings=surroundings(plan, one, environment),
                )
                for one in plan.gates
            ),
            *_judging(plan),
        ),
        subject=plan.subject,
        phase=plan.phase,
        tool=tool,
        base=plan.base_ref,
        not_applicable=plan.not_applicable,
        partial=plan.partial,
        started_at=started_at,
        duration_s=duration_s,
        changed_during_run=changed_during_run,
        notes=(*_narrowed(plan), *plan.notes, *plan.warnings),
        planned=plan.planned,
        last=() if plan.partial else plan.judging.last,
        paths=plan.paths,
        needs=plan.needs,
        policy=plan.policy,
        unmet=unmet(plan.needs, plan.subject, plan.phase, earlier),
    )


def _local_times(plan: Plan, moment: datetime) -> dict[str, datetime]:
    if plan.judging.checklist is None:
        return {}
    zones = sorted(plan.judging.checklist.checklist.zones())
    return {zone: moment.astimezone(ZoneInfo(zone)) for zone in zones}


def _judging(plan: Plan) -> Iterator[DocketGate]:
    """The gates that judge what others are judged by."""
    if plan.judges_policy:
        yield DocketGate(gate_id=POLICY_CHANGE, kind=POLICY_CHANGE, title=TITLE, phase=plan.phase)


def _derived(plan: Plan, started_at: str) -> Iterator[Collected]:
    """Evidence about the others' rules, known since the plan and judged after all of them."""
    if plan.judges_policy and plan.ruling is not None:
        yield Collected(gate_id=POLICY_CHANGE, evidence=plan.ruling.evidence, started_at=started_at)


def _acceptable(baseline: Baseline) -> Baseline:
    """Without changes of policy: no baseline, not even the base's own, accepts one."""
    entries = tuple(one for one in baseline.entries if one.gate_id != POLICY_CHANGE)
    return replace(baseline, entries=entries)


def _narrowed(plan: Plan) -> Iterator[str]:
    if plan.paths:
        more = len(plan.paths) - _MOST_PATHS
        rest = f" and {more} more" if more > 0 else ""
        yield f"only these were looked at: {', '.join(plan.paths[:_MOST_PATHS])}{rest}"


def _docket_gate(one: PlannedGate, project: Project, said: Said | None) -> DocketGate:
    """A gate of ours is asked for its limits here; any other has said them in its process."""
    limits = one.gate.limits(one.settings, project) if runs(one) else ()
    return DocketGate(
        gate_id=one.gate_id,
        kind=one.gate.kind,
        title=said.title if said else one.gate.title,
        phase=one.common.phase,
        skip_reason=one.common.skip_reason,
        inapplicable=said.inapplicable if said else one.inapplicable,
        enforce=one.common.enforce,
        budget=one.common.budget,
        ratchets=one.common.ratchets,
        leeway=one.common.leeway,
        limits=said.limits if said else limits,
        tools=one.tools,
    )


def _ran(collected: Sequence[Collected]) -> list[str]:
    return [one.gate_id for one in collected if not one.cached]


def _keep(plan: Plan, world: World, collected: Sequence[Collected]) -> None:
    """Only now is it known that the evidence is about the files that the key names."""
    gates = {one.gate_id: one for one in plan.gates}
    for one in collected:
        if world.cache is not None and one.evidence is not None and not one.cached:
            world.cache.store(plan, gates[one.gate_id], one.evidence)


def _renames(plan: Plan, collected: Sequence[Collected]) -> dict[str, str]:
    if plan.base is None:
        return {}
    findings = [f for one in collected if one.evidence for f in one.evidence.findings]
    named = sorted({one.path for one in findings if one.path})
    old = {path: plan.base.old_path(path) for path in named}
    return {new: was for new, was in old.items() if was is not None and was != new}
