"""``gate.json``: the stored form, of which all other outputs are views."""

from __future__ import annotations

from release_gate.judge.types import Report
from release_gate.report.store import to_bytes


def render(report: Report) -> bytes:
    """The bytes of ``gate.json``."""
    return to_bytes(report)
