"""Keys of the checklist's file."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

import msgspec

from release_gate.model import Severity
from release_gate.plan.key_types import Count, Keys, Name, Paths, Text

People = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
Days = Annotated[int, msgspec.Meta(ge=1)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class FindingKeys(Keys, frozen=True, kw_only=True):
    """Which findings of a gate an item counts.

    Args:
        severity: Of these severities; default: any.
        rule: Of rules like this; ``*`` stands for anything.
        max: How many there may be.
    """

    severity: Annotated[tuple[Severity, ...], msgspec.Meta(min_length=1)] | None = None
    rule: Text = "*"
    max: Count = 0


class ApprovalKeys(Keys, frozen=True, kw_only=True):
    """Who has to say go.

    Args:
        approvers: How many different people; never an author of what is judged.
        people: Who may: names of ``[people]``, addresses, or ``github:NAME``.
        roles: Who may: names of ``[roles]``.
        signature: Whether only sign-offs with a verified signature count.
    """

    approvers: Annotated[int, msgspec.Meta(ge=1)] = 1
    people: People | None = None
    roles: People | None = None
    signature: bool = False


class ItemKeys(ApprovalKeys, frozen=True, kw_only=True):
    """Keys of each ``[[item]]``: with ``gate`` it is automatic, else people sign it.

    Args:
        id: Its name.
        title: One line for people; default: the id.
        phase: Phase whose list it is on.
        environments: Environments that it is asked for in; default: all.
        every_days: How old the newest sign-off, or the last pass of the gate in the history, may
            be; without it a sign-off holds for exactly what was signed.
        files: Patterns of files, each of which has to be signed by its own digest.
        changed: Whether only files that differ from the base have to be signed.
        gate: Id of the gate whose pass answers the item.
        metric: A metric of the gate answers it instead, by the bounds.
        at_least: Lower bound of the metric, included.
        at_most: Upper bound of the metric, included.
        findings: Counted findings of the gate answer it instead.
    """

    id: Name
    title: Text | None = None
    phase: Name = "pre-release"
    environments: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)] | None = None
    every_days: Days | None = None
    files: Paths | None = None
    changed: bool = False
    gate: Name | None = None
    metric: Text | None = None
    at_least: float | None = None
    at_most: float | None = None
    findings: FindingKeys | None = None

    def __post_init__(self) -> None:
        """Refuse keys that contradict one another.

        Raises:
            ValueError: With the key's name in front.
        """
        if self.gate is None:
            self._check_manual()
        else:
            self._check_automatic()

    def _check_manual(self) -> None:
        for key, value in (
            ("metric", self.metric),
            ("at-least", self.at_least),
            ("at-most", self.at_most),
            ("findings", self.findings),
        ):
            if value is not None:
                raise ValueError(f'{key} needs the key "gate"')
        if self.files is not None and self.every_days is not None:
            raise ValueError("every-days and files contradict each other")
        if self.changed and self.files is None:
            raise ValueError('changed needs the key "files"')

    def _check_automatic(self) -> None:
        for key, is_set in (
            ("approvers", self.approvers != 1),
            ("people", self.people is not None),
            ("roles", self.roles is not None),
            ("signature", self.signature),
            ("files", self.files is not None),
            ("changed", self.changed),
        ):
            if is_set:
                raise ValueError(f'{key} and "gate" contradict each other')
        bounds = {"at-least": self.at_least, "at-most": self.at_most}
        given = [key for key, value in bounds.items() if value is not None]
        if given and self.metric is None:
            raise ValueError(f'{given[0]} needs the key "metric"')
        if self.metric is not None and not given:
            raise ValueError("metric needs at-least or at-most")
        if self.metric is not None and self.findings is not None:
            raise ValueError("metric and findings contradict each other")


class WindowKeys(Keys, frozen=True, kw_only=True):
    """Keys of each ``[[window]]``: when a release may happen.

    Args:
        days: Days of the week.
        begins: First time of the day, as ``08:00:00``.
        ends: First time after it.
        zone: Name of the time zone.
        environments: Where it holds; default: everywhere.
    """

    days: Annotated[tuple[Weekday, ...], msgspec.Meta(min_length=1)] = WEEK
    begins: time = time(0, 0)
    ends: time = time(23, 59, 59)
    zone: Text = "UTC"
    environments: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        """Refuse a window of no length.

        Raises:
            ValueError: With the key's name in front.
        """
        if self.ends <= self.begins:
            raise ValueError("ends must be later than begins; write two windows for a night")


class FreezeKeys(Keys, frozen=True, kw_only=True):
    """Keys of each ``[[freeze]]``: days on which no release may happen.

    Args:
        begins: First day, as ``2026-12-20``.
        ends: Last day.
        reason: Why.
        zone: Name of the time zone.
        environments: Where it holds; default: everywhere.
    """

    begins: date
    ends: date
    reason: Text
    zone: Text = "UTC"
    environments: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        """Refuse a freeze that ends before it begins.

        Raises:
            ValueError: With the key's name in front.
        """
        if self.ends < self.begins:
            raise ValueError("ends must not be before begins")


class ChecklistKeys(Keys, frozen=True, kw_only=True):
    """Top level of the file.

    Args:
        item: What has to be a go.
        window: When a release may happen; default: at any time.
        freeze: When it may not.
        people: Identities of each person: addresses, and ``github:NAME``.
        roles: Names of people by role.
        policy_changes: Who may approve changes of policy; default: nobody.
    """

    item: tuple[ItemKeys, ...] = ()
    window: tuple[WindowKeys, ...] = ()
    freeze: tuple[FreezeKeys, ...] = ()
    people: dict[Name, People] = msgspec.field(default_factory=dict)
    roles: dict[Name, People] = msgspec.field(default_factory=dict)
    policy_changes: ApprovalKeys | None = None
