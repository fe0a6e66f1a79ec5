from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import BaselineError
from release_gate.judge.baseline import LABELS, Baseline, BaselineEntry, Mark
from release_gate.judge.baseline_layout import PLACES, render
from release_gate.judge.baseline_parse import parse

pytestmark = pytest.mark.unit

OLD = '{"salt": "s", "schema": "release-gate-baseline", "version": 1}\n'
HEADER = OLD.replace("1", "2")
ALL_PLACES = "".join(f'"{place}"\n' for place in PLACES)
NEWER = HEADER + ALL_PLACES


def old_row(**changes: object) -> str:
    values: dict[str, object] = {
        "gate_id": "secrets",
        "rule_id": "aws",
        "path": "a.py",
        "fingerprint": "0" * 64,
        "message": "",
        "label": "accepted",
    }
    return json.dumps({**values, **changes}) + "\n"


def row(**changes: object) -> str:
    values: dict[str, object] = {
        "gate_id": "secrets",
        "rule_id": "aws",
        "path": "a.py",
        "fingerprints": {"1": "0" * 64},
        "label": "accepted",
    }
    return json.dumps({**values, **changes}) + "\n"


def mark(**changes: object) -> str:
    values: dict[str, object] = {"gate_id": "coverage", "ratchet": "coverage", "value": "79.5"}
    return json.dumps({**values, **changes}) + "\n"


entries = st.builds(
    BaselineEntry,
    gate_id=st.sampled_from(["secrets", "security"]),
    rule_id=st.text(max_size=5),
    path=st.text(max_size=8),
    fingerprint=st.text("0123456789abcdef", min_size=64, max_size=64),
    message=st.text(max_size=8),
    label=st.sampled_from(LABELS),
    reason=st.text(max_size=5),
    newer=st.sampled_from([(), ((2, "b" * 64),), ((2, "c" * 64), (11, "d" * 64))]),
)
marks = st.builds(
    Mark,
    gate_id=st.sampled_from(["coverage", "lint"]),
    metric=st.sampled_from(["coverage", "findings"]),
    value=st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    reason=st.text(max_size=5),
)


@given(
    st.lists(entries, max_size=6, unique_by=lambda e: (e.gate_id, e.fingerprint)),
    st.lists(marks, max_size=3, unique_by=lambda m: (m.gate_id, m.metric, m.value)),
)
def test_what_is_rendered_is_read_back(listed: list[BaselineEntry], reached: list[Mark]) -> None:
    baseline = Baseline(salt="a salt", entries=tuple(sorted(listed)), marks=tuple(sorted(reached)))
    read = parse(render(baseline))
    assert (read.salt, read.entries, read.marks) == (
        baseline.salt,
        baseline.entries,
        baseline.marks,
    )
    assert [one.newer for one in read.entries] == [one.newer for one in baseline.entries]
    assert render(read) == render(baseline)


def near(tail: str, **changes: Any) -> BaselineEntry:
    """An entry that shares its place with all others made here."""
    print_ = "abc" + tail * 61
    return BaselineEntry(gate_id="g", rule_id="r", path="p", fingerprint=print_, **changes)


def test_neighbours_in_one_place_are_kept_apart_by_a_line_that_stays() -> None:
    both = Baseline(salt="s", entries=(near("1"), near("2")))
    text = render(both)
    assert '"abc222222222 g"' in text.splitlines()
    assert '"abc111111111 g"' not in text
    left = replace(parse(text), entries=(near("1"),))
    assert [line for line in render(left).splitlines() if "abc" in line] == [
        '"abc"',
        render(Baseline(salt="s", entries=(near("1"),))).splitlines()[1 + 0xABC + 1],
        '"abc222222222 g"',
    ]


def test_an_old_baseline_is_read_and_written_in_the_new_form() -> None:
    read = parse(OLD + old_row(message="line #"))
    assert read.entries[0].message == "line #"
    assert read.entries[0].fingerprint == "0" * 64
    assert parse(render(read)) == read
    assert render(read).startswith(HEADER)


def test_fingerprints_of_later_versions_are_kept() -> None:
    text = NEWER + row(fingerprints={"1": "0" * 64, "2": "1" * 64, "10": "2" * 64})
    (entry,) = parse(text).entries
    assert entry.newer == ((2, "1" * 64), (10, "2" * 64))
    assert '"2": "1111' in render(parse(text))


def test_of_two_marks_for_one_metric_both_are_read() -> None:
    read = parse(NEWER + mark() + mark(value="80", reason="we moved the slow tests"))
    assert [(one.value, one.reason) for one in read.marks] == [
        ("79.5", ""),
        ("80", "we moved the slow tests"),
    ]


