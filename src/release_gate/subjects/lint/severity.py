"""How bad a rule of ruff is; ruff itself has no severities worth the name (all ``error``)."""

from __future__ import annotations

import re

from release_gate.api import Severity

# First match wins. The table of docs/reference/gates/lint.md says the same.
TABLE: tuple[tuple[re.Pattern[str], Severity], ...] = (
    (re.compile(r"invalid-syntax$|E9|F5|F6(?!01)|F7|F82|PLE"), Severity.HIGH),
    (re.compile(r"S\d"), Severity.MEDIUM),
    (re.compile(r"F\d|B\d|ASYNC|BLE|DTZ|PLW|RUF|TRY|PT\d|W605"), Severity.MEDIUM),
)

# The message or the line of these rules of flake8-bandit holds the password itself.
SHOWS_SECRET = frozenset({"S105", "S106", "S107"})


def severity_of(rule: str) -> Severity:
    """Severity of a rule by its id; ``low`` for everything that is style."""
    for pattern, severity in TABLE:
        if pattern.match(rule):
            return severity
    return Severity.LOW
