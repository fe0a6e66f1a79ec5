"""How many findings of each severity a gate may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from release_gate.judge.types import JudgedFinding, State
from release_gate.model import Budget, Severity
from release_gate.policy import WaiverBook

_NO_BOOK = WaiverBook(file="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Budgeted:
    """Findings after their budget.

    Args:
        findings: In the order they came; ``enforced`` says of each whether it blocks.
        said: What is over its budget, one phrase each.
    """

    findings: tuple[JudgedFinding, ...]
    said: tuple[str, ...] = ()


def within_budget(
    budget: Budget, findings: Sequence[JudgedFinding], waivers: WaiverBook | None
) -> Budgeted:
    """Decide which findings block.

    Either a severity keeps to its budget, or all that count of it block: nobody can say which
    of three is the one too many.

    Args:
        budget: How many are allowed of each severity.
        findings: With their state; enforced are those that count.
        waivers: To look up mitigations in.
    """
    blocking: dict[int, str] = {}
    said: list[str] = []
    for severity in (one for one in Severity if counts_as(one) is one):
        group = {
            at: f for at, f in enumerate(findings) if counts_as(f.finding.severity) is severity
        }
        judge = _mitigated if severity in _demanding(budget) else _counted
        over = judge(severity, _allowed(budget, severity), group, waivers or _NO_BOOK)
        blocking.update(over.blocking)
        said += over.said
    return Budgeted(
        findings=tuple(_blocks(f, blocking.get(at)) for at, f in enumerate(findings)),
        said=tuple(said),
    )


def limited(budget: Budget, severity: Severity) -> bool:
    """Whether a budget says anything of a severity."""
    return severity in budget.allowed or counts_as(severity) in budget.allowed


def counts_as(severity: Severity) -> Severity:
    """The severity a finding is counted as: what nobody rated is high."""
    return Severity.HIGH if severity is Severity.UNKNOWN else severity


@dataclass(frozen=True, kw_only=True, slots=True)
class _Over:
    """Positions of the findings that block, each with a note for its reader."""

    blocking: Mapping[int, str]
    said: Sequence[str] = ()


def _counted(
    severity: Severity, allowed: int, group: Mapping[int, JudgedFinding], waivers: WaiverBook
) -> _Over:
    del waivers
    counting = [at for at, item in group.items() if item.enforced]
    if len(counting) > allowed:
        said = [f"{len(counting)} {severity}, {allowed} allowed"] if allowed else []
        return _Over(blocking=dict.fromkeys(counting, ""), said=said)
    return _Over(blocking={at: "" for at in counting if group[at].finding.always_blocks})


def _mitigated(
    severity: Severity, allowed: int, group: Mapping[int, JudgedFinding], waivers: WaiverBook
) -> _Over:
    """Known and waived ones count too, but for those that a waiver calls no finding at all."""
    counting = {at: item for at, item in group.items() if not _is_none(item, waivers)}
    lacking = {at: why for at, item in counting.items() if (why := _unmitigated(item, waivers))}
    if len(counting) > allowed:
        said = f"{len(counting)} {severity}, {allowed} allowed with a mitigation"
        too_many = f"{len(counting)} {severity} are more than the {allowed} that are allowed"
        return _Over(blocking={**dict.fromkeys(counting, too_many), **lacking}, said=[said])
    said = f"{len(lacking)} {severity} without a mitigation"
    return _Over(blocking=lacking, said=[said] if lacking else [])


def _is_none(item: JudgedFinding, waivers: WaiverBook) -> bool:
    waiver = waivers.find(item.waiver_id)
    return waiver is not None and waiver.type == "false-positive"


def _unmitigated(item: JudgedFinding, waivers: WaiverBook) -> str:
    """Why a finding is not covered by a written mitigation; empty if it is."""
    waiver = waivers.find(item.waiver_id)
    if waiver is not None:
        return "" if waiver.mitigation.strip() else f"{waiver.id} names no mitigation"
    if item.state is State.KNOWN:
        return "the baseline accepts it, and the budget asks for a waiver with a mitigation"
    return item.waiver_note or "the budget asks for a waiver with a mitigation"


def _demanding(budget: Budget) -> frozenset[Severity]:
    return frozenset(counts_as(one) for one in budget.mitigated)


def _allowed(budget: Budget, severity: Severity) -> int:
    """The least of what is said of the severities that count together."""
    named = [count for one, count in budget.allowed.items() if counts_as(one) is severity]
    return min(named, default=0)


def _blocks(item: JudgedFinding, note: str | None) -> JudgedFinding:
    """What blocks is new to whoever decides, whatever accepted it before."""
    if note is None:
        return replace(item, enforced=False)
    return replace(
        item,
        state=State.NEW,
        enforced=True,
        waiver_id=None,
        waiver_note=note or item.waiver_note,
    )
