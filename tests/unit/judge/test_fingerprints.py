from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.fingerprints import fingerprint, fingerprints
from release_gate.model import Finding, Identity, Severity
from support.judging import finding

pytestmark = pytest.mark.unit


def test_version_1_is_this_digest() -> None:
    assert fingerprint(finding()) == (
        "26e31e1686d77e7996aa372c14b06630"  # a change here voids every stored baseline
        "87a321deed6d75be9738a2f6600f2082"
    )


@pytest.mark.parametrize(
    "other",
    [
        finding(tool="semgrep"),
        finding(rule_id="B603"),
        finding(path="src/orders/other.py"),
        finding(identity=Identity(kind="item", key=("subprocess.call(cmd,shell=True)", "export"))),
        finding(identity=Identity(kind="code", key=("subprocess.call(cmd)", "export"))),
        finding(identity=Identity(kind="code", key=("subprocess.call(cmd,shell=True)", "main"))),
        finding(identity=Identity(kind="code", key=("subprocess.call(cmd,shell=True)export",))),
    ],
)
def test_each_part_of_the_key_tells_findings_apart(other: Finding) -> None:
    assert fingerprint(other) != fingerprint(finding())


@pytest.mark.parametrize(
    "same",
    [
        finding(line=141),
        finding(column=9),
        finding(message="said in other words by a later release"),
        finding(severity=Severity.LOW),
        finding(excerpt="    subprocess.call(cmd, shell=True)"),
        finding(help_url="https://example.org/b602"),
    ],
)
def test_line_column_words_and_severity_do_not_matter(same: Finding) -> None:
    assert fingerprint(same) == fingerprint(finding())


def test_twins_are_numbered_by_position_whatever_order_they_come_in() -> None:
    first, second = finding(line=10), finding(line=20)
    forward, backward = fingerprints([first, second]), fingerprints([second, first])
    assert forward == tuple(reversed(backward))
    assert len(set(forward)) == 2


def test_a_vulnerable_package_is_the_same_finding_in_another_lock_file() -> None:
    key = Identity(kind="dependency", key=("pkg:pypi/jinja2", "CVE-2024-1"))
    assert fingerprint(finding(identity=key, path="a.txt")) == fingerprint(
        finding(identity=key, path="uv.lock")
    )


@given(st.lists(st.text(), min_size=1, max_size=4), st.lists(st.text(), min_size=1, max_size=4))
def test_two_keys_collide_only_if_they_are_equal(one: list[str], other: list[str]) -> None:
    prints = [
        fingerprint(finding(identity=Identity(kind="code", key=tuple(key)))) for key in (one, other)
    ]
    assert (prints[0] == prints[1]) == (one == other)


@given(st.lists(st.integers(min_value=1, max_value=50), max_size=12), st.integers(0, 100))
def test_inserting_lines_above_changes_no_fingerprint(lines: list[int], shift: int) -> None:
    before = [finding(line=line) for line in lines]
    after = [finding(line=line + shift) for line in lines]
    assert fingerprints(before) == fingerprints(after)


@given(st.integers(min_value=1, max_value=8))
def test_a_copy_of_the_same_violation_adds_exactly_one_fingerprint(count: int) -> None:
    before = set(fingerprints([finding(line=n) for n in range(count)]))
    after = set(fingerprints([finding(line=n) for n in range(count + 1)]))
    assert len(after - before) == 1
    assert before <= after


def test_version_1_takes_the_path_away_where_a_finding_has_no_place_of_its_own() -> None:
    key = Identity(kind="dependency", key=("pkg:pypi/jinja2", "CVE-2024-1"))
    anywhere = fingerprint(finding(identity=key, path=""))
    assert anywhere == (
        "090b7d6b1564cbbe19bbdf3ff564a256"  # a change here voids every stored baseline
        "ddf0ad3cb0cac514a6fff4c58c488d6c"
    )
    assert fingerprint(finding(identity=key, path="uv.lock")) == anywhere
    assert fingerprint(finding(path=None)) == fingerprint(finding(path=""))
    assert fingerprint(finding(path="new.py"), path="old.py") == fingerprint(finding(path="old.py"))
    assert fingerprints([finding(path=None)]) == fingerprints([finding(path="")])


def test_twins_are_numbered_by_line_then_column_then_words() -> None:
    def order(*changes: dict[str, object]) -> list[int]:
        """Which number each of them got, in whatever order they come."""
        numbers = [fingerprint(finding(path=None), occurrence=n) for n in range(len(changes))]
        twins = [finding(**{"path": None, "line": 1, "column": 1, **one}) for one in changes]
        return [numbers.index(digest) for digest in fingerprints(twins)]

    assert order({"line": 9}, {"line": 2}, {"line": None}) == [2, 1, 0]
    assert order({"column": 9}, {"column": 2}, {"column": None}) == [2, 1, 0]
    assert order({"message": "c"}, {"message": "b"}, {"message": "a"}) == [2, 1, 0]
    assert order({"line": 2, "column": 1}, {"line": 1, "column": 2}) == [1, 0]
    assert order({"line": 1}, {"line": None}) == [1, 0]
    assert order({"column": 1}, {"column": None}) == [1, 0]


def test_the_same_vulnerability_in_two_locks_is_numbered_by_path() -> None:
    key = Identity(kind="dependency", key=("pkg:pypi/jinja2", "CVE-2024-1"))
    one, other = (finding(identity=key, path=path, line=n) for path, n in (("a", 9), ("b", 1)))
    none = finding(identity=key, path=None, line=99)
    prints = [fingerprint(finding(identity=key), occurrence=n) for n in range(3)]
    assert fingerprints([other, one, none]) == (prints[2], prints[1], prints[0])


def test_a_name_that_is_no_utf_8_has_a_fingerprint_too() -> None:
    assert fingerprint(finding(path="a\udcff.py")) != fingerprint(finding(path="a.py"))
