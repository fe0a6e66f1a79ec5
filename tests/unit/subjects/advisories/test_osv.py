from __future__ import annotations

import json

import pytest

from release_gate.subjects.advisories.osv import (
    RecordProblem,
    advisories,
    convert,
    decode,
    preferred,
    summary_of,
)
from support.osv import HIGH, LOW, record

pytestmark = pytest.mark.unit


def test_a_record_gives_one_advisory_for_each_python_package() -> None:
    document = record()
    document["affected"] = [
        {"package": {"ecosystem": "PyPI", "name": "Sprocket_One"}, "versions": ["1.0"]},
        {"package": {"ecosystem": "PyPI", "name": "sprocket.one"}, "versions": ["1.1"]},
        {"package": {"ecosystem": "npm", "name": "sprocket"}, "versions": ["1.0"]},
        {"package": {"ecosystem": "PyPI", "name": "wheel-x"}, "versions": ["3"]},
    ]
    found = advisories(convert(document))
    assert [(one.package, sorted(one.versions)) for one in found] == [
        ("sprocket-one", ["1.0", "1.1"]),
        ("wheel-x", ["3"]),
    ]


def test_git_ranges_are_left_alone() -> None:
    document = record()
    document["affected"][0]["ranges"].append(
        {"type": "GIT", "repo": "https://example.org/x", "events": [{"introduced": "0"}]}
    )
    (advisory,) = advisories(convert(document))
    assert not advisory.affects("2.0")


def test_a_withdrawn_record_says_nothing() -> None:
    assert advisories(convert(record(withdrawn="2026-01-01T00:00:00Z"))) == ()


def test_vectors_of_the_record_and_of_the_package_are_read() -> None:
    document = record(vector=HIGH)
    document["affected"][0]["severity"] = [
        {"type": "CVSS_V3", "score": LOW},
        {"type": "Ubuntu", "score": "negligible"},
    ]
    (advisory,) = advisories(convert(document))
    assert tuple(sorted((HIGH, LOW))) == advisory.vectors


def test_unknown_fields_are_left_alone() -> None:
    assert convert(record(database_specific={"x": 1}, credits=[])).id == "PYSEC-2025-1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        json.dumps({"id": "X"}).encode(),
        json.dumps(record(id_=" ")).encode(),
        json.dumps(record(schema_version="2.0.0")).encode(),
        json.dumps(record(affected="all")).encode(),
        json.dumps({**record(), "aliases": [1]}).encode(),
        json.dumps(record())[:-9].encode(),
    ],
)
def test_a_record_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(RecordProblem):
        decode(content)


def test_converting_refuses_like_decoding() -> None:
    with pytest.raises(RecordProblem):
        convert({"id": "X"})


def test_a_record_without_schema_version_is_of_version_1() -> None:
    document = record()
    del document["schema_version"]
    assert decode(json.dumps(document).encode()).schema_version == "1.0.0"


def test_a_vulnerability_goes_by_its_cve() -> None:
    assert preferred({"PYSEC-1", "GHSA-x", "CVE-2", "CVE-1"}) == "CVE-1"
    assert preferred({"PYSEC-1", "GHSA-x"}) == "GHSA-x"
    assert preferred({"MAL-1", "PYSEC-1"}) == "PYSEC-1"
    assert preferred({"MAL-1"}) == "MAL-1"


def test_a_summary_is_one_short_line() -> None:
    document = record(summary="", details="first\nsecond " + "x" * 300)
    text = summary_of(convert(document))
    assert text.startswith("first second x")
    assert len(text) == 160
    assert text.endswith("…")
