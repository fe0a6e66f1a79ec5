"""The vectors are the examples of the documents of FIRST, with the scores printed there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from release_gate.model import Severity
from release_gate.subjects.advisories.severity import base_score, severity, word

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        # CVSS 2.0 guide, examples 3.3.1 to 3.3.3.
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", "7.8"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "10.0"),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", "6.2"),
        # CVSS 3.1 examples.
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "6.4"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "7.5"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "6.1"),
        # CVSS 4.0: everything at its worst, and nothing at all.
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "10.0"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", "0.0"),
    ],
)
def test_base_scores_are_those_of_the_standard(vector: str, score: str) -> None:
    assert Decimal(score) == base_score(vector)


@pytest.mark.parametrize(
    "vector", ["", "high", "CVSS:3.1/AV:N", "CVSS:9.0/AV:N/AC:L", "AV:N/AC:L/Au:N/C:N/I:N"]
)
def test_a_vector_that_is_none_has_no_score(vector: str) -> None:
    assert base_score(vector) is None


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("10.0", Severity.CRITICAL),
        ("9.0", Severity.CRITICAL),
        ("8.9", Severity.HIGH),
        ("7.0", Severity.HIGH),
        ("6.9", Severity.MEDIUM),
        ("4.0", Severity.MEDIUM),
        ("3.9", Severity.LOW),
        ("0.1", Severity.LOW),
        ("0.0", Severity.INFO),
    ],
)
def test_the_words_are_those_of_the_rating_scale(score: str, expected: Severity) -> None:
    assert expected == word(Decimal(score))


def test_version_2_has_no_critical() -> None:
    assert severity(["AV:N/AC:L/Au:N/C:C/I:C/A:C"]) == Severity.HIGH


def test_the_worst_of_several_vectors_counts() -> None:
    low, high = (
        "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
    )
    assert severity([low, high]) == Severity.HIGH


def test_no_vector_is_unknown() -> None:
    assert severity([]) == Severity.UNKNOWN


def test_an_unreadable_vector_beside_a_low_one_is_unknown() -> None:
    assert severity(["rubbish", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"]) == Severity.UNKNOWN


def test_an_unreadable_vector_does_not_hide_a_high_one() -> None:
    vectors = ["rubbish", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"]
    assert severity(vectors) == Severity.HIGH
