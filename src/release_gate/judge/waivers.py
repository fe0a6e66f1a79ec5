"""Waivers: dated, owned and approved exceptions, applied to what a gate found.

A waiver covers findings that are new; what the baseline accepts needs none. Whatever keeps a
waiver from applying is said: at the finding that it names, and in the list of the gate's
waivers. One that may not be used at all, or two for one finding, make the gate an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.types import (
    JudgedFinding,
    PolicyInputs,
    State,
    WaiverStatus,
    WaiverUse,
)
from release_gate.judge.waiver_rules import (
    Target,
    concerns,
    out_of_date,
    uncovered,
    unmatched,
    unusable,
    utc_day,
)
from release_gate.model import Problem
from release_gate.policy import Waiver, WaiverBook, WaiverPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Waived:
    """What waivers make of a gate's findings.

    Args:
        findings: In the order they came, with their state.
        uses: One for each waiver of this gate and environment, in the file's order.
        problems: What makes the gate an error.
        failures: What makes it fail besides findings, one phrase each.
    """

    findings: tuple[JudgedFinding, ...]
    uses: tuple[WaiverUse, ...] = ()
    problems: tuple[Problem, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """One waiver before the findings of its gate.

    Args:
        waiver: The waiver.
        status: Whether it holds at all; ``IN_FORCE`` until something speaks against it.
        said: What speaks against it.
        named: Positions of the new findings that it names.
        covered: Those of them that it may cover.
        hits: Whether it names any finding, also one that needs no waiver.
    """

    waiver: Waiver
    status: WaiverStatus
    said: str
    named: tuple[int, ...]
    covered: tuple[int, ...]
    hits: bool


def apply_waivers(
    gate_id: str,
    findings: Sequence[JudgedFinding],
    inputs: PolicyInputs,
    *,
    whole: bool,
) -> Waived:
    """Waive what may be waived, and say why not of the rest.

    Args:
        gate_id: Whose findings they are.
        findings: Each new or known.
        inputs: With the waivers, their policy, the environment and the moment to judge at.
        whole: Whether everything was looked at, so that what does not occur is not there.
    """
    book = inputs.waivers
    if book is None:
        return Waived(findings=tuple(findings))
    today = utc_day(inputs.effective_time)
    seen = targets(findings, inputs.renames)
    own = [one for one in book.waivers if concerns(one, gate_id, inputs.environment)]
    cases = [_case(one, seen, inputs.waiver_policy, today) for one in own]
    cases = _settled(cases)
    notes = _notes(cases, [one for one in book.waivers if one.gate == gate_id], own, seen)
    ids = {at: one.waiver.id for one in cases if _holds(one) for at in one.covered}
    uses = tuple(_use(one, inputs.waiver_policy, today, whole=whole) for one in cases)
    return Waived(
        findings=tuple(
            _judged(item, ids.get(at), notes.get(at, ())) for at, item in enumerate(findings)
        ),
        uses=uses,
        problems=tuple(_problems(cases, book)),
        failures=tuple(_failures(uses, inputs.waiver_policy)),
    )


def recounted(
    uses: Sequence[WaiverUse], findings: Sequence[JudgedFinding]
) -> tuple[WaiverUse, ...]:
    """What waivers cover in the end: a budget may ask for more than a waiver gives.

    Args:
        uses: As :func:`apply_waivers` gave them.
        findings: As they stand in the result.
    """
    counts = Counter(item.waiver_id for item in findings)
    return tuple(
        one
        if counts[one.id] == one.findings
        else replace(one, findings=counts[one.id], note="the budget asks for more than it gives")
        for one in uses
    )


def targets(findings: Sequence[JudgedFinding], renames: Mapping[str, str]) -> tuple[Target, ...]:
    """Findings as waivers see them: also under their path before a rename.

    Args:
        findings: Of one gate.
        renames: Old path by new path.
    """
    before = fingerprints([item.finding for item in findings], paths=dict(renames))
    return tuple(
        Target(judged=item, before=digest, old_path=renames.get(item.finding.path or ""))
        for item, digest in zip(findings, before, strict=True)
    )


def _case(waiver: Waiver, seen: Sequence[Target], policy: WaiverPolicy, today: date) -> _Case:
    hits = [at for at, target in enumerate(seen) if not unmatched(waiver.match, target)]
    named = [at for at in hits if seen[at].judged.state is State.NEW]
    covered = [at for at in named if not any(uncovered(waiver, seen[at].finding))]
    status, said = _standing(waiver, policy, today)
    return _Case(
        waiver=waiver,
        status=status,
        said=said,
        named=tuple(named),
        covered=tuple(covered),
        hits=bool(hits),
    )


def _standing(waiver: Waiver, policy: WaiverPolicy, today: date) -> tuple[WaiverStatus, str]:
    """An ended waiver does nothing, so that nothing else of it matters."""
    if today > waiver.expires:
        return WaiverStatus.EXPIRED, out_of_date(waiver, today)
    if why := "; ".join(unusable(waiver, policy)):
        return WaiverStatus.UNUSABLE, why
    if why := out_of_date(waiver, today):
        return WaiverStatus.NOT_YET, why
    return WaiverStatus.IN_FORCE, ""


def _settled(cases: Sequence[_Case]) -> list[_Case]:
    """What only shows beside the others: too many findings, two waivers for one."""
    holding = [one for one in cases if _holds(one)]
    rivals: dict[str, set[str]] = {}
    for one in holding:
        for other in holding:
            if one is not other and set(one.covered) & set(other.covered):
                rivals.setdefault(one.waiver.id, set()).add(other.waiver.id)
    return [_one_settled(one, sorted(rivals.get(one.waiver.id, ()))) for one in cases]


def _one_settled(case: _Case, rivals: Sequence[str]) -> _Case:
    if rivals:
        said = f"{' and '.join(rivals)} covers the same finding: neither applies"
        return replace(case, status=WaiverStatus.CONFLICT, said=said)
    most = case.waiver.max_count
    if _holds(case) and len(case.named) > most:
        said = f"it names {len(case.named)} findings, and max-count is {most}: none is waived"
        return replace(case, status=WaiverStatus.TOO_MANY, said=said)
    return case


def _holds(case: _Case) -> bool:
    return case.status is WaiverStatus.IN_FORCE


def _notes(
    cases: Sequence[_Case], book: Sequence[Waiver], own: Sequence[Waiver], seen: Sequence[Target]
) -> Mapping[int, tuple[str, ...]]:
    """For each new finding: which waivers name it, and why they do not cover it."""
    notes: dict[int, tuple[str, ...]] = {}
    for case in cases:
        for at in case.named:
            why = case.said or "; ".join(uncovered(case.waiver, seen[at].finding))
            if why:
                notes[at] = (*notes.get(at, ()), f"{case.waiver.id}: {why}")
    for waiver in (one for one in book if one not in own):
        for at, target in enumerate(seen):
            if target.judged.state is State.NEW and not unmatched(waiver.match, target):
                where = " and ".join(waiver.environments)
                notes[at] = (*notes.get(at, ()), f"{waiver.id}: it is for {where} alone")
    return notes


def _judged(item: JudgedFinding, waiver_id: str | None, notes: Sequence[str]) -> JudgedFinding:
    if waiver_id is not None:
        return replace(item, state=State.WAIVED, enforced=False, waiver_id=waiver_id)
    return replace(item, waiver_note=" · ".join(notes)) if notes else item


def _use(case: _Case, policy: WaiverPolicy, today: date, *, whole: bool) -> WaiverUse:
    status, note = _as_used(case, whole=whole)
    waiver = case.waiver
    left = (waiver.expires - today).days
    if status is WaiverStatus.IN_FORCE and left <= policy.warn_days:
        note = "ends today" if left == 0 else f"ends in {left} {'day' if left == 1 else 'days'}"
    return WaiverUse(
        id=waiver.id,
        status=status,
        findings=len(case.covered) if status is WaiverStatus.IN_FORCE else 0,
        note=note,
        type=waiver.type,
        reason=waiver.reason,
        mitigation=waiver.mitigation,
        owner=waiver.owner,
        approver=waiver.approver,
        created=waiver.created.isoformat(),
        expires=waiver.expires.isoformat(),
        days_left=left,
        tracking=waiver.tracking,
    )


def _as_used(case: _Case, *, whole: bool) -> tuple[WaiverStatus, str]:
    if not _holds(case) or case.covered:
        return case.status, case.said
    if case.named:
        return WaiverStatus.NOT_COVERING, "it names findings that it may not cover"
    if case.hits:
        return WaiverStatus.NOT_NEEDED, "the baseline accepts what it names"
    if whole:
        return WaiverStatus.NO_MATCH, "it matches nothing: take it out"
    return WaiverStatus.NOT_SEEN, "not everything was looked at"


def _problems(cases: Sequence[_Case], book: WaiverBook) -> Iterator[Problem]:
    for case in cases:
        if case.status is WaiverStatus.UNUSABLE:
            yield Problem(
                what=f"waiver {case.waiver.id} cannot be used: {case.said}",
                remedy=f"Mend or take out {book.place(case.waiver)}.",
                path=book.file,
                slug="waiver-unusable",
            )
        elif case.status is WaiverStatus.CONFLICT:
            yield Problem(
                what=f"waiver {case.waiver.id} does not apply: {case.said}",
                remedy=f"Keep one of them: {book.place(case.waiver)}.",
                path=book.file,
                slug="waiver-conflict",
            )


def _failures(uses: Sequence[WaiverUse], policy: WaiverPolicy) -> Iterator[str]:
    if policy.strict:
        for one in uses:
            if one.status is WaiverStatus.NO_MATCH:
                yield f"waiver {one.id} matches nothing"
