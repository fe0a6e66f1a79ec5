"""What the commands around the baseline say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from release_gate.cli.importing import Chosen
from release_gate.cli.updating import Update
from release_gate.judge.baseline import Baseline, BaselineEntry

_SHOWN = 20


def changes(result: Update, name: str) -> list[str]:
    """What an update did, a line each, and the counts."""
    gone, added = result.gone, result.added
    return [
        *(f"- {row}" for row in rows(gone[:_SHOWN])),
        *([f"- {len(gone) - _SHOWN} more"] if len(gone) > _SHOWN else []),
        *(f"+ {row}" for row in rows(added[:_SHOWN])),
        *([f"+ {len(added) - _SHOWN} more"] if len(added) > _SHOWN else []),
        *(f"= {one.gate_id}  {one.metric} {one.value}" for one in result.marks),
        _summary(result, name),
    ]


def _summary(result: Update, name: str) -> str:
    counts = f"{len(result.gone)} taken out, {len(result.added)} added"
    return f"{name}: {counts}, {len(result.baseline.entries)} accepted"


def rows(entries: Iterable[BaselineEntry]) -> list[str]:
    """Entries, a line each."""
    return [
        f"{one.gate_id}  {one.rule_id}  {one.path or '-'}  {one.fingerprint[:12]}  {one.label}"
        + (f"  {one.reason}" if one.reason else "")
        for one in entries
    ]


def missing(found: Chosen) -> list[str]:
    """What a foreign baseline names and no finding is like, a line each."""
    named = [f"no longer found: {one.rule}  {one.path}  {one.message}" for one in found.missing]
    more = len(named) - _SHOWN
    return [*named[:_SHOWN], *([f"no longer found: {more} more"] if more > 0 else [])]


def written(new: Baseline, name: str) -> str:
    """How many are accepted, and what to do next."""
    counts = Counter(one.gate_id for one in new.entries)
    each = ", ".join(f"{count} of {gate_id}" for gate_id, count in sorted(counts.items()))
    confirmed = sum(one.label == "confirmed" for one in new.entries)
    lines = [f"{name}: {len(new.entries)} accepted" + (f" ({each})" if each else "")]
    if confirmed:
        lines.append(f"{confirmed} of them are confirmed secrets and keep failing: revoke them")
    lines.append("Commit the file; from now on only new findings block.")
    return "\n".join(lines)
