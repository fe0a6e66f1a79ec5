"""The generator in real time, with senders of our own."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import pytest

from release_gate.subjects.load.generator import NEVER_ENDED, Load, fire
from release_gate.subjects.load.sample import Sample, lag_us, sample
from release_gate.subjects.load.schedule import Step, schedule
from release_gate.subjects.load.sending import Outcome, RealWatch, Send, Volley

pytestmark = pytest.mark.unit

GOOD = Outcome(good=True, kind="200")
BAD = Outcome(good=False, kind="503")


def load(
    send: Send, *, rate: int = 100, seconds: str = "0.3", cap: int = 50, **changes: float
) -> Load:
    step = Step(rate=Fraction(rate), duration_s=Fraction(seconds))
    budget_s = changes.get("budget_s", 1.0)
    return Load(planned=schedule([step]), send=[send], budget_s=budget_s, cap=cap)


def after(seconds: float, outcome: Outcome = GOOD) -> Send:
    def send(_budget_s: float) -> Outcome:
        time.sleep(seconds)
        return outcome

    return send


def measured(volley: Volley, budget_us: int = 1_000_000) -> Sample:
    return sample(volley, arm=0, budget_us=budget_us, planned_us=300_000)


def test_everything_planned_is_sent_at_or_after_its_time_and_in_order() -> None:
    volley = fire(load(after(0)))
    assert [shot.planned_us for shot in volley.shots] == [10_000 * n for n in range(30)]
    assert all(shot.sent_us >= shot.planned_us for shot in volley.shots)
    assert (volley.unsent, volley.held_back, volley.stopped) == (0, 0, False)


def test_a_slow_answer_does_not_delay_the_next_request() -> None:
    """Whatever the machine's pace: with answers that come only after the last one was sent."""
    sent = threading.Semaphore(0)
    everyone = threading.Event()

    def send(_budget_s: float) -> Outcome:
        sent.release()
        everyone.wait(10)
        return GOOD

    def let_go() -> None:
        for _ in range(30):
            sent.acquire()
        everyone.set()

    threading.Thread(target=let_go, daemon=True).start()
    volley = fire(load(send, budget_s=20))
    assert len(volley.shots) == 30
    # A closed loop would have sent one and waited; here the first one waited for the last.
    first = volley.shots[0]
    assert first.done_us - first.planned_us >= 290_000


def test_latency_counts_from_the_moment_when_a_request_was_due() -> None:
    volley = fire(load(after(0.05), cap=1, rate=100, seconds="0.1", budget_s=5))
    found = measured(volley, 5_000_000)
    assert len(volley.shots) == 10
    # One at a time and 50 ms each: the last one was due at 90 ms and answered at 500 ms.
    assert max(found.latencies_us) >= 400_000
    assert volley.held_back > 0


def test_what_the_cap_holds_back_is_no_lag_of_the_generator() -> None:
    volley = fire(load(after(0.05), cap=1, rate=100, seconds="0.1", budget_s=5))
    last = volley.shots[-1]
    assert last.sent_us - last.planned_us >= 300_000
    assert last.lag_us <= last.sent_us - last.planned_us - 250_000


class Oversleeping(RealWatch):
    """A machine without time for us: each wait takes longer than asked for."""

    def wait(self, seconds: float) -> None:
        super().wait(seconds + 0.08)


def test_a_starved_generator_knows_its_own_lag() -> None:
    volley = fire(load(after(0), rate=10, seconds="1"), watch=Oversleeping())
    assert lag_us(volley.shots) >= 60_000


def test_lag_is_in_the_latency_and_not_in_what_the_service_answers_for() -> None:
    found = measured(fire(load(after(0), rate=10, seconds="1"), watch=Oversleeping()))
    assert max(found.latencies_us) >= 60_000
    assert sorted(found.services_us)[5] < sorted(found.latencies_us)[5]


def test_a_failed_request_counts_as_if_it_had_taken_its_whole_budget() -> None:
    found = measured(fire(load(after(0, BAD), budget_s=1.0)))
    assert found.failed == found.count == 30
    assert min(found.latencies_us) >= 1_000_000
    assert min(found.services_us) >= 1_000_000


def test_outcomes_are_counted_by_kind() -> None:
    turns = iter([GOOD, BAD] * 15)
    found = measured(fire(load(lambda _budget_s: next(turns))))
    assert found.outcomes == {"200": 15, "503": 15}


def test_a_service_that_never_answers_ends_with_the_schedule_and_one_budget() -> None:
    never = threading.Event()

    def send(budget_s: float) -> Outcome:
        never.wait(budget_s)
        return Outcome(good=False, kind="no answer")

    volley = fire(load(send, cap=2, budget_s=0.2))
    assert volley.unsent > 0
    assert len(volley.shots) + volley.unsent == 30


def test_a_sender_that_overruns_its_budget_is_given_up() -> None:
    stuck = threading.Event()

    def send(_budget_s: float) -> Outcome:
        stuck.wait(30)
        return GOOD

    try:
        volley = fire(load(send, rate=10, seconds="0.2", budget_s=0.1))
    finally:
        stuck.set()
    assert [shot.outcome for shot in volley.shots] == [NEVER_ENDED, NEVER_ENDED]
    assert min(measured(volley, 100_000).latencies_us) >= 100_000


def test_a_run_that_is_ended_sends_nothing_more() -> None:
    calls: list[float] = []

    def send(budget_s: float) -> Outcome:
        calls.append(budget_s)
        return GOOD

    volley = fire(load(send, rate=10, seconds="30"), stopping=lambda: len(calls) >= 2)
    assert volley.stopped
    assert len(calls) < 10


def test_an_error_in_the_sender_is_not_swallowed() -> None:
    def send(_budget_s: float) -> Outcome:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        fire(load(send))


def test_nothing_sent_has_no_lag() -> None:
    with pytest.raises(ValueError, match="nothing was sent"):
        lag_us(())


def test_each_arm_has_its_own_sender_and_sample() -> None:
    planned = schedule([Step(rate=Fraction(20), duration_s=Fraction(1, 2))], arms=2)
    both = Load(planned=planned, send=[after(0), after(0, BAD)], budget_s=1, cap=9)
    volley = fire(both)
    found = [sample(volley, arm=arm, budget_us=10, planned_us=10) for arm in (0, 1)]
    assert [(one.count, one.failed) for one in found] == [(10, 0), (10, 10)]


def test_progress_is_told_once_a_second() -> None:
    told: list[int] = []
    fire(load(after(0), rate=10, seconds="1.2"), progress=told.append)
    assert told == [11]
