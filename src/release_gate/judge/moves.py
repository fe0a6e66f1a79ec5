"""Which file may be which other one that is gone, where no base tells of a rename."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from release_gate.judge.baseline import BaselineEntry
from release_gate.model import Finding

# Beyond that many pairs a move is not looked for: what it would show as known stays new.
_MOST = 20_000


def moves(
    findings: Iterable[Finding], entries: Iterable[BaselineEntry], present: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Pairs of a file and one that is gone and shares a rule with it, the same name first.

    Args:
        findings: Those that are not known yet.
        entries: Accepted findings that are not found yet.
        present: Paths of all files there are.
    """
    new = _rules((one.path or "", one.rule_id) for one in findings)
    here = frozenset(present)
    old = _rules((one.path, one.rule_id) for one in entries if one.path not in here)
    pairs = [
        (path, gone)
        for path in sorted(new)
        for gone in sorted(old)
        if path and gone and new[path] & old[gone]
    ]
    if len(pairs) > _MOST:
        pairs = [pair for pair in pairs if _same_name(pair)][:_MOST]
    yield from sorted(pairs, key=lambda pair: (not _same_name(pair), pair))


def _rules(found: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    rules: dict[str, set[str]] = {}
    for path, rule in found:
        rules.setdefault(path, set()).add(rule)
    return rules


def _same_name(pair: tuple[str, str]) -> bool:
    one, other = (path.rpartition("/")[2] for path in pair)
    return one == other