@given(
    st.permutations(
        [BaselineEntry(gate_id="g", rule_id="r", path=p, fingerprint=p * 64) for p in "abcdef"]
    )
)
def test_the_text_does_not_depend_on_the_order_of_entries(listed: list[BaselineEntry]) -> None:
    assert render(Baseline(salt="s", entries=tuple(listed))) == render(
        Baseline(salt="s", entries=tuple(sorted(listed)))
    )


def test_one_line_a_finding_and_neither_time_nor_line_number() -> None:
    entry = BaselineEntry(gate_id="secrets", rule_id="aws", path="a.py", fingerprint="0" * 64)
    lines = render(Baseline(salt="s", entries=(entry,))).splitlines()
    assert lines[0] + "\n" == HEADER
    assert lines[1] == '"000"'
    assert json.loads(lines[2]).keys() == {"fingerprints", "gate_id", "label", "path", "rule_id"}
    assert lines[3:] == [f'"{place}"' for place in PLACES[1:]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        (HEADER.strip(), "cut off"),
        (HEADER + row()[:20], "b.jsonl:2: the last line has no end: it is cut off"),
        (HEADER + row()[:20] + "\n", "b.jsonl:2: not a JSON object"),
        ("[]\n", "b.jsonl:1: not a JSON object"),
        ('"000"\n', "b.jsonl:1: not a JSON object"),
        ("{}\n", "b.jsonl:1: the first line must be a header"),
        (HEADER.replace("2", "3"), "b.jsonl:1: version 3 is not known"),
        (HEADER.replace("2", "0"), "b.jsonl:1: version 0 is not known"),
        (HEADER.replace("2", "true"), "version True is not known"),
        (HEADER.replace("2", '"2"'), "version '2' is not known"),
        (HEADER.replace(', "version": 2', ""), "version None is not known"),
        (HEADER.replace('"s"', '""'), "salt"),
        (HEADER.replace('"s"', "5"), "salt"),
        (HEADER.replace('"s"', '"s", "generated_at": "now"'), "nothing else"),
        (HEADER, 'b.jsonl: the place "000" is missing'),
        (HEADER + ALL_PLACES.replace('"3f2"\n', ""), 'the place "3f2" is missing'),
        (HEADER + ALL_PLACES[: -len('"fff"\n')], 'the place "fff" is missing'),
        (NEWER + '"3f2a"\n', '"3f2a" is no place'),
        (NEWER + '"3f2a91c04d5e "\n', "is no place"),
        (NEWER + "<<<<<<< HEAD\n", "b.jsonl:4098: the mark of a conflict"),
        (NEWER + row(line=3), 'b.jsonl:4098: unknown key "line"'),
        (NEWER + '{"gate_id": "secrets"}\n', 'missing key "fingerprints"'),
        (NEWER + row(path=3), '"path" must be a string'),
        (NEWER + row(reason=3), '"reason" must be a string'),
        (NEWER + row(label="fine"), 'label "fine" is not one of'),
        (NEWER + row(fingerprints={"1": "0" * 63}), "64 hex digits"),
        (NEWER + row(fingerprints={"1": "g" * 64}), "64 hex digits"),
        (NEWER + row(fingerprints={"1": 5}), "64 hex digits"),
        (NEWER + row(fingerprints={"1": "0" * 64, "2": ""}), "64 hex digits"),
        (NEWER + row(fingerprints={"2": "0" * 64}), "one of version 1"),
        (NEWER + row(fingerprints="0" * 64), "one of version 1"),
        (NEWER + row(fingerprints={"1": "0" * 64, "02": "0" * 64}), '"02" is no version'),
        (NEWER + row() + row(), "stands 2 times"),
        (NEWER + "\n" + row(), "b.jsonl:4098: not a JSON object"),
        (NEWER + row().replace("{", '{"path": "b", ', 1), 'key "path" stands twice'),
        (NEWER + old_row(), 'unknown key "fingerprint"'),
        (NEWER + mark(value="much"), "must be a decimal number"),
        (NEWER + mark(value="NaN"), "must be a decimal number"),
        (NEWER + mark(value="Infinity"), "must be a decimal number"),
        (NEWER + mark(value=79.5), '"value" must be a string'),
        (NEWER + mark(tool="coverage 7"), 'unknown key "tool"'),
        (NEWER + mark() + mark(), "stands 2 times"),
        (OLD + old_row(line=3), 'b.jsonl:2: unknown key "line"'),
        (OLD + '{"gate_id": "secrets"}\n', 'missing key "fingerprint"'),
        (OLD + old_row(fingerprint="0" * 63), "64 hex digits"),
        (OLD + old_row() + old_row(), "stands 2 times"),
        (OLD + '"000"\n', "b.jsonl:2: not a JSON object"),
        (OLD + mark(), 'unknown key "ratchet"'),
    ],
)
def test_a_baseline_that_cannot_be_used_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BaselineError) as caught:
        parse(text, "b.jsonl")
    assert said in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.remedy
