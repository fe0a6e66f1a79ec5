from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import BaselineError
from release_gate.judge.baseline import LABELS, Baseline, BaselineEntry, parse, render

pytestmark = pytest.mark.unit

HEADER = '{"salt": "s", "schema": "release-gate-baseline", "version": 1}\n'


def row(**changes: object) -> str:
    values: dict[str, object] = {
        "gate_id": "secrets",
        "rule_id": "aws",
        "path": "a.py",
        "fingerprint": "0" * 64,
        "message": "",
        "label": "accepted",
    }
    return json.dumps({**values, **changes}) + "\n"


entries = st.builds(
    BaselineEntry,
    gate_id=st.sampled_from(["secrets", "security"]),
    rule_id=st.text(max_size=5),
    path=st.text(max_size=8),
    fingerprint=st.text("0123456789abcdef", min_size=64, max_size=64),
    message=st.text(max_size=8),
    label=st.sampled_from(LABELS),
)


@given(st.lists(entries, max_size=6, unique_by=lambda e: (e.gate_id, e.fingerprint)))
def test_what_is_rendered_is_read_back(listed: list[BaselineEntry]) -> None:
    baseline = Baseline(salt="a salt", entries=tuple(sorted(listed)))
    assert parse(render(baseline)) == baseline


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
    assert json.loads(lines[1]).keys() == {
        "fingerprint",
        "gate_id",
        "label",
        "message",
        "path",
        "rule_id",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        (HEADER.strip(), "cut off"),
        (HEADER + row()[:20], "cut off"),
        (HEADER + row()[:20] + "\n", "b.jsonl:2: not a JSON object"),
        ("[]\n", "b.jsonl:1: not a JSON object"),
        ("{}\n", "b.jsonl:1: the first line must be a header"),
        (HEADER.replace("1", "2"), "b.jsonl:1: version 2 is not known"),
        (HEADER.replace("1", "true"), "version True is not known"),
        (HEADER.replace('"s"', '""'), "salt"),
        (HEADER.replace('"s"', "5"), "salt"),
        (HEADER.replace('"s"', '"s", "generated_at": "now"'), "nothing else"),
        (HEADER + row(line=3), 'b.jsonl:2: unknown key "line"'),
        (HEADER + '{"gate_id": "secrets"}\n', 'missing key "fingerprint"'),
        (HEADER + row(path=3), '"path" must be a string'),
        (HEADER + row(label="fine"), 'label "fine" is not one of'),
        (HEADER + row(fingerprint="0" * 63), "64 hex digits"),
        (HEADER + row(fingerprint="g" * 64), "64 hex digits"),
        (HEADER + row() + row(), "stands 2 times"),
        (HEADER + row() + "\n" + row(fingerprint="1" * 64), "b.jsonl:3: not a JSON object"),
        (HEADER + row().replace("{", '{"path": "b", ', 1), 'key "path" stands twice'),
    ],
)
def test_a_baseline_that_cannot_be_used_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BaselineError) as caught:
        parse(text, "b.jsonl")
    assert said in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.remedy
