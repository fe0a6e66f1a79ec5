"""What the locks pinned at the base: whether a change brought a package, or it was there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from release_gate.ports import Base
from release_gate.subjects.locks import detect
from release_gate.subjects.locks.types import Lock, LockProblem


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """The pins of the base.

    Args:
        versions: Pinned versions by normalised name.
        whole: Whether every lock could be read at the base.
    """

    versions: Mapping[str, frozenset[str]]
    whole: bool

    def brought(self, name: str, affected: Callable[[str], bool]) -> bool | None:
        """Whether a change brought a vulnerable package; ``None`` if that is not known.

        Args:
            name: Normalised name.
            affected: Whether a version of it is vulnerable in the same way.
        """
        if any(affected(version) for version in self.versions.get(name, ())):
            return False
        return True if self.whole else None


UNKNOWN = Before(versions={}, whole=False)


def before(base: Base | None, locks: Sequence[Lock]) -> Before:
    """What the same locks pinned at the base.

    A lock that is new, or that cannot be read there, leaves unknown what is not found elsewhere.

    Args:
        base: ``None`` without a base.
        locks: Those of now.
    """
    if base is None:
        return UNKNOWN
    versions: dict[str, set[str]] = {}
    whole = True
    for lock in locks:
        then = _then(base, lock)
        whole = whole and then is not None
        for pin in then.pins if then else ():
            versions.setdefault(pin.name, set()).add(pin.version)
    found = {name: frozenset(pinned) for name, pinned in versions.items()}
    return Before(versions=found, whole=whole)


def _then(base: Base, lock: Lock) -> Lock | None:
    def read(path: str) -> bytes:
        content = base.read(path)
        if content is None:
            raise FileNotFoundError(path)
        return content

    if lock.kind == "environment":
        return None
    try:
        return detect.load(lock.path, read)
    except LockProblem:
        return None
