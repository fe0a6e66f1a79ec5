"""Keys of an entry in the file of waivers, and of the table that says who may approve what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from release_gate.plan.key_types import Keys, Name, Text
from release_gate.policy import MAX_DAYS, WaiverType

Persons = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
Severities = Literal["high", "medium", "low", "info"]
"""What can be waived: ``unknown`` counts as high, and critical never is."""

_HIGH, _MEDIUM, _LOW, _INFO = MAX_DAYS.values()


class MatchKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``match``.

    Args:
        fingerprint: All 64 digits of a finding's fingerprint; stands alone.
        rule: Id of the rule, or an alias of the finding (CVE, GHSA, PYSEC); with one of the others.
        path: File of the finding; ``*`` and ``**`` stand for parts of it.
        package: Name of the package, or its purl without a version.
        resource: Address of the resource; ``*`` stands for a part of it.
        url: Path template of the request, as ``/orders/{id}`` or ``GET /orders/{id}``.
    """

    fingerprint: Text | None = None
    rule: Text | None = None
    path: Text | None = None
    package: Text | None = None
    resource: Text | None = None
    url: Text | None = None


class WaiverKeys(Keys, frozen=True, kw_only=True):
    """Keys of each ``[[waiver]]``.

    Args:
        id: Its name, as ``W-2026-001``.
        type: ``false-positive``, ``not-exploitable``, ``risk-accepted``, ``fix-deferred`` or
            ``not-shipped``.
        gate: Id of the gate whose findings it is about.
        match: Which of them.
        environments: Environments that it holds in; default: everywhere.
        reason: Why it may be so, in 20 characters or more.
        mitigation: What keeps the damage small meanwhile; required for ``risk-accepted``.
        owner: Who looks after it.
        approver: Who allowed it: not the owner, not who wrote the entry.
        created: First day (UTC), as ``2026-11-21``.
        expires: Last day (UTC), as ``2026-12-21``.
        max_severity: The gravest severity that it covers: ``high``, ``medium``, ``low``, ``info``.
        max_count: How many findings it may name at most.
        tracking: Address where the work on it is followed.
    """

    id: Text
    type: WaiverType
    gate: Name
    match: MatchKeys
    environments: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)] | None = None
    reason: Text
    mitigation: Text | None = None
    owner: Text
    approver: Text
    created: Any
    expires: Any
    max_severity: Severities
    max_count: Annotated[int, msgspec.Meta(ge=1)] = 1
    tracking: Text | None = None


class ApproverKeys(Keys, frozen=True, kw_only=True):
    """Who may approve waivers, by the gravest severity that they cover; nobody where not named.

    Args:
        high: Up to high, which unknown counts as.
        medium: Up to medium.
        low: Up to low.
        info: For findings of severity info alone.
    """

    high: Persons | None = None
    medium: Persons | None = None
    low: Persons | None = None
    info: Persons | None = None


class DayKeys(Keys, frozen=True, kw_only=True):
    """How many days a waiver may run; they can be fewer than these, never more.

    Args:
        high: For findings up to high.
        medium: For findings up to medium.
        low: For findings up to low.
        info: For findings of severity info.
    """

    high: Annotated[int, msgspec.Meta(ge=1, le=_HIGH)] = _HIGH
    medium: Annotated[int, msgspec.Meta(ge=1, le=_MEDIUM)] = _MEDIUM
    low: Annotated[int, msgspec.Meta(ge=1, le=_LOW)] = _LOW
    info: Annotated[int, msgspec.Meta(ge=1, le=_INFO)] = _INFO


class WaiverPolicyKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.waiver-policy]``.

    Args:
        approvers: Who may approve: one list for every severity, or lists by severity. Where
            nobody is named, nothing can be waived.
        max_days: Days from ``created`` to ``expires`` at most, by severity.
        warn_days: How many days before its end a waiver is warned of.
        strict: Whether a waiver that matches nothing fails its gate.
    """

    approvers: Persons | ApproverKeys = ApproverKeys()
    max_days: DayKeys = DayKeys()
    warn_days: Annotated[int, msgspec.Meta(ge=0)] = 14
    strict: bool = False
