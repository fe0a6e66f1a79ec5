"""Which findings are known: matching against the baseline, one to one.

Four passes, each over what the one before left: the same fingerprint; the
fingerprint under the path before git's rename; the fingerprint under the path of a file that is
gone, for a rename that no base tells of; the same rule and path and the
same message with digits masked. A secret is matched by its fingerprint alone:
otherwise a real key put in place of an accepted false positive would stay known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.fingerprints import SCHEMES, Scheme, fingerprints
from release_gate.judge.moves import moves
from release_gate.model import Finding

_DIGITS = re.compile(r"\d+")
_MATCHED_BY_MESSAGE = frozenset({"code", "item"})

Key = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """The outcome for one gate.

    Args:
        fingerprints: One for each finding, in their order, version 1.
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
    *,
    present: Collection[str] | None = None,
    schemes: Mapping[int, Scheme] = SCHEMES,
) -> Matched:
    """Match the findings of one gate with the baseline's entries of that gate.

    Args:
        findings: What the gate reported.
        baseline: Accepted findings of this gate.
        renames: Old path by new path, as git sees them.
        present: Paths of all files there are; ``None``: not known, so that none is gone.
        schemes: Versions of the fingerprint; an entry may know fewer, or more.
    """
    matching = _Matching(findings=findings, left=Counter(baseline))
    versions = sorted(schemes, reverse=True)
    for paths in ({}, dict(renames)):
        for version in versions:
            prints = fingerprints(findings, paths=paths, scheme=schemes[version])
            matching.take([_printed(version, digest) for digest in prints])
    if present is not None:
        pairs = moves(matching.open(), matching.left.elements(), present)
        matching.take_moved(pairs, schemes)
    matching.take([_second_best(finding, renames) for finding in findings])
    return Matched(
        fingerprints=fingerprints(findings),
        entries=tuple(matching.found.get(n) for n in range(len(findings))),
        fixed=tuple(sorted(matching.left.elements())),
    )


class _Matching:
    """What is matched by now, and what is left of findings and entries."""

    def __init__(self, *, findings: Sequence[Finding], left: Counter[BaselineEntry]) -> None:
        self.findings = findings
        self.left = left
        self.found: dict[int, BaselineEntry] = {}

    def open(self) -> list[Finding]:
        return [one for n, one in enumerate(self.findings) if n not in self.found]

    def take(self, keys: Sequence[Key]) -> None:
        self._take(dict(enumerate(keys)), self.left.elements())

    def take_moved(self, pairs: Iterable[tuple[str, str]], schemes: Mapping[int, Scheme]) -> None:
        """Numbered among themselves: twins that were there before keep their own numbers."""
        here = _by_path((one.path or "", n) for n, one in enumerate(self.findings))
        gone = _by_path((entry.path, entry) for entry in self.left.elements())
        for new, old in pairs:
            numbers = [n for n in here[new] if n not in self.found]
            findings = [self.findings[n] for n in numbers]
            for version in sorted(schemes, reverse=True):
                prints = fingerprints(findings, paths={new: old}, scheme=schemes[version])
                keys = [_printed(version, digest) for digest in prints]
                self._take(dict(zip(numbers, keys, strict=True)), gone[old])

    def _take(self, keys: Mapping[int, Key], entries: Iterable[BaselineEntry]) -> None:
        index = _index(entries)
        for number, key in keys.items():
            candidates = index.get(key, []) if number not in self.found else []
            while candidates:
                entry = candidates.pop()
                if self.left[entry]:
                    self.left[entry] -= 1
                    self.found[number] = entry
                    break


def _by_path(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    result: dict[str, list[T]] = {}
    for path, value in pairs:
        result.setdefault(path, []).append(value)
    return result


def _printed(version: int, digest: str) -> Key:
    return ("print", str(version), digest)


def _second_best(finding: Finding, renames: Mapping[str, str]) -> Key:
    if finding.identity.kind not in _MATCHED_BY_MESSAGE:
        return ("never",)
    path = finding.path or ""
    return ("message", finding.rule_id, renames.get(path, path), masked(finding.message))


def _index(entries: Iterable[BaselineEntry]) -> dict[Key, list[BaselineEntry]]:
    index: dict[Key, list[BaselineEntry]] = {}
    for entry in sorted(entries, reverse=True):
        for key in _keys(entry):
            index.setdefault(key, []).append(entry)
    return index


def _keys(entry: BaselineEntry) -> Iterator[Key]:
    yield _printed(1, entry.fingerprint)
    for version, digest in entry.newer:
        yield _printed(version, digest)
    if entry.message:
        yield ("message", entry.rule_id, entry.path, entry.message)


def entry_for(gate_id: str, finding: Finding, digest: str, *, reason: str = "") -> BaselineEntry:
    """The baseline entry that accepts one finding.

    Args:
        gate_id: Gate that reported it.
        finding: The finding.
        digest: Its fingerprint, version 1.
        reason: Why it is accepted after the first time.
    """
    by_message = finding.identity.kind in _MATCHED_BY_MESSAGE
    return BaselineEntry(
        gate_id=gate_id,
        rule_id=finding.rule_id,
        path=finding.path or "",
        fingerprint=digest,
        message=masked(finding.message) if by_message else "",
        label="confirmed" if finding.always_blocks else "accepted",
        reason=reason,
    )
