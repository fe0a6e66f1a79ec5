"""The values of policy that the plan reads from files and the judge decides by: waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Literal

from release_gate.model import Severity

WaiverType = Literal[
    "false-positive", "not-exploitable", "risk-accepted", "fix-deferred", "not-shipped"
]

MAX_DAYS: Mapping[Severity, int] = MappingProxyType(
    {
        Severity.HIGH: 30,
        Severity.MEDIUM: 90,
        Severity.LOW: 180,
        Severity.INFO: 180,
    }
)
"""Days from ``created`` to ``expires`` at most. Critical is missing: it cannot be waived."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Whoever wrote a line, as git tells."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Which findings a waiver is about: a fingerprint, or a rule with at least one other part.

    Args:
        fingerprint: Hex SHA-256, or empty.
        rule: Id of a rule, or any alias of the finding (CVE, GHSA, PYSEC).
        path: Repository-relative POSIX path; may hold ``*``, ``**`` and ``?``.
        package: Name of the package, or its purl.
        resource: Address of the resource in infrastructure code; may hold ``*``.
        url: Path template of a request, ``/orders/{id}`` or ``GET /orders/{id}``.
    """

    fingerprint: str = ""
    rule: str = ""
    path: str = ""
    package: str = ""
    resource: str = ""
    url: str = ""

    def parts(self) -> Mapping[str, str]:
        """What it says, by key, without what is empty."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in named.items() if value}

    def __str__(self) -> str:
        """In one line, for people."""
        shown = {**self.parts(), "fingerprint": self.fingerprint[:12]}
        return ", ".join(f"{name} {value}" for name, value in shown.items() if value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A dated, owned and approved exception. Whatever holds by itself was checked on reading.

    Args:
        id: As ``W-2026-001``.
        type: Why it is one.
        gate: Id of the gate whose findings it is about.
        match: Which of them.
        environments: Only where one of these is gated for; empty: everywhere.
        reason: For people.
        mitigation: What keeps the damage small meanwhile; may be empty.
        owner: Whose it is.
        approver: Who allowed it, somebody else.
        created: First day, UTC.
        expires: Last day, UTC; it ends at 24:00.
        max_count: More findings than this: none is waived.
        max_severity: The gravest severity that it covers; never critical.
        tracking: Where the work on it is followed; may be empty.
        line: One-based line of the entry.
        lines: Lines of all its keys.
        authors: Who wrote those lines; ``None`` where nobody can say.
        unknown_author: Why not.
    """

    id: str
    type: WaiverType
    gate: str
    match: Match
    environments: tuple[str, ...] = ()
    reason: str
    mitigation: str = ""
    owner: str
    approver: str
    created: date
    expires: date
    max_count: int = 1
    max_severity: Severity
    tracking: str = ""
    line: int | None = None
    lines: tuple[int, ...] = ()
    authors: tuple[Author, ...] | None = None
    unknown_author: str = "it was not asked who added it"


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverBook:
    """All waivers of a file, in its order."""

    file: str
    waivers: tuple[Waiver, ...] = ()

    def find(self, waiver_id: str | None) -> Waiver | None:
        """The waiver of this id; there is never more than one."""
        return next((one for one in self.waivers if one.id == waiver_id), None)

    def place(self, waiver: Waiver) -> str:
        """``release-gate-waivers.toml:12``."""
        return f"{self.file}:{waiver.line}" if waiver.line else self.file


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverPolicy:
    """Who may approve what, for how long.

    Args:
        approvers: Who may approve, by the gravest severity a waiver covers. A severity that
            is missing has nobody: nothing of it can be waived.
        max_days: Days from ``created`` to ``expires`` at most, by severity.
        warn_days: How many days before its end a waiver is warned of.
        strict: Whether a waiver that matches nothing fails its gate.
    """

    approvers: Mapping[Severity, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    max_days: Mapping[Severity, int] = field(default_factory=lambda: MAX_DAYS)
    warn_days: int = 14
    strict: bool = False


def same_person(one: str, other: str) -> bool:
    """Whether two ways to write a person may mean the same one; in doubt they do.

    Letters' case does not count. A handle (``@alice``, ``alice``) is the same as an address
    that begins with it (``alice@example.com``, and the hoster's ``123+alice@users.…``).
    """
    first, second = _person(one), _person(other)
    if "@" in first and "@" in second:
        return first == second or _noreply(first) == _noreply(second)
    return _handle(first) == _handle(second)


def wrote(person: str, author: Author) -> bool:
    """Whether a person may be the author of a line, by address or by name; in doubt, yes."""
    return same_person(person, author.email) or _person(person) == _person(author.name)


def _person(text: str) -> str:
    return " ".join(text.casefold().split()).removeprefix("@")


def _noreply(address: str) -> str:
    local, _, host = address.partition("@")
    return f"{_handle(local)}@{host}" if "noreply" in host else address


def _handle(text: str) -> str:
    return text.partition("@")[0].rpartition("+")[2]
