"""Baselines of other tools: read as they are written, refused if anything is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from release_gate.errors import BaselineError
from release_gate.subjects.accepted import bandit, mypy, sarif
from release_gate.subjects.accepted.formats import FORMATS, detected
from release_gate.subjects.accepted.items import AcceptedItem

pytestmark = pytest.mark.unit

BANDIT: dict[str, Any] = {
    "errors": [],
    "generated_at": "2026-01-01T00:00:00Z",
    "metrics": {"_totals": {}},
    "results": [
        {
            "filename": "./src/a.py",
            "test_id": "B602",
            "issue_text": "subprocess call",
            "line_number": 7,
        }
    ],
}
RESULT: dict[str, Any] = {
    "ruleId": "B602",
    "message": {"text": "subprocess call"},
    "locations": [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "src/a%20b.py"},
                "region": {"startLine": 7},
            }
        }
    ],
}


def log(*results: Any, **changes: Any) -> bytes:
    run = {
        "tool": {"driver": {"name": "t", "rules": [{"id": "R0"}, {"id": "R1"}]}},
        "results": list(results),
    }
    return json.dumps({"version": "2.1.0", "runs": [run], **changes}).encode()


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name != key}


def test_bandits_report_names_rule_file_text_and_line() -> None:
    assert bandit.items(json.dumps(BANDIT).encode(), "b.json") == (
        AcceptedItem(rule="B602", path="src/a.py", message="subprocess call", line=7),
    )
    assert bandit.items(json.dumps({**BANDIT, "results": []}).encode(), "b.json") == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        json.dumps(BANDIT).encode()[:-9],
        json.dumps(without(BANDIT, "results")).encode(),
        json.dumps(without(BANDIT, "errors")).encode(),
        json.dumps({**BANDIT, "errors": [{"filename": "a.py"}]}).encode(),
        json.dumps({**BANDIT, "results": ["B602"]}).encode(),
        *(
            json.dumps({**BANDIT, "results": [without(BANDIT["results"][0], key)]}).encode()
            for key in BANDIT["results"][0]
        ),
        json.dumps({**BANDIT, "results": [{**BANDIT["results"][0], "line_number": True}]}).encode(),
    ],
)
def test_a_report_of_bandit_that_is_not_whole_is_refused(content: bytes) -> None:
    with pytest.raises(BaselineError) as caught:
        bandit.items(content, "b.json")
    assert "b.json" in str(caught.value)
    assert "nothing was taken over" in caught.value.remedy


def test_lines_of_mypy_baseline_are_read_and_notes_left_out() -> None:
    content = (
        b'src/a.py:0: error: Missing type parameters for generic type "dict"  [type-arg]\n'
        b"src/a.py:0: note: See the page\n"
        b"src\\b.py:12:3: error: it is wrong\r\n"
        b'src/c.py:0: error: Item [0] of "list[int]" is odd  [union-attr]\n'
    )
    assert mypy.items(content, "m.txt") == (
        AcceptedItem(
            rule="type-arg",
            path="src/a.py",
            message='Missing type parameters for generic type "dict"',
        ),
        AcceptedItem(rule="misc", path="src/b.py", message="it is wrong", line=12),
        AcceptedItem(rule="union-attr", path="src/c.py", message='Item [0] of "list[int]" is odd'),
    )


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"hello\n", b"a.py:0: error: x\n\nb\n"])
def test_what_is_no_line_of_mypy_is_refused(content: bytes) -> None:
    with pytest.raises(BaselineError):
        mypy.items(content, "m.txt")


def test_results_of_sarif_are_read_with_their_place() -> None:
    assert sarif.items(log(RESULT), "s.sarif") == (
        AcceptedItem(rule="B602", path="src/a b.py", message="subprocess call", line=7),
    )


def test_an_address_of_a_file_is_decoded() -> None:
    place = {"artifactLocation": {"uri": "file:///src/a%20b.py"}}
    (item,) = sarif.items(log({**RESULT, "locations": [{"physicalLocation": place}]}), "s")
    assert (item.path, item.line) == ("/src/a b.py", 0)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"ruleId": "X1"}, "X1"),
        ({"ruleId": None, "rule": {"id": "X2"}}, "X2"),
        ({"ruleId": None, "ruleIndex": 1}, "R1"),
        ({"ruleId": None, "rule": {"index": 0}}, "R0"),
    ],
)
def test_a_rule_is_named_by_id_or_by_its_place(changes: dict[str, Any], rule: str) -> None:
    assert sarif.items(log({**RESULT, **changes}), "s")[0].rule == rule


def test_what_was_gone_and_what_is_no_failure_is_left_out() -> None:
    gone, fine = {**RESULT, "baselineState": "absent"}, {**RESULT, "kind": "pass"}
    kept = {**RESULT, "baselineState": "unchanged", "kind": "fail"}
    assert len(sarif.items(log(gone, fine, kept, RESULT), "s")) == 2


def test_our_own_fingerprint_is_taken_and_any_other_is_not() -> None:
    prints = {"releaseGate/v1": "a" * 64, "primaryLocationLineHash": "b" * 64}
    (item,) = sarif.items(log({**RESULT, "partialFingerprints": prints}), "s")
    assert item.fingerprint == "a" * 64
    for wrong in ({"releaseGate/v1": "requires login"}, {"releaseGate/v1": 5}, "x"):
        (item,) = sarif.items(log({**RESULT, "partialFingerprints": wrong}), "s")
        assert item.fingerprint == ""


def test_one_value_for_several_results_is_no_fingerprint() -> None:
    same = {**RESULT, "partialFingerprints": {"releaseGate/v1": "a" * 64}}
    own = {**RESULT, "partialFingerprints": {"releaseGate/v1": "b" * 64}}
    prints = [one.fingerprint for one in sarif.items(log(same, own, same), "s")]
    assert prints == ["", "b" * 64, ""]


@pytest.mark.parametrize("locations", [[], None, [{}], ["x"], [{"physicalLocation": 1}]])
def test_a_result_without_a_place_has_none(locations: Any) -> None:
    (item,) = sarif.items(log({**RESULT, "locations": locations}), "s")
    assert (item.path, item.line) == ("", 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        log(RESULT)[:-5],
        log(version="2.0.0"),
        log(runs=[]),
        log(runs=None),
        log(runs=["x"]),
        log(runs=[{"tool": {}}]),
        log("x"),
        log(without(RESULT, "ruleId")),
        log({**without(RESULT, "ruleId"), "ruleIndex": 2}),
        log({**without(RESULT, "ruleId"), "ruleIndex": -1, "rule": "x"}),
        log(without(RESULT, "message")),
        log({**RESULT, "message": "x"}),
        log(runs=[{"results": [without(RESULT, "ruleId") | {"ruleIndex": 0}], "tool": "x"}]),
    ],
)
def test_a_log_that_is_not_whole_is_refused(content: bytes) -> None:
    with pytest.raises(BaselineError):
        sarif.items(content, "s.sarif")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (json.dumps(BANDIT).encode(), "bandit"),
        (log(), "sarif"),
        (b'{"plugins_used": [], "results": {}}', "detect-secrets"),
        (b"a.py:0: error: x  [misc]\n", "mypy-baseline"),
        (b"", "mypy-baseline"),
    ],
)
def test_the_format_shows_in_the_content(content: bytes, name: str) -> None:
    assert detected(content, "file") is FORMATS[name]


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"results": []}', b"{"])
def test_a_format_that_nobody_knows_is_refused(content: bytes) -> None:
    with pytest.raises(BaselineError):
        detected(content, "file")
