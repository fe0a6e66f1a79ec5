"""Short ways to make the judge's inputs in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from release_gate.judge.types import Docket, DocketGate, PolicyInputs, ToolInfo
from release_gate.model import (
    Collected,
    Evidence,
    Examined,
    Finding,
    Identity,
    Problem,
    Severity,
    Subject,
)

SUBJECT = Subject(repository="orders", commit="3f2a91c" * 5 + "00000", dirty=False, tree="t")
TOOL = ToolInfo(name="release-gate", version="0.1.0", python="3.11.7", platform="linux")
INPUTS = PolicyInputs(effective_time=datetime(2026, 1, 2, tzinfo=UTC))


def finding(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "tool": "bandit",
        "rule_id": "B602",
        "severity": Severity.HIGH,
        "message": "subprocess call with shell=True, 3 arguments",
        "identity": Identity(kind="code", key=("subprocess.call(cmd,shell=True)", "export")),
        "path": "src/orders/export.py",
        "line": 41,
    }
    return Finding(**{**values, **changes})


def evidence(**changes: Any) -> Evidence:
    return Evidence(**{"examined": Examined(unit="files", count=3), **changes})


def collected(gate_id: str = "security", **changes: Any) -> Collected:
    return Collected(gate_id=gate_id, evidence=evidence(**changes))


def failed(gate_id: str = "security", what: str = "bandit printed nothing") -> Collected:
    return Collected(gate_id=gate_id, evidence=None, problem=Problem(what=what))


def gate(gate_id: str = "security", **changes: Any) -> DocketGate:
    return DocketGate(**{"gate_id": gate_id, "kind": gate_id, "title": "Security", **changes})


def docket(*gates: DocketGate, **changes: Any) -> Docket:
    values: dict[str, Any] = {
        "gates": gates or (gate(),),
        "subject": SUBJECT,
        "phase": "pre-release",
        "tool": TOOL,
    }
    return Docket(**{**values, **changes})
