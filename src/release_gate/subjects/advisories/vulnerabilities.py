"""From pip-audit's results and the records behind them to findings: one vulnerability once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.version import Version

from release_gate.model import Finding, Identity
from release_gate.subjects.advisories.osv import Advisory, preferred
from release_gate.subjects.advisories.pip_audit import TOOL, Vulnerability
from release_gate.subjects.advisories.ranges import parsed
from release_gate.subjects.advisories.severity import severity
from release_gate.subjects.locks.before import UNKNOWN, Before

_PAGE = "https://osv.dev/vulnerability/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a pin stands and why it is there.

    Args:
        path: The lock, relative to the root; ``None`` where there is none.
        line: One-based line, where known.
        why: One sentence on what requires it; may be empty.
        upgrade: Command that moves it, with ``{name}`` and ``{version}``; may be empty.
    """

    path: str | None
    line: int | None
    why: str
    upgrade: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """All that is said of one vulnerability.

    Args:
        ids: Every id it goes by.
        description: One line.
        records: The advisories behind it.
    """

    ids: frozenset[str]
    description: str
    records: tuple[Advisory, ...]


def groups(
    vulnerabilities: Sequence[Vulnerability], records: Sequence[Advisory]
) -> tuple[Group, ...]:
    """Results and records put together by their ids: whoever shares an id is the same.

    Args:
        vulnerabilities: What pip-audit reported for one pin.
        records: The advisories that it was answered with.
    """
    merged: list[set[str]] = []
    for ids in [_ids(one) for one in vulnerabilities] + [_ids(one) for one in records]:
        touching = [one for one in merged if one & ids]
        merged = [one for one in merged if not one & ids]
        merged.append(ids.union(*touching))
    return tuple(
        Group(
            ids=frozenset(ids),
            description=next((v.description for v in vulnerabilities if v.id in ids), ""),
            records=tuple(one for one in records if one.id in ids),
        )
        for ids in sorted(merged, key=preferred)
    )


def unreported(
    vulnerabilities: Sequence[Vulnerability], records: Iterable[Advisory]
) -> tuple[str, ...]:
    """Ids of records that pip-audit was answered with and did not report."""
    told = set().union(*(_ids(one) for one in vulnerabilities))
    return tuple(one.id for one in records if not _ids(one) & told)


def finding(
    name: str,
    version: str,
    group: Group,
    place: Place,
    *,
    gate_id: str,
    before: Before = UNKNOWN,
) -> Finding:
    """The finding for one vulnerability of one pin.

    Args:
        name: Normalised name.
        version: As pinned.
        group: The vulnerability.
        place: Where the pin stands.
        gate_id: For the command that shows it again.
        before: What was pinned at the base.
    """
    main = preferred(group.ids)
    vectors = [vector for record in group.records for vector in record.vectors]
    page = group.records[0].id if group.records else main
    return Finding(
        tool=TOOL,
        rule_id=main,
        severity=severity(vectors),
        message=f"{name} {version}: {group.description or main}",
        # Without the version: an upgrade to a release with the same hole is no new finding.
        identity=Identity(kind="dependency", key=(f"pkg:pypi/{name}", main)),
        path=place.path,
        line=place.line,
        excerpt=f"{name}=={version}",
        why=place.why,
        fix=_fix(name, version, group, place),
        reproduce=f"release-gate run --gate {gate_id}",
        help_url=_PAGE + page,
        aliases=tuple(sorted(group.ids - {main})),
        in_change=before.brought(name, lambda pinned: _affected(pinned, version, group)),
        # The first of them told the world.
        published=min((one.published for one in group.records if one.published), default=""),
        fixable=fixed_in(version, group.records) is not None,
    )


def _affected(pinned: str, version: str, group: Group) -> bool:
    """Whether another version has the same hole; what no record tells of has it for itself."""
    return pinned == version or any(record.affects(pinned) for record in group.records)


def _fix(name: str, version: str, group: Group, place: Place) -> str:
    target = fixed_in(version, group.records)
    if target is None:
        return "No release is known to fix it: replace the package, or waive it with an end date."
    command = place.upgrade.format(name=name, version=target)
    return f"upgrade to {target}" + (f": {command}" if command else " or later")


def fixed_in(version: str, records: Sequence[Advisory]) -> str | None:
    """The lowest release above a version that all records call fixed and none affected."""
    current = Version(version)
    named = {text for record in records for text in record.fixed_versions()}
    later = sorted(
        (known, text) for text in named if (known := parsed(text)) is not None and known > current
    )
    return next(
        (text for _, text in later if not any(record.affects(text) for record in records)), None
    )


def _ids(one: Vulnerability | Advisory) -> set[str]:
    return {one.id, *one.aliases}
