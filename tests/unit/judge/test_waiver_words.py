"""What is said of waivers, word by word, and the parts of a match that look alike."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from release_gate.judge.types import JudgedFinding, State, WaiverStatus, WaiverUse
from release_gate.judge.waiver_rules import unmatched, utc_day
from release_gate.judge.waivers import Waived, apply_waivers, targets
from release_gate.model import Identity, Severity
from release_gate.policy import Match
from support.waiving import inputs, judged, waiver

pytestmark = pytest.mark.unit


def applied(*findings: JudgedFinding, by: tuple[Any, ...], whole: bool = True) -> Waived:
    return apply_waivers("security", findings, inputs(*by), whole=whole)


def why(match: Match, **changes: Any) -> dict[str, str]:
    (target,) = targets([judged(**changes)], {})
    return dict(unmatched(match, target))


def kind(name: Any, *key: str) -> dict[str, Any]:
    return {"identity": Identity(kind=name, key=key)}


PACKAGE = kind("dependency", "pkg:pypi/jinja2", "CVE-2026-1")
DEEP = kind("dependency", "pkg:golang/example.org/a/b", "CVE-2026-1")
RESOURCE = kind("infrastructure", "aws_s3_bucket.logs")
REQUEST = kind("web", "GET", "/orders/{id}", "q")
SECRET = kind("secret", "AWS Access Key", "hash")


@pytest.mark.parametrize(
    ("match", "changes"),
    [
        (Match(package="jinja2"), PACKAGE),
        (Match(package="pkg:pypi/jinja2@3.1.0"), PACKAGE),
        (Match(package="b"), DEEP),
        (Match(package="pkg:golang/example.org/a/b"), DEEP),
        (Match(resource="aws_s3_bucket.*"), RESOURCE),
        (Match(url="/orders/{id}"), REQUEST),
        (Match(url="/a b"), kind("web", "GET", "/a b", "")),
        (Match(url="GET /a b"), kind("web", "GET", "/a b", "")),
    ],
)
def test_what_a_part_names(match: Match, changes: dict[str, Any]) -> None:
    assert why(match, **changes) == {}


@pytest.mark.parametrize(
    ("match", "changes", "said"),
    [
        (
            Match(fingerprint="b2" * 32),
            {},
            {"fingerprint": "fingerprint is b2b2b2b2b2b2, the finding's is a1a1a1a1a1a1"},
        ),
        (
            Match(rule="B603"),
            {"aliases": ("CVE-1", "GHSA-2")},
            {"rule": "rule is B603, the finding's is B602 alias CVE-1 alias GHSA-2"},
        ),
        (Match(path="x.py"), {"path": None}, {"path": "path is x.py, the finding's is none"}),
        (
            Match(package="flask"),
            PACKAGE,
            {"package": "package is flask, the finding's is pkg:pypi/jinja2"},
        ),
        (
            Match(package="pypi/jinja2"),
            PACKAGE,
            {"package": "package is pypi/jinja2, the finding's is pkg:pypi/jinja2"},
        ),
        (
            Match(package="jinja2"),
            kind("code", "pkg:pypi/jinja2"),
            {"package": "package is jinja2, the finding's is none"},
        ),
        (
            Match(package="jinja2"),
            kind("dependency"),
            {"package": "package is jinja2, the finding's is none"},
        ),
        (
            Match(package="example.org/a/b"),
            DEEP,
            {"package": "package is example.org/a/b, the finding's is pkg:golang/example.org/a/b"},
        ),
        (
            Match(resource="other"),
            RESOURCE,
            {"resource": "resource is other, the finding's is aws_s3_bucket.logs"},
        ),
        (
            Match(resource="aws_s3_bucket.logs"),
            kind("code", "aws_s3_bucket.logs"),
            {"resource": "resource is aws_s3_bucket.logs, the finding's is none"},
        ),
        (
            Match(resource="*"),
            kind("infrastructure"),
            {"resource": "resource is *, the finding's is none"},
        ),
        (
            Match(url="POST /orders/{id}"),
            REQUEST,
            {"url": "url is POST /orders/{id}, the finding's is GET /orders/{id}"},
        ),
        (
            Match(url="/orders"),
            kind("item", "GET", "/orders"),
            {"url": "url is /orders, the finding's is none"},
        ),
        (
            Match(rule="B602", path="src/orders/export.py"),
            SECRET,
            {"fingerprint": "a secret is waived by its fingerprint alone"},
        ),
    ],
)
def test_what_does_not_match_is_said(
    match: Match, changes: dict[str, Any], said: dict[str, str]
) -> None:
    assert why(match, **changes) == said


def test_a_waiver_in_force_says_all_that_its_entry_says() -> None:
    one = waiver(type="risk-accepted", mitigation="a proxy", tracking="https://example.org/1")
    result = applied(judged(), by=(one,))
    assert result.uses == (
        WaiverUse(
            id="W-2026-001",
            status=WaiverStatus.IN_FORCE,
            findings=1,
            note="",
            type="risk-accepted",
            reason="the export is rewritten in March",
            mitigation="a proxy",
            owner="dev@example.invalid",
            approver="lead@example.invalid",
            created="2026-01-02",
            expires="2026-01-31",
            days_left=16,
            tracking="https://example.org/1",
        ),
    )


@pytest.mark.parametrize(
    ("findings", "whole", "status", "note"),
    [
        (
            [judged(severity=Severity.CRITICAL)],
            True,
            WaiverStatus.NOT_COVERING,
            "it names findings that it may not cover",
        ),
        (
            [judged(state=State.KNOWN)],
            True,
            WaiverStatus.NOT_NEEDED,
            "the baseline accepts what it names",
        ),
        ([], True, WaiverStatus.NO_MATCH, "it matches nothing: take it out"),
        ([], False, WaiverStatus.NOT_SEEN, "not everything was looked at"),
    ],
)
def test_why_a_waiver_covers_nothing(
    findings: list[JudgedFinding], whole: bool, status: WaiverStatus, note: str
) -> None:
    (use,) = applied(*findings, by=(waiver(),), whole=whole).uses
    assert (use.status, use.note) == (status, note)


def test_two_waivers_for_one_finding_are_named_with_file_and_line() -> None:
    three = [waiver(id=f"W-2026-00{n}", line=n) for n in (1, 2, 3)]
    result = applied(judged(), by=tuple(three))
    first = result.problems[0]
    assert first.what == (
        "waiver W-2026-001 does not apply: W-2026-002 and W-2026-003 covers the same finding: "
        "neither applies"
    )
    assert (first.remedy, first.path, first.slug) == (
        "Keep one of them: waivers.toml:1.",
        "waivers.toml",
        "waiver-conflict",
    )


def test_an_unusable_waiver_is_named_with_all_that_is_wrong() -> None:
    (problem,) = applied(judged(), by=(waiver(authors=None, approver="nobody"),)).problems
    assert problem.what == (
        "waiver W-2026-001 cannot be used: its approver nobody may not approve high; that may "
        "lead@example.invalid; nobody can say who added it: it was not asked who added it"
    )
    assert (problem.remedy, problem.path, problem.slug) == (
        "Mend or take out waivers.toml:4.",
        "waivers.toml",
        "waiver-unusable",
    )


def test_all_waivers_that_name_a_finding_say_why_they_do_not_cover_it() -> None:
    grave = judged(severity=Severity.CRITICAL, always_blocks=True)
    two = (waiver(), waiver(id="W-2026-002", environments=("staging",)), waiver(id="W-2026-003"))
    (item,) = applied(grave, by=two).findings
    always = "this finding always blocks: no waiver covers it; critical findings cannot be waived"
    assert item.waiver_note == (
        f"W-2026-001: {always} · W-2026-003: {always} · W-2026-002: it is for staging alone"
    )


def test_what_no_waiver_names_is_left_as_it_is() -> None:
    noted = replace(judged(rule_id="B101"), waiver_note="said before")
    (item,) = applied(noted, by=(waiver(),)).findings
    assert item == noted


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system knows no variable TZ")
@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
def test_the_zone_of_the_machine_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for hour in (0, 23):
            assert utc_day(datetime(2026, 1, 15, hour, 30, tzinfo=UTC)).day == 15
    finally:
        monkeypatch.undo()
        time.tzset()
