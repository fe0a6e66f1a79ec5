from __future__ import annotations

import pytest

from release_gate.model import Severity
from release_gate.subjects.secrets.findings import finding_for, identity, rule_id, severity

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("AWS Access Key", "aws-access-key"),
        ("Base64 High Entropy String", "base64-high-entropy-string"),
        ("IBM COS HMAC Credentials", "ibm-cos-hmac-credentials"),
        ("Public IP (ipv4)", "public-ip-ipv4"),
    ],
)
def test_a_type_of_secret_is_a_rule(kind: str, expected: str) -> None:
    assert expected == rule_id(kind)


def test_a_guess_by_entropy_is_medium_and_a_confirmed_secret_critical() -> None:
    assert severity("Hex High Entropy String", confirmed=False) == Severity.MEDIUM
    assert severity("Private Key", confirmed=False) == Severity.HIGH
    assert severity("Hex High Entropy String", confirmed=True) == Severity.CRITICAL


def test_the_identity_depends_on_type_secret_and_key_alone() -> None:
    one = identity("Private Key", "a" * 40, b"key")
    assert one == identity("Private Key", "a" * 40, b"key")
    others = [
        identity("Secret Keyword", "a" * 40, b"key"),
        identity("Private Key", "b" * 40, b"key"),
        identity("Private Key", "a" * 40, b"other key"),
    ]
    assert one not in others
    assert "a" * 40 not in repr(one)


def test_further_lines_are_named() -> None:
    finding = finding_for(
        kind="Private Key",
        path="a",
        lines=(1, 2, 3, 4, 5, 6, 7, 8),
        hashed_secret="a" * 40,
        secret_key=b"k",
    )
    assert finding.line == 1
    assert finding.why.endswith("It also stands on line 2, 3, 4, 5, 6 and 2 more.")
    assert finding.excerpt == ""


def test_names_are_quoted_where_a_shell_needs_it() -> None:
    finding = finding_for(
        kind="Private Key", path="it's a file", lines=(), hashed_secret="a", secret_key=b"k"
    )
    assert finding.reproduce == "release-gate run --gate secrets --path 'it'\\''s a file'"
    assert finding.line is None
