"""Which findings are known: matching against the baseline, one to one.

Three passes, each over what the one before left: the same fingerprint; the
fingerprint under the path before git's rename; the same rule and path and the
same message with digits masked. A secret is matched by its fingerprint alone:
otherwise a real key put in place of an accepted false positive would stay known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.fingerprints import fingerprints
from release_gate.model import Finding

_DIGITS = re.compile(r"\d+")
_MATCHED_BY_MESSAGE = frozenset({"code", "item"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """The outcome for one gate.

    Args:
        fingerprints: One for each finding, in their order.
        entries: The baseline entry that covers each finding, or ``None``: new.
        fixed: Entries that no finding matched.
    """

    fingerprints: tuple[str, ...]
    entries: tuple[BaselineEntry | None, ...]
    fixed: tuple[BaselineEntry, ...]


def masked(message: str) -> str:
    """A message with every run of digits replaced, so that counts and lines do not matter."""
    return _DIGITS.sub("#", message)


def match(
    findings: Sequence[Finding],
    baseline: Sequence[BaselineEntry],
    renames: Mapping[str, str],
) -> Matched:
    """Match the findings of one gate with the baseline's entries of that gate.

    Args:
        findings: What the gate reported.
        baseline: Accepted findings of this gate.
        renames: Old path by new path, as git sees them.
    """
    own = fingerprints(findings)
    before = fingerprints(findings, paths=dict(renames))
    left = Counter(baseline)
    found: list[BaselineEntry | None] = [None] * len(findings)
    for keys in (
        [("print", digest) for digest in own],
        [("print", digest) for digest in before],
        [_second_best(finding, renames) for finding in findings],
    ):
        index = _index(left)
        for position, key in enumerate(keys):
            candidates = index.get(key, []) if found[position] is None else []
            if candidates:
                entry = candidates.pop()
                left[entry] -= 1
                found[position] = entry
    return Matched(
        fingerprints=own,
        entries=tuple(found),
        fixed=tuple(sorted(left.elements())),
    )


def _second_best(finding: Finding, renames: Mapping[str, str]) -> tuple[str, ...]:
    if finding.identity.kind not in _MATCHED_BY_MESSAGE:
        return ("never",)
    path = finding.path or ""
    return ("message", finding.rule_id, renames.get(path, path), masked(finding.message))


def _index(left: Counter[BaselineEntry]) -> dict[tuple[str, ...], list[BaselineEntry]]:
    index: dict[tuple[str, ...], list[BaselineEntry]] = {}
    for entry in sorted(left.elements(), reverse=True):
        for key in _keys(entry):
            index.setdefault(key, []).append(entry)
    return index


def _keys(entry: BaselineEntry) -> Iterator[tuple[str, ...]]:
    yield ("print", entry.fingerprint)
    if entry.message:
        yield ("message", entry.rule_id, entry.path, entry.message)


def entry_for(gate_id: str, finding: Finding, digest: str) -> BaselineEntry:
    """The baseline entry that accepts one finding.

    Args:
        gate_id: Gate that reported it.
        finding: The finding.
        digest: Its fingerprint.
    """
    by_message = finding.identity.kind in _MATCHED_BY_MESSAGE
    return BaselineEntry(
        gate_id=gate_id,
        rule_id=finding.rule_id,
        path=finding.path or "",
        fingerprint=digest,
        message=masked(finding.message) if by_message else "",
        label="confirmed" if finding.always_blocks else "accepted",
    )
