from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge import moves
from release_gate.judge.fingerprints import SCHEMES, fingerprints
from release_gate.judge.matching import Matched, entry_for, masked, match
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


def known(matched: Matched) -> list[bool]:
    return [entry is not None for entry in matched.entries]


def by_message_too(one: Finding, path: str) -> tuple[str, ...]:
    """A later version of the fingerprint, as one could look."""
    return ("release-gate/fingerprint/2", one.rule_id, path, one.message, *one.identity.key)


BOTH = {**SCHEMES, 2: by_message_too}


def test_an_entry_of_an_old_version_is_found_by_a_release_that_knows_a_newer_one() -> None:
    matched = match([finding()], accepted(finding()), {}, schemes=BOTH)
    assert known(matched) == [True]
    assert matched.fingerprints == fingerprints([finding()])


def test_a_newer_version_tells_apart_what_the_old_one_does_not() -> None:
    first, second = finding(line=1, message="a 1"), finding(line=2, message="b 2")
    newer = fingerprints([first, second], scheme=by_message_too)
    entries = [
        replace(entry, newer=((2, digest),))
        for entry, digest in zip(accepted(first, second), newer, strict=True)
    ]
    matched = match([second], entries, {}, schemes=BOTH)
    assert matched.entries == (entries[1],)
    assert matched.fixed == (entries[0],)


def test_a_version_that_nobody_knows_yet_does_no_harm() -> None:
    entry = replace(accepted(finding())[0], newer=((9, "f" * 64),))
    assert known(match([finding()], [entry], {})) == [True]


def test_a_renamed_file_without_a_base_stays_known_once_its_old_path_is_gone() -> None:
    before = accepted(finding(path="src/old.py"))
    here = {"src/new.py"}
    moved = match([finding(path="src/new.py")], before, {}, present=here)
    assert known(moved) == [True]
    assert moved.fixed == ()


@pytest.mark.parametrize("present", [None, {"src/new.py", "src/old.py"}])
def test_a_copy_into_another_file_is_new_as_long_as_the_first_file_is_there(
    present: set[str] | None,
) -> None:
    before = accepted(finding(path="src/old.py"))
    matched = match([finding(path="src/new.py")], before, {}, present=present)
    assert known(matched) == [False]
    assert len(matched.fixed) == 1


def test_of_a_moved_file_that_was_edited_only_the_edited_line_is_new() -> None:
    before = accepted(finding(path="old.py"), secret("h1", path="old.py"))
    now = [
        finding(path="new.py", identity=Identity(kind="code", key=("other()", ""))),
        secret("h1", path="new.py"),
    ]
    assert known(match(now, before, {}, present={"new.py"})) == [False, True]


def test_twins_that_moved_into_a_file_with_a_twin_of_its_own_are_all_known() -> None:
    before = accepted(
        finding(path="kept.py", line=1), finding(path="old.py", line=1), finding(path="old.py")
    )
    now = [finding(path="kept.py", line=n) for n in (1, 2, 3)]
    assert known(match(now, before, {}, present={"kept.py"})) == [True, True, True]
    one_more = [*now, finding(path="kept.py", line=4)]
    assert sum(known(match(one_more, before, {}, present={"kept.py"}))) == 3


def test_a_moved_folder_is_matched_file_by_file_of_the_same_name() -> None:
    names = ("a.py", "b.py")
    before = accepted(*[finding(path=f"old/{name}") for name in names])
    now = [finding(path=f"new/{name}") for name in names]
    matched = match(now, before, {}, present={"new/a.py", "new/b.py"})
    assert [entry.path for entry in matched.entries if entry] == ["old/a.py", "old/b.py"]


def test_what_has_no_path_does_not_move() -> None:
    before = accepted(finding(path=None))
    assert known(match([finding(path="a.py")], before, {}, present={"a.py"})) == [False]
    before = accepted(finding(path="a.py"))
    assert known(match([finding(path=None)], before, {}, present=set())) == [False]


def test_beyond_a_bound_only_files_of_the_same_name_are_taken_for_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moves, "_MOST", 3)
    before = accepted(finding(path="old/a.py"), finding(path="old/b.py"))
    now = [finding(path="new/a.py"), finding(path="new/c.py")]
    assert known(match(now, before, {}, present={"new/a.py", "new/c.py"})) == [True, False]
    monkeypatch.setattr(moves, "_MOST", 4)
    assert known(match(now, before, {}, present={"new/a.py", "new/c.py"})) == [True, True]


def test_an_entry_keeps_the_reason_and_the_label_it_was_made_with() -> None:
    entry = entry_for("g", finding(always_blocks=True), "0" * 64, reason="said so")
    assert (entry.label, entry.reason) == ("confirmed", "said so")
    assert entry_for("g", secret("h"), "0" * 64).message == ""
    assert entry_for("g", finding(path=None), "0" * 64).path == ""


def test_a_secret_in_a_renamed_file_is_known_by_its_fingerprint_alone() -> None:
    renamed = match(
        [secret("h1", path="new.py")], accepted(secret("h1", path="old.py")), {"new.py": "old.py"}
    )
    assert known(renamed) == [True]


def test_a_reworded_line_in_a_renamed_file_is_matched_under_its_old_path() -> None:
    before = accepted(finding(path="old.py"))
    edited = finding(path="new.py", identity=Identity(kind="code", key=("other()", "")))
    assert known(match([edited], before, {"new.py": "old.py"})) == [True]
    assert known(match([edited], before, {})) == [False]


def test_the_newest_version_is_asked_first() -> None:
    """By the old one, the second of two twins would take the entry of the first."""
    now = finding(line=1, message="b 2")
    entries = [
        replace(entry, newer=((2, digest * 64),))
        for entry, digest in zip(
            accepted(finding(line=1), finding(line=2)), ("a", "b"), strict=True
        )
    ]

    def by_words(one: Finding, path: str) -> tuple[str, ...]:
        return (one.message, path)

    newer = fingerprints([now], scheme=by_words)[0]
    second = replace(entries[1], newer=((2, newer),))
    matched = match([now], [entries[0], second], {}, schemes={**SCHEMES, 2: by_words})
    assert matched.entries == (second,)


def test_a_moved_file_is_matched_by_the_version_that_its_entry_knows() -> None:
    before = accepted(finding(path="old.py"))
    now = [finding(path="new.py", message="said otherwise")]
    assert known(match(now, before, {}, present={"new.py"}, schemes=BOTH)) == [True]


def test_what_two_findings_could_be_known_by_is_taken_once_and_the_rest_stays() -> None:
    entries = accepted(finding(line=1), finding(line=2), finding(line=3))
    matched = match([finding(line=7)], entries, {})
    assert matched.entries == (entries[0],)
    assert matched.fixed == tuple(sorted(entries[1:]))


def test_a_file_of_the_same_name_is_taken_before_any_other() -> None:
    before = accepted(finding(path="a/x.py"), finding(path="b/y.py"))
    now = [finding(path="c/y.py")]
    assert [entry and entry.path for entry in match(now, before, {}, present=set()).entries] == [
        "b/y.py"
    ]


def test_files_without_a_rule_in_common_are_no_move() -> None:
    found, gone = [finding(path="new.py")], accepted(finding(path="old.py", rule_id="B101"))
    assert list(moves.moves(found, gone, set())) == []
    assert list(moves.moves(found, accepted(finding(path="old.py")), set())) == [
        ("new.py", "old.py")
    ]


def test_an_ordinary_entry_is_labelled_accepted() -> None:
    assert entry_for("g", finding(), "0" * 64).label == "accepted"
