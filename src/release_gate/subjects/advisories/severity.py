"""Severity from CVSS vectors.

Scores: https://www.first.org/cvss/ (versions 2, 3.0, 3.1, 4.0), computed by the
``cvss`` library. Words: the qualitative rating scale of the same documents, for
version 2 the one of the US National Vulnerability Database.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped]  # ships no types
from cvss.exceptions import CVSSError  # type: ignore[import-untyped]  # ships no types

from release_gate.model import Severity

_CRITICAL, _HIGH, _MEDIUM = Decimal("9.0"), Decimal("7.0"), Decimal("4.0")
_VERSION_3 = ("CVSS:3.0/", "CVSS:3.1/")
_VERSION_4 = "CVSS:4.0/"


def base_score(vector: str) -> Decimal | None:
    """Base score from 0 to 10; ``None`` if the vector is none of a known version."""
    try:
        if vector.startswith(_VERSION_4):
            score = CVSS4(vector).base_score
        elif vector.startswith(_VERSION_3):
            score = CVSS3(vector).base_score
        else:
            score = CVSS2(vector).base_score
    except CVSSError:
        return None
    return Decimal(str(score))


def word(score: Decimal, *, version_2: bool = False) -> Severity:
    """The rating for a score; version 2 has no critical."""
    if score >= _CRITICAL and not version_2:
        return Severity.CRITICAL
    if score >= _HIGH:
        return Severity.HIGH
    if score >= _MEDIUM:
        return Severity.MEDIUM
    return Severity.LOW if score > 0 else Severity.INFO


def severity(vectors: Iterable[str]) -> Severity:
    """The worst rating of several vectors; ``unknown`` if there is none, or one is unreadable."""
    listed = tuple(vectors)
    ratings = []
    for vector in listed:
        score = base_score(vector)
        is_second = not vector.startswith("CVSS:")
        ratings.append(Severity.UNKNOWN if score is None else word(score, version_2=is_second))
    if not ratings:
        return Severity.UNKNOWN
    # Of high and unknown, which rank alike, high says more.
    return min(ratings, key=lambda one: (one.rank, one is Severity.UNKNOWN))
