"""The gate ``checklist``: automatic items, windows, freezes, and what is not a go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from release_gate.checklists import (
    Automatic,
    Checklist,
    ChecklistInputs,
    Freeze,
    Item,
    Manual,
    Window,
)
from release_gate.judge.checklist import Moment, evidence
from release_gate.judge.decide import decide
from release_gate.judge.history import Release
from release_gate.judge.types import (
    GateResult,
    JudgedFinding,
    JudgedMetric,
    PolicyInputs,
    State,
    Verdict,
)
from release_gate.model import Evidence, Metric, Severity
from support.judging import INPUTS, collected, docket, finding, gate

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def result(verdict: Verdict = Verdict.PASS, **more: Any) -> GateResult:
    return GateResult(
        gate_id="load",
        kind="load",
        title="Load",
        phase="pre-release",
        verdict=verdict,
        reason="so it is",
        **more,
    )


def moment(now: datetime = NOW, environment: str | None = None) -> Moment:
    zones = {name: now.astimezone(ZoneInfo(name)) for name in ("UTC", "Europe/Berlin")}
    return Moment(now=now, local=zones, phase="pre-release", environment=environment)


def inputs(*items: Item, **more: Any) -> ChecklistInputs:
    return ChecklistInputs(
        checklist=Checklist(items=items, **more), signed=(), authors=frozenset(), subject="tree:t"
    )


def automatic(**changes: Any) -> Item:
    return Item(id="item", title="Item", automatic=Automatic(gate="load", **changes))


def row(item: Item, *gates: GateResult, history: tuple[Release, ...] = ()) -> tuple[str, ...]:
    (table,) = evidence(inputs(item), gates, moment(), history).tables
    return table.rows[0]


def state(item: Item, *gates: GateResult, **more: Any) -> str:
    return row(item, *gates, **more)[1]


def test_a_gate_that_passed_answers_its_item_and_one_that_failed_refuses_it() -> None:
    assert row(automatic(), result()) == ("Item", "go", "load: so it is", "")
    assert state(automatic(), result(Verdict.FAIL)) == "no-go"


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.SKIPPED])
@pytest.mark.parametrize(
    "changes", [{}, {"metric": "p95", "at_most": Fraction(100)}, {"most": 100}]
)
def test_a_gate_that_could_not_be_judged_leaves_its_item_open(
    verdict: Verdict, changes: dict[str, Any]
) -> None:
    assert state(automatic(**changes), result(verdict)) == "open"


def test_a_gate_that_is_not_in_the_run_leaves_its_item_open() -> None:
    assert row(automatic())[1:3] == ("open", "gate load was not judged in this run")


def measured(value: float) -> GateResult:
    return result(metrics=(JudgedMetric(metric=Metric(name="p95", value=value, unit="ms")),))


@pytest.mark.parametrize(
    ("bounds", "value", "expected"),
    [
        ({"at_most": Fraction(100)}, 100, "go"),
        ({"at_most": Fraction(100)}, 100.1, "no-go"),
        ({"at_least": Fraction(100)}, 100, "go"),
        ({"at_least": Fraction(100)}, 99.9, "no-go"),
        ({"at_least": Fraction(1), "at_most": Fraction(2)}, 3, "no-go"),
        ({"at_most": Fraction(100)}, float("nan"), "open"),
    ],
)
def test_a_metric_answers_by_its_bounds(
    bounds: dict[str, Fraction], value: float, expected: str
) -> None:
    assert state(automatic(metric="p95", **bounds), measured(value)) == expected


def test_a_missing_metric_leaves_the_item_open() -> None:
    item = automatic(metric="p99", at_most=Fraction(1))
    assert row(item, measured(1))[2] == "load has no value for p99"


def judged(**changes: Any) -> JudgedFinding:
    state_ = changes.pop("state", State.NEW)
    return JudgedFinding(
        finding=finding(**changes), fingerprint="f" * 64, state=state_, enforced=True
    )


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ({"most": 0}, (), "go"),
        ({"most": 0}, (judged(),), "no-go"),
        ({"most": 1}, (judged(),), "go"),
        ({"most": 0}, (judged(state=State.KNOWN),), "no-go"),
        ({"most": 0}, (judged(state=State.WAIVED),), "go"),
        ({"most": 0, "rule": "S*"}, (judged(),), "go"),
        ({"most": 0, "rule": "B6*"}, (judged(),), "no-go"),
        ({"most": 0, "severities": frozenset({Severity.LOW})}, (judged(),), "go"),
        (
            {"most": 0, "severities": frozenset({Severity.HIGH})},
            (judged(severity=Severity.UNKNOWN),),
            "no-go",
        ),
    ],
)
def test_findings_are_counted_by_severity_and_rule_whether_or_not_they_are_known(
    wanted: dict[str, Any], found: tuple[JudgedFinding, ...], expected: str
) -> None:
    assert state(automatic(**wanted), result(findings=found)) == expected


RELEASE = Release(
    release="1.8.0",
    phase="pre-release",
    verdict="pass",
    judged_at=(NOW - timedelta(days=30)).isoformat(),
    gates={"load": "pass"},
)


def test_a_recurring_scan_is_answered_by_the_last_release_in_which_it_passed() -> None:
    item = automatic(every_days=30)
    assert row(item, history=(RELEASE,)) == (
        "Item",
        "go",
        "load passed last in 1.8.0",
        "2026-02-02",
    )
    late = replace(RELEASE, judged_at=(NOW - timedelta(days=30, seconds=1)).isoformat())
    assert row(item, history=(late,))[1] == "overdue"
    assert "more than 30 days ago" in row(item, history=(late,))[2]
    assert state(item, history=(replace(RELEASE, gates={"load": "fail"}),)) == "overdue"
    assert state(item) == "overdue"
    assert state(item, result(Verdict.FAIL), history=(RELEASE,)) == "no-go"


def test_an_item_of_another_phase_or_environment_is_not_asked_for() -> None:
    item = automatic()
    elsewhere = (
        replace(item, phase="day-1"),
        replace(item, environments=("production",)),
        item,
    )
    assert evidence(inputs(*elsewhere), (result(),), moment()).examined.count == 1
    there = evidence(inputs(*elsewhere), (result(),), moment(environment="production"))
    assert there.examined.count == 2


def test_an_item_that_asks_for_nothing_is_open() -> None:
    assert state(Item(id="item", title="Item")) == "open"


OFFICE = Window(days=frozenset({0, 1, 2}), begins=time(9), ends=time(16), zone="Europe/Berlin")


def times(now: datetime, **more: Any) -> Evidence:
    return evidence(inputs(**more), (), moment(now))


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        (datetime(2026, 3, 4, 8, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 4, 7, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 4, 14, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 4, 15, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 5, 10, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), True),  # summer time
    ],
)
def test_a_release_falls_into_a_window_by_the_clock_of_its_zone(
    now: datetime, *, inside: bool
) -> None:
    found = times(now, windows=(OFFICE,))
    assert bool(found.findings) is not inside
    assert found.tables[0].rows[0][1] == ("go" if inside else "no-go")


def test_outside_of_every_window_the_first_is_named() -> None:
    night = replace(OFFICE, begins=time(20), ends=time(22))
    (one,) = times(NOW + timedelta(hours=5), windows=(OFFICE, night)).findings
    assert one.message == (
        "Release window: now is outside of Monday, Tuesday, Wednesday 09:00 to 16:00 "
        "Europe/Berlin and 1 more"
    )


FREEZE = Freeze(begins=date(2026, 3, 5), ends=date(2026, 3, 6), reason="fair", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "frozen"),
    [
        (datetime(2026, 3, 4, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 4, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 6, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 6, 23, 0, tzinfo=UTC), False),
    ],
)
def test_a_freeze_holds_from_its_first_to_its_last_day_in_its_zone(
    now: datetime, *, frozen: bool
) -> None:
    found = times(now, freezes=(FREEZE,))
    assert bool(found.findings) is frozen
    assert found.examined.count == 1


def test_times_of_other_environments_are_not_asked_for() -> None:
    there = replace(FREEZE, environments=("production",))
    assert times(NOW, freezes=(there,)).examined.count == 0


def test_every_open_item_is_one_finding_that_nothing_excuses() -> None:
    items = (automatic(), Item(id="review", title="Review", manual=Manual()))
    found = evidence(inputs(*items), (result(Verdict.FAIL),), moment())
    assert [(one.rule_id, one.always_blocks) for one in found.findings] == [
        ("item-no-go", True),
        ("item-open", True),
    ]
    assert found.findings[1].fix == "release-gate sign-off review --decision go"
    assert found.notes == ("0 of 2 go",)


def test_an_item_about_files_says_how_each_is_signed() -> None:
    item = Item(id="review", title="Review", manual=Manual(files={"a.py": "1"}))
    (one,) = evidence(inputs(item), (), moment()).findings
    assert one.fix == "release-gate sign-off review --file PATH --decision go"


def run(checklist: ChecklistInputs | None, *, last: tuple[str, ...] = ("checklist",)) -> Any:
    policy = PolicyInputs(effective_time=INPUTS.effective_time, checklist=checklist)
    return decide(docket(gate("load"), last=last), [collected("load")], policy)


def test_an_open_item_makes_an_otherwise_green_run_fail() -> None:
    assert run(inputs(automatic())).verdict is Verdict.PASS
    report = run(inputs(automatic(), Item(id="review", title="Review", manual=Manual())))
    assert report.verdict is Verdict.FAIL
    assert report.expected == ("load", "checklist")


def test_an_expected_checklist_that_is_not_there_is_an_error() -> None:
    assert run(None).verdict is Verdict.ERROR
    assert run(None, last=("readiness",)).verdict is Verdict.ERROR


def test_a_checklist_without_any_item_is_an_error() -> None:
    assert run(inputs()).verdict is Verdict.ERROR


def test_a_checklist_never_turns_a_failing_run_green() -> None:
    policy = PolicyInputs(effective_time=INPUTS.effective_time, checklist=inputs(automatic()))
    report = decide(
        docket(gate("load"), gate("security"), last=("checklist",)),
        [collected("load"), collected(findings=(finding(),))],
        policy,
    )
    assert [one.verdict for one in report.gates] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]
    assert report.verdict is Verdict.FAIL
