"""One OSV record, as far as a Python package is concerned.

Format: https://ossf.github.io/osv-schema/ (versions 1.x). Unknown fields are
left alone, as the schema asks; known fields of another type are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from packaging.utils import canonicalize_name

from release_gate.subjects.advisories.ranges import Range, is_affected

ECOSYSTEM = "PyPI"
_EVALUATED = frozenset({"ECOSYSTEM", "SEMVER"})
_PREFERRED = ("CVE-", "GHSA-", "PYSEC-")
_SUMMARY = 160


class Package(msgspec.Struct, frozen=True):
    """``affected[].package``."""

    name: str
    ecosystem: str


class SeverityEntry(msgspec.Struct, frozen=True):
    """``severity[]``: a type such as ``CVSS_V3`` and a vector."""

    type: str
    score: str


class RangeEntry(msgspec.Struct, frozen=True):
    """``affected[].ranges[]``."""

    type: str
    events: tuple[dict[str, str], ...]


class Affected(msgspec.Struct, frozen=True):
    """``affected[]``."""

    package: Package | None = None
    ranges: tuple[RangeEntry, ...] = ()
    versions: tuple[str, ...] = ()
    severity: tuple[SeverityEntry, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """The fields of a record that are read."""

    id: str
    modified: str
    schema_version: str = "1.0.0"
    published: str | None = None
    withdrawn: str | None = None
    aliases: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    affected: tuple[Affected, ...] = ()
    severity: tuple[SeverityEntry, ...] = ()


class RecordProblem(ValueError):
    """A record that is not what the schema says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Advisory:
    """What one record says about one package.

    Args:
        id: The record's own id.
        aliases: Other ids of the same vulnerability.
        package: Normalised name.
        versions: Affected versions, one by one.
        ranges: Affected ranges.
        summary: One line.
        vectors: CVSS vectors, of any version.
        published: When it was first published, ISO 8601; empty where it does not say.
    """

    id: str
    aliases: tuple[str, ...]
    package: str
    versions: frozenset[str]
    ranges: tuple[Range, ...]
    summary: str
    vectors: tuple[str, ...]
    published: str = ""

    def affects(self, version: str) -> bool:
        """Whether a version of the package is affected."""
        return is_affected(version, self.versions, self.ranges)

    def fixed_versions(self) -> tuple[str, ...]:
        """Versions that the ranges name as fixed, in their order."""
        return tuple(e.version for r in self.ranges for e in r.events if e.kind == "fixed")


def decode(content: bytes) -> Record:
    """One record from its JSON.

    Raises:
        RecordProblem: If it is cut off, no record, or of another major schema version.
    """
    try:
        record = msgspec.json.decode(content, type=Record)
    except ValueError as error:  # msgspec.DecodeError and ValidationError are both of it
        raise RecordProblem(str(error)) from error
    return checked(record)


def convert(document: Any) -> Record:
    """One record from parsed JSON.

    Raises:
        RecordProblem: As :func:`decode`.
    """
    try:
        return checked(msgspec.convert(document, Record))
    except msgspec.ValidationError as error:
        raise RecordProblem(str(error)) from error


def checked(record: Record) -> Record:
    """The record itself, if its id and schema version are usable.

    Raises:
        RecordProblem: If not.
    """
    if not record.id.strip():
        raise RecordProblem("a record without an id")
    if not re.fullmatch(r"1\.\d+.*", record.schema_version):
        raise RecordProblem(f"schema version {record.schema_version} is not known, only 1.x")
    return record


def advisories(record: Record) -> tuple[Advisory, ...]:
    """What a record says, one advisory for each Python package; none if it is withdrawn."""
    if record.withdrawn is not None:
        return ()
    by_package: dict[str, list[Affected]] = {}
    for one in record.affected:
        if one.package and one.package.ecosystem.partition(":")[0] == ECOSYSTEM:
            by_package.setdefault(canonicalize_name(one.package.name), []).append(one)
    return tuple(_advisory(record, name, parts) for name, parts in by_package.items())


def _advisory(record: Record, package: str, parts: list[Affected]) -> Advisory:
    severities = [*record.severity, *(one for part in parts for one in part.severity)]
    return Advisory(
        id=record.id,
        aliases=tuple(sorted({alias for alias in record.aliases if alias != record.id})),
        package=package,
        versions=frozenset(version for part in parts for version in part.versions),
        ranges=tuple(
            Range.of(entry.events)
            for part in parts
            for entry in part.ranges
            if entry.type in _EVALUATED
        ),
        summary=summary_of(record),
        vectors=tuple(sorted({one.score for one in severities if one.type.startswith("CVSS_")})),
        published=record.published or "",
    )


def summary_of(record: Record) -> str:
    """One line for people."""
    text = " ".join((record.summary or record.details).split())
    return text if len(text) <= _SUMMARY else text[: _SUMMARY - 1].rstrip() + "…"


def preferred(ids: frozenset[str] | set[str]) -> str:
    """The id a vulnerability goes by: its CVE, else its GHSA, else its PYSEC, else any."""

    def order(name: str) -> tuple[int, str]:
        places = [i for i, prefix in enumerate(_PREFERRED) if name.startswith(prefix)]
        return (places[0] if places else len(_PREFERRED), name)

    return min(ids, key=order)
