from __future__ import annotations

import json
from typing import Any

import pytest

from release_gate.errors import BaselineError
from release_gate.judge.baseline import LABELS
from release_gate.subjects.secrets.native_baseline import NativeEntry, imported, parse

pytestmark = pytest.mark.unit

DIGEST = "0123456789abcdef0123456789abcdef01234567"


def document(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "version": "1.5.0",
        "plugins_used": [{"name": "AWSKeyDetector"}],
        "filters_used": [
            {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^docs/"]}
        ],
        "results": {
            "src/a.py": [
                {
                    "type": "Secret Keyword",
                    "filename": "src/a.py",
                    "hashed_secret": DIGEST,
                    "is_verified": False,
                    "line_number": 3,
                    "is_secret": False,
                }
            ]
        },
        "generated_at": "2026-01-01T00:00:00Z",
    }
    return {**values, **changes}


def entry(**changes: Any) -> dict[str, Any]:
    row = {**document()["results"]["src/a.py"][0], **changes}
    return {key: value for key, value in row.items() if value != "ABSENT"}


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_baseline_is_read_whole() -> None:
    native = parse(encoded(document()))
    assert native.version == "1.5.0"
    assert native.plugins_used == ({"name": "AWSKeyDetector"},)
    assert native.entries == (
        NativeEntry(
            path="src/a.py", kind="Secret Keyword", hashed_secret=DIGEST, line=3, is_secret=False
        ),
    )


def test_line_numbers_and_audits_may_be_absent() -> None:
    rows = [entry(line_number="ABSENT", is_secret="ABSENT")]
    (found,) = parse(encoded(document(results={"src\\a.py": rows}))).entries
    assert (found.path, found.line, found.is_secret) == ("src/a.py", 0, None)


def test_a_byte_order_mark_is_no_harm() -> None:
    assert parse(b"\xef\xbb\xbf" + encoded(document())).version == "1.5.0"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (encoded(document())[:-20], "cut off or no JSON"),
        (b"\xff\xfe", "cut off or no JSON"),
        (b'{"version": "1.5.0", "version": "1.4.0"}', '"version" stands twice'),
        (b"[]", "one JSON object"),
        (b"{}", "version None is not known"),
        (encoded(document(version="0.14.3")), "version '0.14.3' is not known"),
        (encoded(document(version="2.0.0")), "version '2.0.0' is not known"),
        (encoded(document(version=1.5)), "version 1.5 is not known"),
        (encoded(document(plugins_used=None)), '"plugins_used" must be a list'),
        (encoded(document(plugins_used=[{"path": "x"}])), 'objects with "name"'),
        (encoded(document(plugins_used=[])), "nothing would be looked for"),
        (encoded(document(filters_used={})), '"filters_used" must be a list'),
        (
            encoded(document(filters_used=[{"path": "detect_secrets.filters.regex.x"}])),
            "must be a list of patterns",
        ),
        (
            encoded(
                document(
                    filters_used=[{"path": "detect_secrets.filters.regex.x", "pattern": ["("]}]
                )
            ),
            "is none",
        ),
        (encoded(document(results=[])), '"results" must be an object'),
        (encoded(document(results={"a": {}})), '"results" of a must be a list'),
        (encoded(document(results={"a": [1]})), "must be an object"),
        (encoded(document(results={"a": [entry(type="")]})), 'no "type"'),
        (encoded(document(results={"a": [entry(hashed_secret="abc")]})), "40 hex digits"),
        (encoded(document(results={"a": [entry(line_number="3")]})), '"line_number"'),
        (encoded(document(results={"a": [entry(line_number=True)]})), '"line_number"'),
        (encoded(document(results={"a": [entry(line_number=-1)]})), '"line_number"'),
        (encoded(document(results={"a": [entry(is_secret="no")]})), '"is_secret"'),
    ],
)
def test_a_baseline_that_cannot_be_used_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(BaselineError) as caught:
        parse(content)
    assert what in str(caught.value)
    assert caught.value.file == ".secrets.baseline"


def test_entries_become_findings_with_what_the_audit_said() -> None:
    rows = [
        entry(is_secret=True, hashed_secret="a" * 40),
        entry(is_secret=False, hashed_secret="b" * 40),
        entry(is_secret="ABSENT", hashed_secret="c" * 40, line_number="ABSENT"),
    ]
    found = imported(parse(encoded(document(results={"src/a.py": rows}))), b"key")
    assert [one.label for one in found] == ["confirmed", "false-positive", "accepted"]
    assert {one.label for one in found} == set(LABELS)
    assert [one.finding.always_blocks for one in found] == [True, False, False]
    assert [one.finding.line for one in found] == [3, 3, None]


def test_the_hash_of_detect_secrets_stands_nowhere_in_a_finding() -> None:
    (one,) = imported(parse(encoded(document())), b"key")
    assert DIGEST not in repr(one)
