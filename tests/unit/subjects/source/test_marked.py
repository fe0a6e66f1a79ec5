"""Findings say whether they came with the change."""

from __future__ import annotations

import pytest

from release_gate.subjects.source.changed import marked
from support.judging import finding
from support.source_gates import ChangedSince

pytestmark = pytest.mark.unit

BASE = ChangedSince(lines={"src/a.py": frozenset({3})})


def test_a_finding_is_of_the_change_where_its_line_is() -> None:
    findings = [finding(path="src/a.py", line=3), finding(path="src/a.py", line=4)]
    assert [one.in_change for one in marked(BASE, findings)] == [True, False]


def test_without_a_base_it_is_not_known() -> None:
    assert [one.in_change for one in marked(None, [finding()])] == [None]
