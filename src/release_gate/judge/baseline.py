"""The baseline: findings that existed before and are accepted as they are.

One JSON object a line. The first line is the header::

    {"schema": "release-gate-baseline", "version": 1, "salt": "…"}

Every other line is one accepted finding. There are no times, line numbers or
tool versions in it, so that two branches merge without conflict.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class BaselineEntry:
    """One accepted finding.

    Args:
        gate_id: Gate that reported it.
        rule_id: Its rule.
        path: Repository-relative POSIX path, empty where there is none.
        fingerprint: Hex SHA-256, version 1.
        message: The finding's message with digits masked, for the second-best match.
        label: ``accepted``, ``false-positive`` or ``confirmed`` (a real secret: always fails).
    """

    gate_id: str
    rule_id: str
    path: str
    fingerprint: str
    message: str = ""
    label: str = "accepted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """All accepted findings and the salt that secret hashes are made with."""

    salt: str
    entries: tuple[BaselineEntry, ...] = ()
