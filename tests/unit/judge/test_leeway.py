"""Days in which a newly published advisory does not block yet."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from release_gate.judge.leeway import with_leeway
from release_gate.judge.types import JudgedFinding, State
from release_gate.model import Identity, Leeway, Severity
from support.judging import finding

pytestmark = pytest.mark.unit

LEEWAY = Leeway(with_fix=7, without_fix=30)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def vulnerable(**changes: Any) -> JudgedFinding:
    values = {
        "identity": Identity(kind="dependency", key=("pkg:pypi/jinja2", "CVE-1")),
        "published": "2026-03-10",
        "fixable": True,
        "in_change": False,
        **changes,
    }
    return JudgedFinding(
        finding=finding(**values), fingerprint="0" * 64, state=State.NEW, enforced=True
    )


def after(
    item: JudgedFinding, moment: datetime = NOON, leeway: Leeway | None = LEEWAY
) -> JudgedFinding:
    (judged,) = with_leeway([item], leeway, moment)
    return judged


@pytest.mark.parametrize(
    ("fixable", "days", "blocks"),
    [
        (True, 0, False),
        (True, 6, False),
        (True, 7, True),
        (False, 7, False),
        (False, 29, False),
        (False, 30, True),
        (None, 6, False),
        (None, 7, True),
        (True, -1, True),
    ],
)
def test_leeway_lasts_its_days_from_the_publication(
    fixable: bool | None, days: int, blocks: bool
) -> None:
    judged = after(vulnerable(fixable=fixable), NOON + timedelta(days=days))
    assert judged.enforced is blocks


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_the_day_is_that_of_utc_whatever_zone_the_clock_is_in(hours: int) -> None:
    last = datetime(2026, 3, 16, 23, 59, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert not after(vulnerable(), last).enforced
    assert after(vulnerable(), last + timedelta(minutes=1)).enforced


@pytest.mark.parametrize(
    "changes",
    [
        {"in_change": True},
        {"in_change": None},
        {"published": ""},
        {"published": "last week"},
        {"severity": Severity.CRITICAL},
        {"always_blocks": True},
        {"identity": Identity(kind="code", key=("x", ""))},
    ],
)
def test_without_a_date_or_brought_by_the_change_or_critical_there_is_none(
    changes: dict[str, Any],
) -> None:
    assert after(vulnerable(**changes)).enforced


def test_without_leeway_nothing_is_excused_and_the_origin_is_said() -> None:
    judged = after(vulnerable(), leeway=None)
    assert judged.enforced
    assert judged.since == "advisory of 2026-03-10, not your change"


def test_both_kinds_of_new_are_told_apart() -> None:
    assert after(vulnerable(in_change=True)).since == "your change brought it"
    assert after(vulnerable(in_change=None)).since == ""
    assert after(vulnerable(published="")).since == "advisory, not your change"
    assert after(vulnerable()).since == (
        "advisory of 2026-03-10, not your change; it blocks from 2026-03-17"
    )


def test_a_date_with_a_time_and_a_zone_counts_by_its_day_in_utc() -> None:
    late = vulnerable(published="2026-03-09T23:30:00-02:00")
    assert not after(late, NOON + timedelta(days=6)).enforced
    assert after(late, NOON + timedelta(days=7)).enforced
    assert after(late).since.startswith("advisory of 2026-03-09, not")
    naive = vulnerable(published="2026-03-10T23:30:00")
    assert "from 2026-03-17" in after(naive).since


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system knows no variable TZ")
@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])
def test_the_zone_of_the_machine_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for published in ("2026-03-10T00:30:00", "2026-03-10T23:30:00+00:00", "2026-03-10"):
            judged = after(vulnerable(published=published))
            assert judged.since.endswith("it blocks from 2026-03-17")
        for hour in (0, 23):
            last = datetime(2026, 3, 16, hour, 30, tzinfo=UTC)
            assert not after(vulnerable(), last).enforced
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_known_is_left_alone() -> None:
    known = JudgedFinding(
        finding=vulnerable().finding, fingerprint="0" * 64, state=State.KNOWN, enforced=False
    )
    assert after(known) is known
