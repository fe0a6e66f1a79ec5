"""Whether a version is affected, by PEP 440 and the evaluation rules of OSV.

Algorithm: https://ossf.github.io/osv-schema/#evaluation. Local versions count
as their public version unless the advisory names a local one, as in PEP 440's
own comparisons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from packaging.version import InvalidVersion, Version

EventKind = Literal["fixed", "introduced", "last_affected"]

# At the same version: what ends there ends before what begins, and a last affected
# version is still affected by what begins at it.
_ORDER: Mapping[EventKind, int] = {"fixed": 0, "introduced": 1, "last_affected": 2}
_BEGINNING = "0"  # of all versions, also of those below 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A version at which a range begins or ends."""

    kind: EventKind
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """The events of one range.

    Args:
        events: In the order of the record.
        usable: Whether every event is known and has a version of PEP 440.
    """

    events: tuple[Event, ...]
    usable: bool = True

    @classmethod
    def of(cls, events: Iterable[Mapping[str, str]]) -> Range:
        """A range from the events of a record; ``limit`` bounds nothing by version."""
        known: list[Event] = []
        usable = True
        for event in events:
            for kind, version in event.items():
                if kind == "limit":
                    continue
                if kind not in _ORDER or parsed(version) is None:
                    usable = False
                    continue
                known.append(Event(kind=cast("EventKind", kind), version=version))
        begins = any(event.kind == "introduced" for event in known)
        return cls(events=tuple(known), usable=usable and begins)

    def contains(self, version: Version) -> bool:
        """Whether a version lies in the range; only for a usable one."""
        affected = False
        for event in sorted(self.events, key=_position):
            if event.kind == "introduced":
                begins = event.version == _BEGINNING or _reached(version, event.version)
                affected = affected or begins
            elif event.kind == "fixed":
                affected = affected and not _reached(version, event.version)
            else:
                affected = affected and _upto(version, event.version)
        return affected


def is_affected(version: str, versions: frozenset[str], ranges: Iterable[Range]) -> bool:
    """Whether a version is affected: listed, or in a range.

    What cannot be decided counts as affected: a version or a range that PEP 440 does not
    know, where no list of versions decides either.

    Args:
        version: The version in use.
        versions: Affected versions, one by one.
        ranges: Affected ranges.
    """
    if version in versions:
        return True
    candidate = parsed(version)
    listed = tuple(ranges)
    if candidate is None:
        return bool(listed) or not versions
    if _listed(candidate, versions):
        return True
    if any(one.usable and one.contains(candidate) for one in listed):
        return True
    undecided = any(not one.usable for one in listed) or not listed
    return undecided and not versions


def parsed(version: str) -> Version | None:
    """A version of PEP 440, or ``None`` if it is none."""
    try:
        return Version(version)
    except InvalidVersion:
        return None


def _listed(candidate: Version, versions: Iterable[str]) -> bool:
    public = Version(candidate.public)
    return any(one in {candidate, public} for one in map(parsed, versions) if one is not None)


def _position(event: Event) -> tuple[Version, int]:
    if event.version == _BEGINNING and event.kind == "introduced":
        return (Version("0.dev0"), -1)
    return (Version(event.version), _ORDER[event.kind])


def _comparable(version: Version, bound: Version) -> Version:
    return version if bound.local else Version(version.public)


def _reached(version: Version, bound: str) -> bool:
    limit = Version(bound)
    return _comparable(version, limit) >= limit


def _upto(version: Version, bound: str) -> bool:
    limit = Version(bound)
    return _comparable(version, limit) <= limit
