"""The history of releases: bounded, whole, and honest about what is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import HistoryError
from release_gate.judge.history import (
    LONGEST,
    Release,
    held,
    parse,
    render,
    with_event,
    with_release,
)

pytestmark = pytest.mark.unit

ONE = Release(
    release="1.8.0",
    phase="pre-release",
    commit="a" * 40,
    judged_at="2026-01-02T00:00:00+00:00",
    verdict="pass",
    score=(9, 10),
    kept=True,
    gates={"lint": "pass"},
)
TWO = replace(ONE, release="1.9.0")

texts = st.text(max_size=8)
releases = st.builds(
    Release,
    release=texts,
    phase=texts,
    environment=texts,
    commit=texts,
    judged_at=texts,
    verdict=texts,
    score=st.none() | st.tuples(st.integers(0, 5), st.integers(5, 9)),
    kept=st.booleans(),
    gates=st.dictionaries(texts, texts, max_size=3),
    events=st.lists(st.sampled_from(["rollback", "incident"]), max_size=3).map(tuple),
)


@given(st.lists(releases, max_size=5, unique_by=lambda one: one.key))
def test_what_is_written_is_read_again(listed: list[Release]) -> None:
    assert parse(render(listed), "h.jsonl") == tuple(listed)


@given(st.lists(releases, min_size=1, max_size=3, unique_by=lambda one: one.key), st.data())
def test_a_file_that_is_cut_off_anywhere_is_refused_or_ends_at_a_line(
    listed: list[Release], data: st.DataObject
) -> None:
    text = render(listed)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    if cut.endswith("\n"):
        assert parse(cut, "h.jsonl") == tuple(listed[: cut.count("\n") - 1])
    else:
        with pytest.raises(HistoryError):
            parse(cut, "h.jsonl")


def row(**changes: Any) -> str:
    (line,) = render([ONE]).splitlines()[1:]
    return json.dumps({**json.loads(line), **changes})


HEADER = render([]).rstrip("\n")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        json.dumps({"release": "1"}),
        row(more=1),
        row(release=1),
        row(kept="yes"),
        row(score=[1]),
        row(score=[2, 1]),
        row(score=[0, 0]),
        row(score=[True, 2]),
        row(score=[1.0, 2]),
        row(gates={"lint": 1}),
        row(gates=[]),
        row(events=["party"]),
        row(events="rollback"),
    ],
)
def test_an_unusable_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(HistoryError, match=r"h\.jsonl:2: ") as caught:
        parse(f"{HEADER}\n{line}\n", "h.jsonl")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "header",
    [
        "{}",
        '{"schema": "release-gate-history"}',
        HEADER.replace("1}", "2}"),
        HEADER[:-1] + ', "a": 1}',
    ],
)
def test_another_schema_or_version_is_refused(header: str) -> None:
    with pytest.raises(HistoryError, match=r"h\.jsonl:1: "):
        parse(f"{header}\n", "h.jsonl")


def test_a_version_that_is_true_is_not_1() -> None:
    with pytest.raises(HistoryError):
        parse(HEADER.replace("1}", "true}") + "\n", "h.jsonl")


def test_a_release_that_stands_twice_is_refused() -> None:
    with pytest.raises(HistoryError, match=r"h\.jsonl:3: release 1\.8\.0 stands twice"):
        parse(f"{HEADER}\n{row()}\n{row(verdict='fail')}\n", "h.jsonl")


def test_a_release_judged_again_takes_the_place_of_its_line_and_keeps_its_events() -> None:
    noted = with_event((ONE, TWO), "1.8.0", "incident")
    again = with_release(noted, replace(ONE, verdict="fail"))
    assert again == (replace(ONE, verdict="fail", events=("incident",)), TWO)


def test_the_same_release_in_another_phase_or_environment_has_a_line_of_its_own() -> None:
    later = replace(ONE, phase="day-1")
    staging = replace(ONE, environment="staging")
    assert with_release(with_release((ONE,), later), staging) == (ONE, later, staging)


def test_beyond_its_bound_the_oldest_release_falls_out() -> None:
    many = tuple(replace(ONE, release=str(number)) for number in range(LONGEST))
    kept = with_release(many, TWO)
    assert len(kept) == LONGEST
    assert (kept[0].release, kept[-1]) == ("1", TWO)


def test_an_event_is_noted_at_the_last_line_of_its_release() -> None:
    later = replace(ONE, phase="day-1")
    assert with_event((ONE, later), "1.8.0", "rollback") == (
        ONE,
        replace(later, events=("rollback",)),
    )


def test_an_event_of_an_unknown_release_names_those_that_are_known() -> None:
    with pytest.raises(HistoryError, match=r"no release 2\.0") as caught:
        with_event((ONE, TWO), "2.0", "rollback")
    assert "1.8.0, 1.9.0" in caught.value.remedy
    with pytest.raises(HistoryError) as caught:
        with_event((), "2.0", "rollback")
    assert "none" in caught.value.remedy


@pytest.mark.parametrize(
    ("listed", "count"),
    [
        ((), 0),
        ((ONE, TWO), 2),
        ((replace(ONE, verdict="fail", kept=False), TWO), 1),
        ((ONE, replace(TWO, kept=False)), 0),
        ((ONE, replace(TWO, verdict="fail")), 2),  # it only had not been held for long enough
        ((ONE, replace(TWO, events=("rollback",))), 0),
    ],
)
def test_only_releases_in_a_row_up_to_the_last_count_as_held(
    listed: tuple[Release, ...], count: int
) -> None:
    assert held(listed) == count
