from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from release_gate.subjects.advisories.ranges import Range, is_affected, parsed

pytestmark = pytest.mark.unit

releases = st.builds(
    lambda parts, suffix: ".".join(map(str, parts)) + suffix,
    st.lists(st.integers(0, 12), min_size=1, max_size=3),
    st.sampled_from(["", "a1", "b2", "rc1", ".post1", ".dev3"]),
)


def affected(version: str, *events: dict[str, str], versions: tuple[str, ...] = ()) -> bool:
    ranges = [Range.of(events)] if events else []
    return is_affected(version, frozenset(versions), ranges)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0", True),
        ("0.dev1", True),
        ("1.9.9", True),
        ("2.0rc1", True),
        ("2.0", False),
        ("3", False),
    ],
)
def test_a_range_ends_before_its_fixed_version(version: str, expected: bool) -> None:
    assert expected == affected(version, {"introduced": "0"}, {"fixed": "2.0"})


@pytest.mark.parametrize(
    ("version", "expected"), [("0.9", False), ("1.0", True), ("1.5", True), ("1.5.1", False)]
)
def test_a_range_includes_its_last_affected_version(version: str, expected: bool) -> None:
    assert expected == affected(version, {"introduced": "1.0"}, {"last_affected": "1.5"})


def test_a_range_of_one_version() -> None:
    events = ({"introduced": "1.0"}, {"last_affected": "1.0"})
    assert affected("1.0", *events)
    assert not affected("1.0.1", *events)


def test_ranges_that_touch_leave_no_gap() -> None:
    events = ({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.0"}, {"fixed": "2.0"})
    assert affected("1.0", *events)


def test_events_may_come_in_any_order() -> None:
    events = ({"fixed": "2.0"}, {"introduced": "3.0"}, {"introduced": "1.0"}, {"fixed": "3.1"})
    assert [affected(v, *events) for v in ("0.9", "1.0", "2.0", "3.0", "3.1")] == [
        False,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1", "1.0+cpu"])
def test_a_listed_version_is_known_in_every_writing(version: str) -> None:
    assert affected(version, versions=("1.0",))


def test_a_local_version_counts_as_its_public_one() -> None:
    assert affected("1.5+cpu", {"introduced": "1.0"}, {"last_affected": "1.5"})


def test_an_advisory_may_name_a_local_version() -> None:
    events = ({"introduced": "0"}, {"fixed": "1.5+fix"})
    assert affected("1.5", *events)
    assert not affected("1.5+fix", *events)


@pytest.mark.parametrize(
    "events",
    [
        ({"introduced": "0"}, {"fixed": "0.2.0-n653"}),
        ({"introduced": "0"}, {"retired": "2"}),
        ({"fixed": "1.0"},),
    ],
)
def test_a_range_that_cannot_be_decided_counts_as_affected(
    events: tuple[dict[str, str], ...],
) -> None:
    assert affected("5.0", *events)


def test_a_list_decides_where_the_range_cannot() -> None:
    events = ({"introduced": "0"}, {"fixed": "abc"})
    assert affected("1.0", *events, versions=("1.0",))
    assert not affected("5.0", *events, versions=("1.0",))


def test_an_advisory_without_versions_and_ranges_counts_as_affecting_all() -> None:
    assert affected("1.0")


def test_a_version_that_is_none_counts_as_affected_by_a_range() -> None:
    assert affected("banana", {"introduced": "0"}, {"fixed": "1.0"})
    assert affected("banana", versions=("banana",))
    assert not affected("banana", versions=("1.0",))


def test_limits_bound_nothing_by_version() -> None:
    assert affected("3.0", {"introduced": "0"}, {"limit": "2.0"})


@given(version=releases, low=releases.filter(lambda one: one != "0"), high=releases)
def test_a_range_agrees_with_the_specifier_of_pep_440(version: str, low: str, high: str) -> None:
    expected = Version(low) <= Version(version) < Version(high)
    assert expected == affected(version, {"introduced": low}, {"fixed": high}) or (
        # An empty or reversed range: what begins at or after its end has no end.
        Version(low) >= Version(high)
    )


@given(version=releases, high=releases)
def test_a_last_affected_version_agrees_with_the_specifier_of_pep_440(
    version: str, high: str
) -> None:
    expected = SpecifierSet(f"<={high}").contains(version, prereleases=True)
    assert expected == affected(version, {"introduced": "0"}, {"last_affected": high})


@given(version=releases, events=st.lists(releases, min_size=1, max_size=6))
def test_the_order_of_events_does_not_matter(version: str, events: list[str]) -> None:
    kinds = ("introduced", "fixed", "last_affected")
    listed = [{kinds[i % 3]: event} for i, event in enumerate(events)]
    assert affected(version, *listed) == affected(version, *reversed(listed))


@given(listed=st.lists(releases, min_size=1), version=releases)
def test_a_listed_version_is_affected_whatever_the_ranges_say(
    listed: list[str], version: str
) -> None:
    assert affected(listed[0], {"introduced": version}, versions=tuple(listed))


def test_parsed_tells_what_is_no_version() -> None:
    assert parsed("1.0") == Version("1.0")
    assert parsed("not") is None
