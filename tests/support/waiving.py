"""Short ways to make waivers in tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from release_gate.judge.types import JudgedFinding, PolicyInputs, State
from release_gate.model import Finding, Severity
from release_gate.policy import MAX_DAYS, Author, Match, Waiver, WaiverBook, WaiverPolicy
from support.judging import finding

LEAD = "lead@example.invalid"
DEV = Author(name="Dev", email="dev@example.invalid")
EVERYONE: dict[Severity, tuple[str, ...]] = dict.fromkeys(MAX_DAYS, (LEAD,))
POLICY = WaiverPolicy(approvers=EVERYONE)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def waiver(**changes: Any) -> Waiver:
    """A waiver that holds at :data:`NOON` and names the usual finding."""
    values: dict[str, Any] = {
        "id": "W-2026-001",
        "type": "fix-deferred",
        "gate": "security",
        "match": Match(rule="B602", path="src/orders/export.py"),
        "reason": "the export is rewritten in March",
        "owner": "dev@example.invalid",
        "approver": LEAD,
        "created": date(2026, 1, 2),
        "expires": date(2026, 1, 31),
        "max_severity": Severity.HIGH,
        "line": 4,
        "lines": (4, 5),
        "authors": (DEV,),
    }
    return Waiver(**{**values, **changes})


def judged(fingerprint: str = "a1" * 32, **changes: Any) -> JudgedFinding:
    """The usual finding, new and counting."""
    state = changes.pop("state", State.NEW)
    found: Finding = finding(**changes)
    return JudgedFinding(
        finding=found, fingerprint=fingerprint, state=state, enforced=state is State.NEW
    )


def inputs(*waivers: Waiver, **changes: Any) -> PolicyInputs:
    """Policy inputs with these waivers."""
    values: dict[str, Any] = {
        "effective_time": NOON,
        "waivers": WaiverBook(file="waivers.toml", waivers=waivers),
        "waiver_policy": POLICY,
    }
    return PolicyInputs(**{**values, **changes})
