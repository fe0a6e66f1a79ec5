"""Checklists and sign-offs: values that the plan reads and the judge decides by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from release_gate.model import Severity, Subject

SIGN_OFFS = "release-gate-signoffs.jsonl"
"""File of the sign-offs. It is no part of what is judged: signing changes nothing of it."""

Decision = Literal["go", "no-go"]
Via = Literal["git", "github", "gitlab", "ci", "github-environment"]
Proof = Literal["signature", "commit", "environment", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignOff:
    """What one person decided about one item, for one state of the release.

    Args:
        item: Id of the item, or ``policy-change``.
        decision: Go or no-go.
        who: ``ann@example.com``, or ``github:ann`` of a CI's actor.
        via: How the identity was established.
        at: Moment, aware, UTC.
        subject: What it holds for: ``tree:DIGEST``, ``artifacts:DIGEST``, ``file:PATH:DIGEST``
            or ``change:FINGERPRINT``.
        comment: As written; may be empty.
        signature: Armoured signature over the other fields; empty: not signed.
    """

    item: str
    decision: Decision
    who: str
    via: Via
    at: datetime
    subject: str
    comment: str = ""
    signature: str = ""

    @property
    def order(self) -> tuple[str, datetime, str, str]:
        """Sorts the file: by item, then by time."""
        return (self.item, self.at, self.who, self.subject)


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A sign-off with what speaks for its identity.

    Args:
        sign_off: As recorded.
        proof: ``signature``: verified; ``commit``: the author of its line in git is the same
            person; ``environment``: recorded by whoever works here; ``none``: nothing.
        doubt: Why there is no proof; empty with one.
    """

    sign_off: SignOff
    proof: Proof
    doubt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manual:
    """An item that people sign.

    Args:
        approvers: How many different people have to say go.
        people: Who may; empty: anybody but the authors.
        every_days: The newest sign-off may be this old, and need not be of this release;
            ``None``: it must be of exactly what is judged.
        files: Each of these must be signed, by its own digest: digest by path.
        changed_only: Whether ``files`` are just those that changed: then there may be none.
        signature: Whether only verified signatures count.
    """

    approvers: int = 1
    people: tuple[str, ...] = ()
    every_days: int | None = None
    files: Mapping[str, str] | None = None
    changed_only: bool = False
    signature: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Automatic:
    """An item that a gate's result answers.

    Args:
        gate: Id of the gate: its verdict must be pass, unless one of the following is set.
        metric: This metric must lie within the bounds.
        at_least: Lower bound, included.
        at_most: Upper bound, included.
        severities: No more than ``most`` counting findings of these severities.
        rule: Only findings of rules like this one count (``*`` stands for anything).
        most: How many such findings there may be; ``None``: findings are not looked at.
        every_days: The gate may also have passed in an earlier release, at most so long ago.
    """

    gate: str
    metric: str = ""
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    severities: frozenset[Severity] = frozenset()
    rule: str = ""
    most: int | None = None
    every_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One line of a checklist; exactly one of ``manual`` and ``automatic`` is set."""

    id: str
    title: str
    phase: str = "pre-release"
    environments: tuple[str, ...] = ()
    manual: Manual | None = None
    automatic: Automatic | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """When a release may happen.

    Args:
        days: Days of the week, 0 is Monday.
        begins: First moment of the day.
        ends: First moment after it.
        zone: Name of the time zone.
        environments: Where it holds; empty: everywhere.
    """

    days: frozenset[int]
    begins: time
    ends: time
    zone: str = "UTC"
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Freeze:
    """Days on which no release may happen, both included, in a time zone."""

    begins: date
    ends: date
    reason: str
    zone: str = "UTC"
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Checklist:
    """All items, windows and freezes of a file.

    Args:
        file: Its name relative to the root.
        items: In the order of the file.
        windows: A release must fall into one of them; none: any time.
        freezes: It must fall into none of them.
        people: Identities of one person, by name (``ann`` = an address and ``github:ann``).
        policy: Who may approve changes of policy, and how many are needed; ``None``: nobody.
    """

    file: str = "release-gate-checklist.toml"
    items: tuple[Item, ...] = ()
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    people: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    policy: Manual | None = None

    def holds(self, phase: str, environment: str | None) -> bool:
        """Whether there is anything to say about a phase in an environment."""
        here = [one.environments for one in self.items if one.phase == phase]
        here += [one.environments for one in self.windows]
        here += [one.environments for one in self.freezes]
        return any(not named or environment in named for named in here)

    def zones(self) -> frozenset[str]:
        """Names of all time zones that it speaks of."""
        named = (*(one.zone for one in self.windows), *(one.zone for one in self.freezes))
        return frozenset(named)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChecklistInputs:
    """What the judge of a checklist is given.

    Args:
        checklist: The items.
        signed: All sign-offs, in any order.
        authors: Identities of whoever wrote what is judged.
        subject: What is judged, as sign-offs name it.
    """

    checklist: Checklist
    signed: tuple[Signed, ...]
    authors: frozenset[str]
    subject: str


def subject_name(subject: Subject) -> str:
    """What is judged, as sign-offs name it: its artefacts where there are any, else its files."""
    if subject.artifacts:
        named = sorted(f"{one.name}={one.sha256}" for one in subject.artifacts)
        return f"artifacts:{','.join(named)}"
    return f"tree:{subject.tree}"


def file_name(path: str, digest: str) -> str:
    """A file in one state, as sign-offs name it."""
    return f"file:{path}:{digest}"


def change_name(fingerprint: str) -> str:
    """A change of policy, as sign-offs name it."""
    return f"change:{fingerprint}"
