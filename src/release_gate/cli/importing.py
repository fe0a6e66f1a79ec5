"""Accepting those findings that the baseline of another tool accepts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from release_gate.judge.matching import masked
from release_gate.judge.types import JudgedFinding
from release_gate.subjects.accepted.items import AcceptedItem


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Which findings a foreign baseline names.

    Args:
        findings: Those, one for each item at most.
        missing: Items that no finding is like: mended meanwhile, or never seen by our gate.
    """

    findings: tuple[JudgedFinding, ...]
    missing: tuple[AcceptedItem, ...]


def choose(findings: Sequence[JudgedFinding], items: Iterable[AcceptedItem], root: str) -> Chosen:
    """Match findings with items, one to one: by fingerprint, then rule, path and words, then line.

    Args:
        findings: Of one gate.
        items: Of the foreign baseline.
        root: Absolute POSIX path of the root, which absolute paths are cut by.
    """
    open_items = sorted(items)
    left = dict(enumerate(findings))
    chosen: dict[int, JudgedFinding] = {}
    for of_item, of_finding in _KEYS:
        index: dict[Hashable, list[int]] = {}
        for number, item in sorted(left.items(), key=lambda one: _position(one[1]), reverse=True):
            index.setdefault(of_finding(item), []).append(number)
        rest = []
        for one in open_items:
            key = of_item(one, root)
            numbers = index.get(key, []) if key is not None else []
            if numbers:
                number = numbers.pop()
                chosen[number] = left.pop(number)
            else:
                rest.append(one)
        open_items = rest
    return Chosen(
        findings=tuple(chosen[number] for number in sorted(chosen)), missing=tuple(open_items)
    )


def _position(item: JudgedFinding) -> tuple[str, int, int]:
    return (item.finding.path or "", item.finding.line or 0, item.finding.column or 0)


def _path(item: AcceptedItem, root: str) -> str:
    return posixpath.relpath(item.path, root) if item.path.startswith("/") else item.path


def _words(text: str) -> str:
    return masked(" ".join(text.split()))


_KEYS: tuple[
    tuple[Callable[[AcceptedItem, str], Hashable], Callable[[JudgedFinding], Hashable]], ...
] = (
    (lambda one, _root: one.fingerprint or None, lambda item: item.fingerprint),
    (
        lambda one, root: (one.rule, _path(one, root), _words(one.message)),
        lambda item: (item.finding.rule_id, item.finding.path or "", _words(item.finding.message)),
    ),
    (
        lambda one, root: (one.rule, _path(one, root), one.line) if one.line else None,
        lambda item: (item.finding.rule_id, item.finding.path or "", item.finding.line),
    ),
)
