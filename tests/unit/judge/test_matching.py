from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for, masked, match
from release_gate.model import Finding, Identity
from support.judging import finding

pytestmark = pytest.mark.unit


def accepted(*findings: Finding) -> list:  # type: ignore[type-arg] # entries, made one way only
    return [
        entry_for("security", item, digest)
        for item, digest in zip(findings, fingerprints(findings), strict=True)
    ]


def secret(key: str, **changes: object) -> Finding:
    return finding(
        tool="detect-secrets",
        rule_id="AWSKeyDetector",
        message="AWS Access Key",
        identity=Identity(kind="secret", key=("AWS Access Key", key)),
        **changes,
    )


def test_an_accepted_finding_is_known_after_lines_moved() -> None:
    matched = match([finding(line=141)], accepted(finding(line=41)), {})
    assert [entry is not None for entry in matched.entries] == [True]
    assert matched.fixed == ()


def test_the_third_twin_of_two_accepted_ones_is_new() -> None:
    twins = [finding(line=n) for n in (1, 2, 3)]
    matched = match(twins, accepted(*twins[:2]), {})
    assert [entry is not None for entry in matched.entries] == [True, True, False]


def test_a_finding_in_a_renamed_file_stays_known() -> None:
    matched = match(
        [finding(path="src/new.py")],
        accepted(finding(path="src/old.py")),
        {"src/new.py": "src/old.py"},
    )
    assert matched.entries[0] is not None
    assert matched.fixed == ()


def test_a_reworded_line_is_matched_by_rule_path_and_masked_message() -> None:
    edited = finding(
        message="subprocess call with shell=True, 4 arguments",
        identity=Identity(kind="code", key=("subprocess.call(other,shell=True)", "export")),
    )
    assert match([edited], accepted(finding()), {}).entries[0] is not None


def test_a_real_key_in_place_of_an_accepted_false_positive_is_new() -> None:
    matched = match([secret("h2")], accepted(secret("h1")), {})
    assert matched.entries == (None,)
    assert [entry.path for entry in matched.fixed] == ["src/orders/export.py"]


def test_a_vulnerability_is_never_matched_by_its_message_alone() -> None:
    def vulnerable(alias: str) -> Finding:
        return finding(identity=Identity(kind="dependency", key=("pkg:pypi/jinja2", alias)))

    assert match([vulnerable("CVE-2")], accepted(vulnerable("CVE-1")), {}).entries == (None,)


def test_an_entry_that_no_longer_occurs_is_fixed() -> None:
    gone = finding(rule_id="B101")
    matched = match([finding()], accepted(finding(), gone), {})
    assert [entry.rule_id for entry in matched.fixed] == ["B101"]


def test_masking_takes_digits_away() -> None:
    assert masked("line 12 of 345") == "line # of #"


@given(st.integers(0, 6), st.integers(0, 6))
def test_matching_is_one_to_one(present: int, known: int) -> None:
    now = [finding(line=n) for n in range(present)]
    before = accepted(*[finding(line=n) for n in range(known)])
    matched = match(now, before, {})
    covered = [entry for entry in matched.entries if entry is not None]
    assert len(covered) == min(present, known)
    assert len(set(covered)) == len(covered)
    assert len(matched.fixed) == known - len(covered)
