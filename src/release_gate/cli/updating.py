"""Taking out of the baseline what no longer occurs, and tightening its ratchets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from release_gate.errors import UsageError
from release_gate.judge.baseline import Baseline, BaselineEntry, Mark
from release_gate.judge.matching import entry_for
from release_gate.judge.ratchets import Better, is_better, mark_text, strictest
from release_gate.judge.types import GateResult, JudgedFinding, Report, State, Verdict
from release_gate.model import Metric

_UNJUDGED = frozenset({Verdict.ERROR, Verdict.INCONCLUSIVE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """What a ratcheted metric is now.

    Args:
        gate_id: Gate that measured it.
        metric: The metric; ``None``: it was not measured.
        name: Of the metric.
        better: Which way is better; ``None``: nothing says it.
    """

    gate_id: str
    name: str
    metric: Metric | None
    better: Better | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Growth:
    """Permission to accept more than before.

    Args:
        reason: Why, as it stands in each line that it adds.
        label: What the new entries are.
    """

    reason: str
    label: str = "accepted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """A new baseline, and what became of the old one.

    Args:
        baseline: To be written.
        gone: Entries that no longer occur.
        added: Entries that are new.
        marks: Marks that are new.
        unjudged: Gates that kept their entries, each with its reason.
    """

    baseline: Baseline
    gone: tuple[BaselineEntry, ...]
    added: tuple[BaselineEntry, ...]
    marks: tuple[Mark, ...]
    unjudged: tuple[tuple[str, str], ...]


def updated(
    old: Baseline, report: Report, reached: Sequence[Reached], growth: Growth | None = None
) -> Update:
    """The baseline after a run of whole gates that knew it.

    Args:
        old: As it lies in the work tree.
        report: The run; of a gate that could not be judged nothing changes.
        reached: Its ratcheted metrics.
        growth: Permission to accept what is new; ``None``: it only shrinks.

    Raises:
        UsageError: If a new secret would be accepted that nobody audited.
    """
    judged = [one for one in report.gates if one.verdict not in _UNJUDGED]
    gone = tuple(sorted(entry for one in judged for entry in one.fixed))
    added = tuple(_added(judged, growth)) if growth else ()
    ids = {one.gate_id for one in judged}
    marks = tightened(old.marks, [one for one in reached if one.gate_id in ids], growth)
    kept = set(old.entries).difference(gone)
    return Update(
        baseline=replace(old, entries=tuple(sorted({*kept, *added})), marks=marks),
        gone=gone,
        added=added,
        marks=tuple(sorted(set(marks).difference(old.marks))),
        unjudged=tuple((g.gate_id, g.reason) for g in report.gates if g.verdict in _UNJUDGED),
    )


def _added(gates: Iterable[GateResult], growth: Growth) -> Iterator[BaselineEntry]:
    for gate in gates:
        for item in gate.findings:
            if item.state is State.NEW and item.entry is None:
                yield _entry(gate.gate_id, item, growth)


def _entry(gate_id: str, item: JudgedFinding, growth: Growth) -> BaselineEntry:
    entry = entry_for(gate_id, item.finding, item.fingerprint, reason=growth.reason)
    if entry.label == "confirmed":
        return entry
    if item.finding.identity.kind == "secret" and growth.label != "false-positive":
        raise UsageError(
            f"{gate_id}: {item.finding.rule_id} in {item.finding.path} may be a real secret",
            remedy="Take it out and revoke it; or, if it was audited and is none: "
            "--label false-positive",
        )
    return replace(entry, label=growth.label)


def tightened(
    old: Sequence[Mark], reached: Sequence[Reached], growth: Growth | None = None
) -> tuple[Mark, ...]:
    """The marks after a run: of each metric that was measured one, the best that it reached.

    Args:
        old: Marks by now.
        reached: What the ratcheted metrics are.
        growth: Permission to let one go back to what it is; ``None``: it only tightens.
    """
    ours = {(one.gate_id, one.name) for one in reached}
    kept = [mark for mark in old if (mark.gate_id, mark.metric) not in ours]
    return tuple(sorted([*kept, *(mark for one in reached for mark in _marks(one, old, growth))]))


def _marks(one: Reached, old: Sequence[Mark], growth: Growth | None) -> list[Mark]:
    own = [mark for mark in old if (mark.gate_id, mark.metric) == (one.gate_id, one.name)]
    if one.better is None or one.metric is None or not one.metric.is_number:
        return own
    now = Mark(gate_id=one.gate_id, metric=one.name, value=mark_text(one.metric, one.better))
    best = strictest(own, one.gate_id, one.name, one.better)
    if best is None or is_better(now.number(), best, one.better):
        return [now]
    if growth is not None and is_better(best, now.number(), one.better):
        return [replace(now, reason=growth.reason)]
    # Two branches may have left two of them.
    return [mark for mark in own if mark.number() == best][:1]
