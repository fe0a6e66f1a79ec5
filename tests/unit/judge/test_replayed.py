"""A run that is judged as of another moment than now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from release_gate.judge.decide import decide
from release_gate.judge.types import Verdict
from support.judging import INPUTS, collected, docket

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("replayed", "is_error", "verdict"),
    [
        (True, True, Verdict.ERROR),
        (True, False, Verdict.PASS),
        (False, True, Verdict.PASS),
    ],
)
def test_another_moment_than_now_is_an_error_only_where_policy_says_so(
    *, replayed: bool, is_error: bool, verdict: Verdict
) -> None:
    policy = replace(INPUTS, replayed=replayed, replay_is_error=is_error)
    report = decide(docket(), [collected()], policy)
    assert report.verdict is verdict
    slugs = [one.slug for one in report.problems]
    assert slugs == (["replayed-time"] if verdict is Verdict.ERROR else [])
