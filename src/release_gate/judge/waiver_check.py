"""Waivers by themselves: what each covers in a report, and which nearly cover a finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from release_gate.judge.budgets import limited
from release_gate.judge.types import (
    GateResult,
    JudgedFinding,
    PolicyInputs,
    Report,
    State,
    WaiverStatus,
    WaiverUse,
)
from release_gate.judge.waiver_rules import (
    concerns,
    out_of_date,
    uncovered,
    unmatched,
    unusable,
    utc_day,
)
from release_gate.judge.waivers import apply_waivers, targets
from release_gate.model import Budget
from release_gate.policy import Waiver, WaiverBook, WaiverPolicy

# As it should be: they cover something, or nobody can say from this report.
FINE = frozenset({WaiverStatus.IN_FORCE, WaiverStatus.NOT_SEEN, WaiverStatus.NOT_NEEDED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A waiver and what became of it.

    Args:
        waiver: The waiver.
        use: Its status and note.
        covered: Fingerprints of the findings of the report that it covers.
    """

    waiver: Waiver
    use: WaiverUse
    covered: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NearMiss:
    """A waiver that names a finding, wholly or in part, and each rule that keeps it away."""

    waiver: Waiver
    why: tuple[str, ...]


def standings(
    book: WaiverBook, policy: WaiverPolicy, report: Report | None, moment: datetime
) -> tuple[Standing, ...]:
    """Each waiver, in the order of the file.

    Args:
        book: With who wrote the entries.
        policy: Who may approve them, and for how long.
        report: The findings to look at; ``None``: there are none to look at.
        moment: To judge at, aware.
    """
    found: dict[str, Standing] = {}
    for gate in report.gates if report else ():
        environment = report.subject.environment if report else None
        inputs = PolicyInputs(
            effective_time=moment, waivers=book, waiver_policy=policy, environment=environment
        )
        whole = gate.examined is not None and not gate.problems and not _narrowed(report)
        waived = apply_waivers(gate.gate_id, _unwaived(gate), inputs, whole=whole)
        for use in waived.uses:
            waiver = next(one for one in book.waivers if one.id == use.id)
            covered = [f.fingerprint for f in waived.findings if f.waiver_id == use.id]
            found[use.id] = Standing(waiver=waiver, use=use, covered=tuple(covered))
    return tuple(found.get(one.id) or _alone(one, book, policy, moment) for one in book.waivers)


def near_misses(
    item: JudgedFinding,
    gate_id: str,
    inputs: PolicyInputs,
) -> tuple[NearMiss, ...]:
    """Waivers that nearly cover a finding, those with the fewest rules against them first.

    Args:
        item: The finding.
        gate_id: Whose it is.
        inputs: With the waivers, their policy, the environment and the moment to judge at.
    """
    target = targets([item], inputs.renames)[0]
    today = utc_day(inputs.effective_time)
    found = []
    for waiver in inputs.waivers.waivers if inputs.waivers else ():
        unmet = unmatched(waiver.match, target)
        met = waiver.match.parts().keys() - unmet.keys()
        if not met or (unmet and waiver.gate != gate_id):
            continue
        why = [*_elsewhere(waiver, gate_id, inputs.environment), *unmet.values()]
        why += [f"it {said}" for said in (out_of_date(waiver, today),) if said]
        why += [*unusable(waiver, inputs.waiver_policy), *uncovered(waiver, item.finding)]
        if why:
            found.append(NearMiss(waiver=waiver, why=tuple(why)))
    return tuple(sorted(found, key=lambda one: (len(one.why), one.waiver.id)))


def _elsewhere(waiver: Waiver, gate_id: str, environment: str | None) -> Iterator[str]:
    if waiver.gate != gate_id:
        yield f"it is for gate {waiver.gate}, and the finding is one of {gate_id}"
    elif not concerns(waiver, gate_id, environment):
        where = " and ".join(waiver.environments)
        yield f"it is for {where} alone, and this run was for {environment or 'no environment'}"


def _alone(waiver: Waiver, book: WaiverBook, policy: WaiverPolicy, moment: datetime) -> Standing:
    """A waiver whose gate was not judged for its environment: only it itself can be looked at."""
    inputs = PolicyInputs(
        effective_time=moment,
        waivers=replace(book, waivers=(waiver,)),
        waiver_policy=policy,
        environment=next(iter(waiver.environments), None),
    )
    use = apply_waivers(waiver.gate, (), inputs, whole=False).uses[0]
    if use.status is WaiverStatus.NOT_SEEN:
        use = replace(use, note="its gate is not in the last report")
    return Standing(waiver=waiver, use=use)


def _unwaived(gate: GateResult) -> Sequence[JudgedFinding]:
    return [
        replace(
            item,
            state=State.NEW,
            waiver_id=None,
            enforced=limited(Budget(), item.finding.severity),
        )
        if item.state is State.WAIVED
        else item
        for item in gate.findings
    ]


def _narrowed(report: Report | None) -> bool:
    return report is None or report.partial
