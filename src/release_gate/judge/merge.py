"""Several reports about one subject joined into one: parts of a phase, and phases of a release.

Nothing is assumed: a gate of which no part came, one that came twice and a report about
something else are named, and the whole is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from release_gate.judge.merge_foreign import Reference, foreign
from release_gate.judge.merge_phase import PhaseGroup
from release_gate.judge.needs import NamedReport, unmet
from release_gate.judge.types import GateResult, Report, Verdict
from release_gate.judge.verdicts import run_verdict, worse
from release_gate.model import ArtifactDigest, NotApplicable, Problem, Subject
from release_gate.trust import CHECKLIST, POLICY_CHANGE, READINESS, JoinedReport

BETWEEN_PHASES = " + "
# Kinds that are judged in each phase anew, about the same things.
_IN_EVERY_PHASE = frozenset({POLICY_CHANGE, CHECKLIST, READINESS})
_WORST_FIRST = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.SKIPPED,
    Verdict.PASS,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sorted:
    """The reports by what becomes of them."""

    groups: tuple[PhaseGroup, ...]
    before: tuple[PhaseGroup, ...]
    problems: tuple[Problem, ...]


def merge(
    reports: Sequence[NamedReport],
    *,
    commit: str | None = None,
    committed_at: datetime | None = None,
) -> Report:
    """One report of all phases.

    Args:
        reports: Parts and full reports, in any order; at least one.
        commit: The commit to be released; ``None``: the one that most of them are about.
        committed_at: When it was made; ``None``: not known.

    Raises:
        ValueError: If there is no report at all.
    """
    if not reports:
        raise ValueError("there is nothing to merge")
    ordered = sorted(reports, key=lambda one: (one.report.started_at, one.name))
    reference = Reference.of(ordered, commit, committed_at)
    found = _sort(ordered, reference)
    gates, twice = _gates(found.groups)
    problems = (
        *found.problems,
        *(problem for group in (*found.groups, *found.before) for problem in group.problems()),
        *twice,
        *_needs(found, reference.subject),
    )
    return _report(found, reference, gates, problems)


def _sort(ordered: Sequence[NamedReport], reference: Reference) -> _Sorted:
    problems, own = [], []
    for one in ordered:
        why = foreign(one.report, reference)
        if why:
            problems.append(_foreign(one.name, why))
        else:
            own.append(one)
    target = _environment(own)
    earlier = _before(own, target)
    groups: dict[tuple[str, str | None], list[NamedReport]] = {}
    for one in own:
        environment = one.report.subject.environment
        if environment in {None, target, *earlier}:
            groups.setdefault((one.report.phase, environment), []).append(one)
        else:
            why = f"is about the environment {environment}, not {target}"
            problems.append(_foreign(one.name, why))
    made = [
        PhaseGroup(phase=phase, environment=env, reports=tuple(members))
        for (phase, env), members in groups.items()
    ]
    return _Sorted(
        groups=tuple(one for one in made if one.environment not in earlier),
        before=tuple(one for one in made if one.environment in earlier),
        problems=tuple(problems),
    )


def _foreign(name: str, why: str) -> Problem:
    return Problem(
        what=f"{name} {why}",
        remedy="Leave it out, or make it anew for what is to be released.",
        slug="foreign-part",
    )


def _environment(own: Sequence[NamedReport]) -> str | None:
    """The environment to be released to: the one that no other one needs; the latest of several."""
    named = [one.report for one in own if one.report.subject.environment is not None]
    needed = {need.name for one in named for need in one.needs if need.kind == "environment"}
    last = [one.subject.environment for one in named if one.subject.environment not in needed]
    every = [one.subject.environment for one in named]
    return (last or every or [None])[-1]


def _before(own: Sequence[NamedReport], target: str | None) -> set[str | None]:
    """The environments that come before the target, step by step."""
    steps: dict[str | None, set[str]] = {}
    for one in own:
        needed = {need.name for need in one.report.needs if need.kind == "environment"}
        steps.setdefault(one.report.subject.environment, set()).update(needed)
    found: set[str | None] = set()
    waiting: list[str | None] = [target]
    while waiting:
        new = steps.get(waiting.pop(), set()) - found - {target}
        found |= new
        waiting += sorted(new)
    return found


def _gates(groups: Sequence[PhaseGroup]) -> tuple[tuple[GateResult, ...], list[Problem]]:
    """All gates, each once, and what stands in two phases."""
    found: dict[str, tuple[GateResult, str]] = {}
    problems = []
    for group in groups:
        for gate in group.gates():
            other = found.get(gate.gate_id)
            if other is not None and gate.kind not in _IN_EVERY_PHASE:
                what = f"gate {gate.gate_id} stands in {other[1]} and in {group.phase}"
                problems.append(Problem(what=what, slug="gate-twice"))
            if other is None or _worse(gate, other[0]):
                found[gate.gate_id] = (gate, group.phase)
    return tuple(gate for gate, _ in found.values()), problems


def _worse(one: GateResult, other: GateResult) -> bool:
    return _WORST_FIRST.index(one.verdict) < _WORST_FIRST.index(other.verdict)


def _needs(found: _Sorted, subject: Subject) -> Iterator[Problem]:
    wholes = [
        NamedReport(name=group.name, report=group.whole())
        for group in (*found.groups, *found.before)
    ]
    for group in (*found.groups, *found.before):
        about = replace(subject, environment=group.environment, artifacts=_artifacts([group]))
        others = [one for one in wholes if one.name != group.name]
        yield from unmet(group.needs(), about, group.phase, others)
        yield from _out_of_order(group, others)


def _out_of_order(group: PhaseGroup, others: Sequence[NamedReport]) -> Iterator[Problem]:
    names = {need.name for need in group.needs() if need.kind == "phase"}
    for one in others:
        if one.report.phase in names and one.report.started_at > group.started_at:
            yield Problem(
                what=f"{group.name} began before {one.name}, which has to pass before",
                remedy="Run them in their order.",
                slug="needed-before",
            )


def _artifacts(groups: Sequence[PhaseGroup]) -> tuple[ArtifactDigest, ...]:
    every = {
        (item.name, item.sha256): item
        for group in groups
        for one in group.reports
        for item in one.report.subject.artifacts
    }
    return tuple(every[key] for key in sorted(every))


def _report(
    found: _Sorted,
    reference: Reference,
    gates: tuple[GateResult, ...],
    problems: tuple[Problem, ...],
) -> Report:
    members = [one for group in found.groups for one in group.reports]
    verdict = run_verdict(gate.verdict for gate in gates if gate.enforce)
    if problems:
        verdict = worse(verdict, Verdict.ERROR)
    first = members[0].report if members else reference.report
    phases = list(dict.fromkeys(group.phase for group in found.groups))
    ids = tuple(gate.gate_id for gate in gates)
    environments = [group.environment for group in found.groups if group.environment]
    return replace(
        first,
        verdict=verdict,
        reason=_reason(verdict, gates, problems),
        partial=False,
        subject=replace(
            reference.subject,
            environment=environments[-1] if environments else None,
            artifacts=_artifacts(found.groups),
        ),
        phase=BETWEEN_PHASES.join(phases) or reference.report.phase,
        effective_time=max(
            (one.report.effective_time for one in members), default=first.effective_time
        ),
        duration_s=sum((one.report.duration_s for one in members), 0.0),
        expected=ids,
        not_applicable=tuple(_not_applicable(members, ids)),
        gates=gates,
        problems=problems,
        notes=tuple(dict.fromkeys(note for one in members for note in one.report.notes)),
        planned=ids,
        paths=(),
        needs=tuple(sorted({need for group in found.groups for need in group.needs()})),
        replayed=any(one.report.replayed for one in members),
        joined=tuple(_joined(found)),
    )


def _reason(verdict: Verdict, gates: Sequence[GateResult], problems: Sequence[Problem]) -> str:
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        return f"{problems[0].what}{more}"
    unlike = [one.gate_id for one in gates if one.enforce and one.verdict is verdict]
    if verdict is Verdict.PASS:
        return f"{len(unlike)} {'gate' if len(unlike) == 1 else 'gates'} passed"
    return f"{verdict}: {', '.join(unlike)}" if unlike else "no gate was judged"


def _not_applicable(members: Sequence[NamedReport], ids: Sequence[str]) -> Iterator[NotApplicable]:
    seen = set(ids)
    for one in members:
        for item in one.report.not_applicable:
            if item.gate_id not in seen:
                seen.add(item.gate_id)
                yield item


def _joined(found: _Sorted) -> Iterator[JoinedReport]:
    for group in (*found.before, *found.groups):
        for one in group.reports:
            report = one.report
            yield JoinedReport(
                name=one.name,
                phase=report.phase,
                environment=report.subject.environment,
                started_at=report.started_at,
                verdict=report.verdict,
                gates=() if group in found.before else report.expected,
            )
