"""Outages out of probes: simulated services that are away for a known time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.decide import decide
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import Collected, Evidence, Problem
from release_gate.subjects.blip.meter import evidence
from release_gate.subjects.blip.outages import outages, unseen_us
from release_gate.subjects.blip.settings import BlipSettings, limits
from release_gate.subjects.load.sending import Outcome, Shot, Volley
from support import judging

pytestmark = pytest.mark.unit

SECOND = 1_000_000
BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
GOOD = Outcome(good=True, kind="200")

Service = Callable[[int, int, int], tuple[int, Outcome]]
"""When a probe sent at a moment ends and how: ``(sent, begin, end)`` of the outage."""

DEADLINE_US = SECOND
QUICK_US = 5_000


def refuses(sent: int, begin: int, end: int) -> tuple[int, Outcome]:
    if begin <= sent < end:
        return sent + 200, Outcome(good=False, kind="connection refused")
    return sent + QUICK_US, GOOD


def fails(sent: int, begin: int, end: int) -> tuple[int, Outcome]:
    if begin <= sent < end:
        return sent + QUICK_US, Outcome(good=False, kind="503")
    return sent + QUICK_US, GOOD


def hangs(sent: int, begin: int, end: int) -> tuple[int, Outcome]:
    """Stands still, and answers what it still holds when it goes on."""
    if not begin <= sent + QUICK_US < end:
        return sent + QUICK_US, GOOD
    if end - sent < DEADLINE_US:
        return end + QUICK_US, GOOD
    return sent + DEADLINE_US, Outcome(good=False, kind="no whole answer")


def probes(
    service: Service, begin: int, end: int, *, spacing: int = 200_000, total: int = 60 * SECOND
) -> list[Shot]:
    found = []
    for sent in range(0, total, spacing):
        done, outcome = service(sent, begin, end)
        found.append(
            Shot(arm=0, planned_us=sent, sent_us=sent, done_us=done, waited_us=0, outcome=outcome)
        )
    return found


def told(shots: list[Shot], **changes: Any) -> Evidence:
    volley = Volley(shots=tuple(shots), **changes)
    return evidence(BlipSettings(), volley, BEGAN, ())


def judge(found: Evidence, **keys: Any) -> GateResult:
    chosen = msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, BlipSettings)
    report = decide(
        judging.docket(judging.gate("blip", limits=limits(chosen))),
        [Collected(gate_id="blip", evidence=found)],
        judging.INPUTS,
    )
    return report.gates[0]


def values(found: Evidence) -> dict[str, float]:
    return {metric.name: metric.value for metric in found.metrics}


services = st.sampled_from([refuses, fails, hangs])


@given(
    service=services,
    begin=st.integers(5 * SECOND, 15 * SECOND),
    length=st.integers(2 * SECOND, 35 * SECOND),
    spacing=st.integers(100_000, 250_000),
)
def test_law_the_truth_lies_in_the_interval_and_within_half_a_second_of_the_estimate(
    service: Service, begin: int, length: int, spacing: int
) -> None:
    found = outages(probes(service, begin, begin + length, spacing=spacing))
    assert len(found) == 1
    most = found[0].most_us
    assert most is not None
    assert found[0].least_us <= length + QUICK_US
    assert length <= most + QUICK_US
    assert abs(found[0].about_us - length) <= 500_000


@pytest.mark.release_check("E04", "green")
@pytest.mark.parametrize("service", [refuses, fails, hangs])
def test_12_seconds_pass_a_limit_of_30(service: Service) -> None:
    found = told(probes(service, 20_110_000, 32_110_000))
    assert values(found)["longest-outage"] == pytest.approx(12, abs=0.5)
    assert judge(found).verdict is Verdict.PASS


@pytest.mark.release_check("E04", "red")
@pytest.mark.parametrize("service", [refuses, fails, hangs])
def test_31_seconds_fail_a_limit_of_30(service: Service) -> None:
    result = judge(told(probes(service, 10_110_000, 41_110_000)))
    assert (result.verdict, result.reason) == (Verdict.FAIL, "longest-outage misses its limit")


def test_30_seconds_are_too_close_to_the_limit_to_say() -> None:
    result = judge(told(probes(refuses, 10_110_000, 40_010_000)))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "longest-outage is not settled" in result.reason


def test_several_outages_are_counted_and_added_up() -> None:
    first = probes(refuses, 5_010_000, 7_010_000, total=10 * SECOND)
    second = probes(fails, 12_010_000, 16_010_000, total=20 * SECOND)
    found = told([*first, *second[50:]])
    assert values(found)["outages"] == 2
    assert values(found)["total-outage"] == pytest.approx(6, abs=0.5)
    assert [row[4] for row in found.tables[0].rows] == ["connection refused", "503"]


def test_a_single_failed_probe_of_a_rolling_update_fails_where_none_is_allowed() -> None:
    found = told(probes(fails, 5_000_000, 5_100_000))
    assert values(found)["failed-probes"] == 1
    assert judge(found).verdict is Verdict.PASS
    assert judge(found, max_failed=0).verdict is Verdict.FAIL
    assert judge(found, max_failed=1).verdict is Verdict.PASS


def test_without_an_outage_the_upper_end_is_what_could_have_been_missed() -> None:
    found = told(probes(refuses, 0, 0))
    longest = found.metrics[0]
    assert (longest.value, longest.low, longest.high) == (0, 0, 0.205)
    assert unseen_us(probes(refuses, 0, 0)) == 205_000
    assert judge(found, max_failed=0).verdict is Verdict.PASS


def test_first_and_last_good_answer_are_named() -> None:
    found = told(probes(refuses, 20 * SECOND, 30 * SECOND))
    assert found.notes == (
        "first good answer 2026-01-02T03:04:05.005+00:00",
        "last good answer 2026-01-02T03:05:04.805+00:00",
    )
    row = found.tables[0].rows[0]
    assert (row[0], row[5], row[6]) == (
        "2026-01-02T03:04:25.000+00:00",
        "2026-01-02T03:04:24.800+00:00",
        "2026-01-02T03:04:35.005+00:00",
    )


@pytest.mark.parametrize(
    ("begin", "end"), [(0, 5 * SECOND), (50 * SECOND, 61 * SECOND)], ids=["begin", "end"]
)
def test_an_outage_without_a_seen_begin_or_end_never_passes(begin: int, end: int) -> None:
    result = judge(told(probes(refuses, begin, end)))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert [item.name for item in result.limitations] == ["outage-without-bounds"]


def test_an_endless_outage_that_is_surely_too_long_fails() -> None:
    assert judge(told(probes(refuses, 10 * SECOND, 90 * SECOND))).verdict is Verdict.FAIL


def test_a_service_that_never_answered_is_an_error() -> None:
    result = judge(told(probes(refuses, 0, 90 * SECOND)))
    assert result.verdict is Verdict.ERROR
    assert "never answered" in result.reason


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_probes_never_pass(count: int) -> None:
    result = judge(told(probes(refuses, 0, 0)[:count]))
    assert result.verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE}


def test_a_meter_that_was_starved_is_inconclusive() -> None:
    shots = probes(refuses, 0, 0)
    result = judge(told([*shots[:100], *shots[110:]]))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert [item.name for item in result.limitations] == ["generator-starved"]


def test_a_problem_of_the_drill_is_an_error() -> None:
    volley = Volley(shots=tuple(probes(refuses, 0, 0)))
    problem = Problem(what="the drill ended with exit code 1")
    found = evidence(BlipSettings(), volley, BEGAN, (problem,))
    assert judge(found).verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"interval": "50ms"}, "interval must be 100ms to 250ms"),
        ({"interval": "300ms"}, "interval must be 100ms to 250ms"),
        ({"timeout": "20s"}, "timeout must be at most"),
        ({"duration": "2s"}, "settle must be shorter than duration"),
        ({"duration": "30s"}, "max-outage must be shorter than duration"),
        ({"request": {"path": "/", "at-once": 2}}, "request: at-once is for checks"),
        ({"max_failed": -1}, ">= 0"),
        ({"max_blip": "3s"}, "unknown field"),
    ],
)
def test_what_can_never_be_meant_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, BlipSettings)
