"""Bandit's levels against the limits, and its settings as shown."""

from __future__ import annotations

import pytest

from release_gate.subjects.bandit.findings import within
from release_gate.subjects.bandit.output import Result
from release_gate.subjects.bandit.settings import BanditSettings

pytestmark = pytest.mark.unit


def result(severity: str, confidence: str) -> Result:
    return Result(
        filename="a.py",
        test_id="B101",
        test_name="assert_used",
        issue_severity=severity,
        issue_confidence=confidence,
        issue_text="no",
        line_number=1,
        line_range=[1],
        more_info="",
    )


@pytest.mark.parametrize(
    ("severity", "confidence", "expected"),
    [
        ("HIGH", "HIGH", True),
        ("MEDIUM", "MEDIUM", True),
        ("LOW", "HIGH", False),
        ("HIGH", "LOW", False),
        ("UNDEFINED", "UNDEFINED", True),
        ("SEVERE", "HIGH", True),
    ],
)
def test_a_level_that_is_open_or_unknown_reaches_every_limit(
    severity: str, confidence: str, *, expected: bool
) -> None:
    item = result(severity, confidence)
    assert within(item, severity="medium", confidence="medium") is expected


def test_every_setting_is_shown() -> None:
    table = {"skips": ["B101", "B102"], "any_other_function": {"word": "x"}}
    origins = BanditSettings(file="pyproject.toml", table=table).origins()
    assert [(item.name, item.value) for item in origins] == [
        ("any_other_function", "{'word': 'x'}"),
        ("skips", "B101, B102"),
    ]
