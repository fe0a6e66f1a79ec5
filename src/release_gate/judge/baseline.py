"""The baseline: findings that existed before and are accepted as they are.

What a baseline holds, and what in it cannot be used. How it is written down is
the business of ``baseline_layout.py``, how it is read of ``baseline_parse.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

SCHEMA = "release-gate-baseline"
VERSION = 2
LABELS = ("accepted", "confirmed", "false-positive")


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
        reason: Why it was accepted after the first time; empty for the first time.
        newer: Its fingerprints of later versions, by version; they say nothing of identity.
    """

    gate_id: str
    rule_id: str
    path: str
    fingerprint: str
    message: str = ""
    label: str = "accepted"
    reason: str = ""
    newer: tuple[tuple[int, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Mark:
    """The best value that a ratcheted metric has reached.

    Args:
        gate_id: Gate that measures it.
        metric: Name of the metric.
        value: Decimal number as text, in the metric's unit.
        reason: Why it was let go back; empty where it was not.
    """

    gate_id: str
    metric: str
    value: str
    reason: str = ""

    def number(self) -> Decimal:
        """The value, exactly."""
        return Decimal(self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """All that is accepted, and the salt that secret hashes are made with.

    Args:
        salt: In hexadecimal.
        entries: Accepted findings.
        marks: Best values of ratcheted metrics; of several for one metric the strictest counts,
            so that two branches that both reach a new one need not agree.
        places: Lines that keep neighbours apart, see ``baseline_layout.py``.
    """

    salt: str
    entries: tuple[BaselineEntry, ...] = ()
    marks: tuple[Mark, ...] = ()
    places: tuple[str, ...] = ()
