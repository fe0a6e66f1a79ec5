"""Asks again until something is so, a terminal state is reached, or the time is over."""

from __future__ import annotations

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
)
from release_gate.subjects.probes.course import Course
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.keys import Poll
from release_gate.subjects.probes.operators import holds, judge
from release_gate.subjects.probes.outcome import Outcome
from release_gate.subjects.probes.told import Told
from release_gate.subjects.probes.values import shown

_FIRST_ERROR = 400


def polled(course: Course, poll: Poll) -> Outcome:
    """Until it holds, a terminal state is reached, or the time is over."""
    world = course.shared.world
    limit_s = min(seconds(poll.deadline, "deadline"), course.left_s())
    until = poll.until or course.check.keys.expect
    last: tuple[Told, ...] = ()
    said = "nothing was asked"
    while (spent_s := world.clock.monotonic() - course.began) < limit_s:
        try:
            observation = course.look(limit_s - spent_s)
        except ProbeFailed as error:
            said = error.what
            course.note(said, "tolerated" if error.transient else "ended")
            if not error.transient:
                return course.failed(error)
        else:
            ended = _terminal(course, observation, poll)
            if ended is not None:
                return ended
            answer = course.answer(observation)
            said = observation.line
            last = tuple(one for each in until for one in judge(each, answer))
            status = observation.values.get("status")
            waits = status in poll.tolerate and not any(one.on == "status" for one in until)
            if holds(until, answer) and not waits:
                course.note(observation.line, "answered")
                return course.judged(observation, course.check.keys.expect or until)
            course.note(_with(last, said), "tolerated" if status in poll.tolerate else "not yet")
        course.pause(seconds(poll.interval, "interval"))
    return _too_late(course, limit_s, last, said)


def _terminal(course: Course, observation: Observation, poll: Poll) -> Outcome | None:
    answer = course.answer(observation)
    for expectation in poll.fail_when:
        told = judge(expectation, answer)
        if told and all(one.colour == "met" for one in told):
            course.note(_with(told, observation.line), "ended")
            named = " and ".join(f"{one.where} is {one.actual}" for one in told)
            wanted = poll.until or course.check.keys.expect
            missed = tuple(one for each in wanted for one in judge(each, answer))
            at = course.attempts[-1].at_s
            return course.ended(
                "failed", told=missed, reason=f"a terminal state after {at:.1f} s: {named}"
            )
    status = observation.values.get("status")
    wanted = poll.until or course.check.keys.expect
    bad = isinstance(status, int) and status >= _FIRST_ERROR and status not in poll.tolerate
    if bad and not any(one.on == "status" for one in wanted):
        course.note(observation.line, "ended")
        tolerated = ", ".join(map(str, poll.tolerate)) or "none"
        bad_status = Told(
            colour="missed",
            where="status",
            operator="tolerate",
            expected=f"below {_FIRST_ERROR} or tolerated ({tolerated})",
            actual=shown(status),
        )
        return course.ended("failed", told=(bad_status,), reason=bad_status.text())
    return None


def _too_late(course: Course, limit_s: float, last: tuple[Told, ...], said: str) -> Outcome:
    if not course.attempts:
        return course.ended("unjudged", reason="the time was over before anything was asked")
    missing = [one.text() for one in last if one.colour != "met"]
    state = "; ".join(missing) or said
    count = len(course.attempts)
    tried = f"{count} attempt{'s' if count > 1 else ''}"
    reason = f"not so within {limit_s:g} s, {tried}; at last {state}"
    return course.ended("failed", told=last, reason=reason)


def _with(told: tuple[Told, ...], line: str) -> str:
    named = ", ".join(f"{one.where} {one.actual}" for one in told)
    return f"{line}; {named}" if named else line
