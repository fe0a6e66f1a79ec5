"""Each rule of a waiver: once it holds, once it does not, and then the finding counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.types import State, Verdict, WaiverStatus
from release_gate.judge.waiver_rules import unmatched, unusable, utc_day
from release_gate.judge.waivers import Waived, apply_waivers, recounted, targets
from release_gate.model import Identity, Limitation, Severity, Skipped
from release_gate.policy import MAX_DAYS, Author, Match, WaiverPolicy, same_person, wrote
from support.judging import collected, docket, evidence, finding
from support.waiving import DEV, EVERYONE, LEAD, NOON, POLICY, inputs, judged, waiver

pytestmark = pytest.mark.unit


def applied(*findings: Any, by: tuple[Any, ...] = (), whole: bool = True, **changes: Any) -> Waived:
    return apply_waivers("security", findings, inputs(*by, **changes), whole=whole)


def status(result: Waived) -> WaiverStatus:
    (use,) = result.uses
    return use.status


def refused(one: Any, policy: WaiverPolicy = POLICY) -> list[str]:
    return list(unusable(one, policy))


# What covers.


def test_a_finding_that_a_waiver_names_is_waived() -> None:
    result = applied(judged(), by=(waiver(),))
    (item,) = result.findings
    assert (item.state, item.enforced, item.waiver_id) == (State.WAIVED, False, "W-2026-001")
    (use,) = result.uses
    assert (use.status, use.findings, use.days_left) == (WaiverStatus.IN_FORCE, 1, 16)
    assert (use.note, result.problems, result.failures) == ("", (), ())
    assert (use.created, use.expires, use.approver) == ("2026-01-02", "2026-01-31", LEAD)


def test_without_a_file_everything_stays_as_it_is() -> None:
    items = (judged(),)
    assert apply_waivers("security", items, inputs(waivers=None), whole=True) == Waived(
        findings=items
    )


def test_a_waiver_of_another_gate_is_no_waiver_of_this_one() -> None:
    result = applied(judged(), by=(waiver(gate="lint"),))
    assert result.findings[0].state is State.NEW
    assert result.uses == ()


def test_a_waiver_for_an_environment_holds_there_alone() -> None:
    only = waiver(environments=("staging", "demo"))
    there = applied(judged(), by=(only,), environment="staging")
    assert there.findings[0].state is State.WAIVED
    for other in ("production", None):
        result = applied(judged(), by=(only,), environment=other)
        assert result.findings[0].state is State.NEW
        assert result.findings[0].waiver_note == "W-2026-001: it is for staging and demo alone"
        assert result.uses == ()
    elsewhere = applied(judged(rule_id="B1"), by=(only,), environment="production")
    assert elsewhere.findings[0].waiver_note == ""
    known = applied(judged(state=State.KNOWN), by=(only,), environment="production")
    assert known.findings[0].waiver_note == ""


def test_known_findings_need_no_waiver_and_do_not_count() -> None:
    known = judged("b1" * 32, state=State.KNOWN)
    result = applied(known, judged(), by=(waiver(),))
    assert [one.state for one in result.findings] == [State.KNOWN, State.WAIVED]
    alone = applied(known, by=(waiver(),))
    assert status(alone) is WaiverStatus.NOT_NEEDED


# Dates.

LAST_DAY = date(2026, 1, 31)
ZONES = [UTC, timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))]


@pytest.mark.parametrize("zone", ZONES, ids=["UTC", "UTC-12", "UTC+14"])
@pytest.mark.parametrize(("days", "holds"), [(-1, True), (0, True), (1, False)])
def test_a_waiver_ends_at_24_00_utc_wherever_the_clock_stands(
    zone: timezone, days: int, holds: bool
) -> None:
    midnight = datetime(2026, 1, 31, tzinfo=UTC) + timedelta(days=days)
    for moment in (midnight, midnight + timedelta(hours=23, minutes=59, seconds=59)):
        result = applied(judged(), by=(waiver(),), effective_time=moment.astimezone(zone))
        assert (result.findings[0].state is State.WAIVED) is holds
        assert (status(result) is WaiverStatus.EXPIRED) is not holds


@pytest.mark.parametrize("zone", ZONES, ids=["UTC", "UTC-12", "UTC+14"])
@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_a_waiver_begins_at_00_00_utc(zone: timezone, days: int, holds: bool) -> None:
    moment = (datetime(2026, 1, 2, tzinfo=UTC) + timedelta(days=days)).astimezone(zone)
    result = applied(judged(), by=(waiver(),), effective_time=moment)
    assert (result.findings[0].state is State.WAIVED) is holds
    assert (status(result) is WaiverStatus.NOT_YET) is not holds
    if not holds:
        assert result.findings[0].waiver_note == "W-2026-001: begins on 2026-01-02"


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - naive to begin with
    st.integers(min_value=-24 * 60 + 1, max_value=24 * 60 - 1),
)
def test_law_the_zone_of_the_clock_changes_no_day(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert utc_day(elsewhere) == utc_day(moment) == naive.date()


def test_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        utc_day(datetime(2026, 1, 1))  # noqa: DTZ001 - the very thing


def test_an_ended_waiver_is_named_where_its_finding_counts_again() -> None:
    result = applied(judged(), by=(waiver(expires=date(2026, 1, 14)),))
    assert result.findings[0].enforced
    assert result.findings[0].waiver_note == "W-2026-001: ended on 2026-01-14"
    assert (result.uses[0].note, result.uses[0].findings) == ("ended on 2026-01-14", 0)


def test_an_ended_waiver_does_nothing_else_wrong_with_it_matters() -> None:
    result = applied(judged(), by=(waiver(expires=date(2026, 1, 14), authors=None),))
    assert (status(result), result.problems) == (WaiverStatus.EXPIRED, ())


@pytest.mark.parametrize(
    ("days", "note"),
    [(0, "ends today"), (1, "ends in 1 day"), (14, "ends in 14 days"), (15, "")],
)
def test_fourteen_days_before_its_end_a_waiver_is_warned_of(days: int, note: str) -> None:
    end = NOON.date() + timedelta(days=days)
    result = applied(judged(), by=(waiver(expires=end),))
    assert (result.uses[0].note, result.uses[0].status) == (note, WaiverStatus.IN_FORCE)


# Who and how long.


@pytest.mark.parametrize("severity", list(MAX_DAYS))
def test_each_severity_has_its_cap(severity: Severity) -> None:
    begin, most = date(2026, 1, 2), MAX_DAYS[severity]
    fine = waiver(max_severity=severity, created=begin, expires=begin + timedelta(days=most))
    assert refused(fine) == []
    (why,) = refused(replace(fine, expires=fine.expires + timedelta(days=1)))
    assert f"it runs {most + 1} days, and for findings up to {severity} {most} are the most" == why


def test_caps_of_the_policy_hold() -> None:
    tight = WaiverPolicy(approvers=EVERYONE, max_days={Severity.HIGH: 28})
    assert "28 are the most" in refused(waiver(), tight)[0]
    assert refused(waiver(max_severity=Severity.LOW), tight) == ["low findings cannot be waived"]


def test_critical_cannot_be_promised() -> None:
    policy = WaiverPolicy(approvers={**EVERYONE, Severity.CRITICAL: (LEAD,)})
    assert refused(waiver(max_severity=Severity.CRITICAL), policy) == [
        "critical findings cannot be waived"
    ]


def test_the_owner_cannot_approve() -> None:
    assert refused(waiver(owner="@lead")) == [f"its approver {LEAD} is its owner"]


def test_only_those_in_the_list_of_the_severity_approve() -> None:
    other = WaiverPolicy(approvers={**EVERYONE, Severity.HIGH: ("ciso@example.invalid", "x@y")})
    assert refused(waiver(max_severity=Severity.MEDIUM), other) == []
    assert refused(waiver(), other) == [
        f"its approver {LEAD} may not approve high; that may ciso@example.invalid, x@y"
    ]


def test_where_nobody_is_named_nobody_approves() -> None:
    (why,) = refused(waiver(), WaiverPolicy())
    assert "names nobody who may approve high" in why


@pytest.mark.parametrize(
    "author",
    [
        Author(name="Somebody", email=LEAD.upper()),
        Author(name=LEAD, email=""),
        Author(name="L", email="lead@example.invalid"),
    ],
)
def test_whoever_wrote_it_cannot_approve_it(author: Author) -> None:
    (why,) = refused(waiver(authors=(DEV, author)))
    assert why == f"its approver {LEAD} wrote it: somebody else has to"


def test_without_an_author_a_waiver_cannot_be_used() -> None:
    (why,) = refused(waiver(authors=None, unknown_author="the clone is shallow"))
    assert why == "nobody can say who added it: the clone is shallow"


def test_what_cannot_be_used_makes_the_gate_an_error() -> None:
    result = applied(judged(), by=(waiver(owner=LEAD),))
    (problem,) = result.problems
    assert problem.slug == "waiver-unusable"
    assert problem.what == f"waiver W-2026-001 cannot be used: its approver {LEAD} is its owner"
    assert problem.remedy == "Mend or take out waivers.toml:4."
    assert result.findings[0].enforced
    assert "its owner" in result.findings[0].waiver_note


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@x.com", "A@X.com", True),
        ("a@x.com", "a@y.com", False),
        ("@alice", "alice@x.com", True),
        ("alice", "@Alice", True),
        ("alice", "bob@x.com", False),
        ("alice", "12+alice@users.noreply.github.com", True),
        ("alice@users.noreply.github.com", "12+alice@users.noreply.github.com", True),
        ("1+bob@users.noreply.github.com", "12+alice@users.noreply.github.com", False),
        ("alice+git@x.com", "alice@x.com", False),
    ],
)
def test_people_are_the_same_in_doubt(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same
    assert same_person(other, one) is same


def test_a_name_is_the_author_too() -> None:
    assert wrote("Lea  Der", Author(name="lea der", email="x@y"))
    assert not wrote("Lea Der", Author(name="Lea", email="x@y"))


# How many, how bad.


def test_one_finding_more_than_allowed_and_none_is_waived() -> None:
    items = (judged(), judged("b1" * 32, line=50))
    two = applied(*items, by=(waiver(max_count=2),))
    assert [one.state for one in two.findings] == [State.WAIVED, State.WAIVED]
    one = applied(*items, by=(waiver(),))
    assert [item.state for item in one.findings] == [State.NEW, State.NEW]
    assert status(one) is WaiverStatus.TOO_MANY
    assert "it names 2 findings, and max-count is 1: none is waived" in one.findings[1].waiver_note


def test_a_finding_rated_worse_than_it_was_is_no_longer_covered() -> None:
    covers = waiver(max_severity=Severity.MEDIUM)
    fine = applied(judged(severity=Severity.MEDIUM), by=(covers,))
    assert fine.findings[0].state is State.WAIVED
    for severity, said in ((Severity.HIGH, "high"), (Severity.UNKNOWN, "unknown (counts as high)")):
        result = applied(judged(severity=severity), by=(covers,))
        assert status(result) is WaiverStatus.NOT_COVERING
        assert result.findings[0].waiver_note == (
            f"W-2026-001: it covers findings up to medium, and this one is {said}"
        )


def test_what_is_worse_counts_among_the_too_many() -> None:
    items = (judged(severity=Severity.MEDIUM), judged("b1" * 32))
    result = applied(*items, by=(waiver(max_severity=Severity.MEDIUM),))
    assert status(result) is WaiverStatus.TOO_MANY


def test_unknown_is_covered_as_high() -> None:
    result = applied(judged(severity=Severity.UNKNOWN), by=(waiver(),))
    assert result.findings[0].state is State.WAIVED


def test_critical_is_never_covered() -> None:
    result = applied(judged(severity=Severity.CRITICAL), by=(waiver(),))
    assert result.findings[0].waiver_note == "W-2026-001: critical findings cannot be waived"


def test_what_always_blocks_is_never_covered() -> None:
    print_ = waiver(match=Match(fingerprint="a1" * 32))
    result = applied(judged(always_blocks=True), by=(print_,))
    assert result.findings[0].state is State.NEW
    assert "always blocks: no waiver covers it" in result.findings[0].waiver_note


def test_two_waivers_for_one_finding_cancel_each_other_and_are_an_error() -> None:
    by = (waiver(), waiver(id="W-2026-002", match=Match(fingerprint="a1" * 32)))
    result = applied(judged(), by=by)
    assert result.findings[0].state is State.NEW
    assert [one.status for one in result.uses] == [WaiverStatus.CONFLICT] * 2
    assert [one.slug for one in result.problems] == ["waiver-conflict"] * 2
    assert "W-2026-002 covers the same finding: neither applies" in result.problems[0].what


def test_a_renewal_beside_the_ended_one_is_no_conflict() -> None:
    by = (waiver(expires=date(2026, 1, 14)), waiver(id="W-2026-002"))
    result = applied(judged(), by=by)
    assert result.findings[0].waiver_id == "W-2026-002"
    assert [one.status for one in result.uses] == [WaiverStatus.EXPIRED, WaiverStatus.IN_FORCE]


# Nothing to cover.


def test_a_waiver_that_matches_nothing_is_warned_of() -> None:
    result = applied(judged(rule_id="B1"), by=(waiver(),))
    assert (status(result), result.failures) == (WaiverStatus.NO_MATCH, ())
    assert result.uses[0].note == "it matches nothing: take it out"


def test_strict_a_waiver_that_matches_nothing_fails() -> None:
    strict = replace(POLICY, strict=True)
    result = applied(by=(waiver(),), waiver_policy=strict)
    assert result.failures == ("waiver W-2026-001 matches nothing",)
    assert applied(judged(), by=(waiver(),), waiver_policy=strict).failures == ()


def test_where_not_everything_was_looked_at_nothing_is_missing() -> None:
    strict = replace(POLICY, strict=True)
    result = applied(by=(waiver(),), whole=False, waiver_policy=strict)
    assert (status(result), result.failures) == (WaiverStatus.NOT_SEEN, ())


def test_a_budget_that_asks_for_more_takes_its_cover_away() -> None:
    result = applied(judged(), by=(waiver(),))
    assert recounted(result.uses, result.findings) == result.uses
    (use,) = recounted(result.uses, [judged()])
    assert (use.findings, use.note) == (0, "the budget asks for more than it gives")


# What matches.


@pytest.mark.parametrize(
    ("match", "met"),
    [
        (Match(fingerprint="a1" * 32), True),
        (Match(fingerprint="b1" * 32), False),
        (Match(rule="b602", path="src/orders/export.py"), True),
        (Match(rule="B603", path="src/orders/export.py"), False),
        (Match(rule="CVE-2026-1", path="src/orders/export.py"), True),
        (Match(rule="ghsa-x", path="src/**"), True),
        (Match(rule="B602", path="src/*"), False),
        (Match(rule="B602", path="src/*/export.py"), True),
        (Match(rule="B602", path="**/export.py"), True),
        (Match(rule="B602", path="src/orders/expor?.py"), True),
        (Match(rule="B602", path="src/orders/export.p"), False),
        (Match(rule="B602", path="export.py"), False),
        (Match(rule="B602", package="orders"), False),
        (Match(rule="B602", resource="orders"), False),
        (Match(rule="B602", url="/orders"), False),
    ],
)
def test_code_is_matched_by_fingerprint_rule_alias_and_path(match: Match, met: bool) -> None:
    item = judged(aliases=("CVE-2026-1", "GHSA-X"))
    assert (not unmatched(match, targets([item], {})[0])) is met


def test_a_finding_without_a_path_is_in_none() -> None:
    item = judged(path=None)
    said = unmatched(Match(rule="B602", path="src/**"), targets([item], {})[0])
    assert said == {"path": "path is src/**, the finding's is none"}


@pytest.mark.parametrize(
    ("kind", "key", "match", "met"),
    [
        ("dependency", ("pkg:pypi/ruamel.yaml", "CVE-1"), Match(package="Ruamel-yaml"), True),
        ("dependency", ("pkg:pypi/jinja2", "CVE-1"), Match(package="pkg:pypi/jinja2"), True),
        ("dependency", ("pkg:pypi/jinja2@3.1", "CVE-1"), Match(package="jinja2"), True),
        ("dependency", ("pkg:pypi/jinja2", "CVE-1"), Match(package="pkg:npm/jinja2"), False),
        ("dependency", ("pkg:pypi/jinja2", "CVE-1"), Match(package="jinja"), False),
        ("dependency", ("not a purl",), Match(package="not a purl"), False),
        ("infrastructure", ("aws_s3_bucket.logs",), Match(resource="aws_s3_bucket.logs"), True),
        ("infrastructure", ("aws_s3_bucket.logs",), Match(resource="aws_s3_bucket.*"), True),
        ("infrastructure", ("aws_s3_bucket.logs",), Match(resource="aws_s3_bucket"), False),
        ("web", ("GET", "/orders/{id}", "q"), Match(url="/orders/{id}"), True),
        ("web", ("GET", "/orders/{id}", "q"), Match(url="GET /orders/{id}"), True),
        ("web", ("GET", "/orders/{id}", "q"), Match(url="POST /orders/{id}"), False),
        ("web", ("GET", "/orders/{id}", "q"), Match(url="/orders"), False),
        ("web", (), Match(url="/orders"), False),
        ("dependency", (), Match(package="jinja2"), False),
        ("code", ("pkg:pypi/jinja2",), Match(package="jinja2"), False),
        ("infrastructure", (), Match(resource="aws.b"), False),
        ("infrastructure", ("",), Match(resource="**/b*"), False),
        ("code", ("aws.b",), Match(resource="aws.b"), False),
        ("code", ("GET", "/orders"), Match(url="/orders"), False),
        ("web", ("GET",), Match(url="GET"), False),
    ],
)
def test_other_kinds_are_matched_by_what_they_are(
    kind: Any, key: tuple[str, ...], match: Match, met: bool
) -> None:
    item = judged(identity=Identity(kind=kind, key=key))
    said = unmatched(replace(match, rule="B602"), targets([item], {})[0])
    assert (not said) is met


@pytest.mark.parametrize(
    ("identity", "match", "said"),
    [
        (
            None,
            Match(fingerprint="b1" * 32),
            "fingerprint is b1b1b1b1b1b1, the finding's is a1a1a1a1a1a1",
        ),
        (None, Match(rule="B1"), "rule is B1, the finding's is B602 alias CVE-1"),
        (None, Match(package="x"), "package is x, the finding's is none"),
        (None, Match(resource="x"), "resource is x, the finding's is none"),
        (None, Match(url="/x"), "url is /x, the finding's is none"),
        (
            Identity(kind="dependency", key=("pkg:pypi/jinja2", "CVE-1")),
            Match(package="x"),
            "package is x, the finding's is pkg:pypi/jinja2",
        ),
        (
            Identity(kind="infrastructure", key=("aws.b",)),
            Match(resource="x"),
            "resource is x, the finding's is aws.b",
        ),
        (
            Identity(kind="web", key=("GET", "/a", "q")),
            Match(url="/x"),
            "url is /x, the finding's is GET /a",
        ),
    ],
)
def test_what_does_not_match_says_both_sides(
    identity: Identity | None, match: Match, said: str
) -> None:
    item = judged(aliases=("CVE-1",), identity=identity or finding().identity)
    assert list(unmatched(match, targets([item], {})[0]).values()) == [said]


def test_a_secret_is_waived_by_its_fingerprint_alone() -> None:
    secret = judged(identity=Identity(kind="secret", key=("k", "h")))
    by_rule = applied(secret, by=(waiver(),))
    assert by_rule.findings[0].state is State.NEW
    by_print = applied(secret, by=(waiver(match=Match(fingerprint="a1" * 32)),))
    assert by_print.findings[0].state is State.WAIVED


def test_a_file_that_git_sees_renamed_keeps_its_waiver() -> None:
    here = finding(path="src/orders/new.py")
    item = replace(judged(fingerprint(here)), finding=here)
    renames = {"src/orders/new.py": "src/orders/export.py"}
    before = fingerprint(finding())
    for match in (Match(fingerprint=before), Match(rule="B602", path="src/orders/export.py")):
        moved = applied(item, by=(waiver(match=match),), renames=renames)
        assert moved.findings[0].state is State.WAIVED
        assert applied(item, by=(waiver(match=match),)).findings[0].state is State.NEW


# In a verdict.


def verdict(result: Any, *by: Any, **changes: Any) -> tuple[Verdict, str]:
    gate = decide(docket(), [result], inputs(*by, **changes)).gates[0]
    return gate.verdict, gate.reason


def test_a_waived_finding_no_longer_fails_the_gate() -> None:
    found = collected(findings=(finding(),))
    assert verdict(found)[0] is Verdict.FAIL
    assert verdict(found, waiver()) == (Verdict.PASS, "nothing new, 1 waived")


def test_an_unusable_waiver_is_an_error_with_what_blocks_beside_it() -> None:
    said, reason = verdict(collected(findings=(finding(),)), waiver(authors=None))
    assert said is Verdict.ERROR
    assert "cannot be used" in reason
    assert "1 new finding blocks" in reason


def test_strict_fails_the_gate_unless_only_some_files_were_looked_at() -> None:
    strict = replace(POLICY, strict=True)
    assert verdict(collected(), waiver(), waiver_policy=strict) == (
        Verdict.FAIL,
        "waiver W-2026-001 matches nothing",
    )
    narrowed = verdict(collected(), waiver(), waiver_policy=strict, narrowed=True)
    assert narrowed[0] is Verdict.PASS


def test_what_was_not_examined_is_not_missing() -> None:
    strict = replace(POLICY, strict=True)
    skipped = Skipped(what="src/x.py", reason="unparsable")
    examined = replace(evidence().examined, skipped=(skipped,))
    said, reason = verdict(collected(examined=examined), waiver(), waiver_policy=strict)
    assert said is Verdict.ERROR
    assert "matches nothing" not in reason


def test_a_waiver_lifts_no_cap() -> None:
    limitation = Limitation(name="advisories-too-old", detail="advisories are 9 days old")
    found = collected(findings=(finding(),), limitations=(limitation,))
    assert verdict(found, waiver()) == (Verdict.INCONCLUSIVE, "advisories are 9 days old")
