"""Runs one check: once, again where no answer came, or until something is so."""

from __future__ import annotations

from dataclasses import replace

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
)
from release_gate.subjects.probes.course import Course, Shared
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.keys import Retry
from release_gate.subjects.probes.outcome import Outcome
from release_gate.subjects.probes.planned import PlannedCheck
from release_gate.subjects.probes.polling import polled


def run_check(shared: Shared, check: PlannedCheck, since: float, until: float) -> Outcome:
    """What came of a check; whatever goes wrong in it is part of that.

    Args:
        shared: What every check is run with.
        check: Which one.
        since: When the suite began, by the stopwatch.
        until: When it must have ended, whatever the check's own deadline says.
    """
    clock = shared.world.clock
    began = clock.monotonic()
    course = Course(shared=shared, check=check, began=began, until=until)
    try:
        outcome = _outcome(course)
    except ProbeProblem as error:
        outcome = course.ended("unjudged", reason=error.what, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001 - a bug in one probe is that check's end only
        what = f"the probe {check.probe.name} is at fault: {type(error).__name__}: {error}"
        outcome = course.ended("unjudged", reason=what)
    return replace(outcome, started_s=began - since, duration_s=clock.monotonic() - began)


def _outcome(course: Course) -> Outcome:
    keys = course.check.keys
    if keys.poll is not None:
        return polled(course, keys.poll)
    try:
        observation = _retried(course, keys.retry)
    except ProbeFailed as error:
        return course.failed(error)
    return course.judged(observation, keys.expect)


def _retried(course: Course, retry: Retry | None) -> Observation:
    for left in range(retry.attempts if retry else 1, 0, -1):
        last = left == 1
        try:
            observation = course.look()
        except ProbeFailed as error:
            again = error.transient and not last
            course.note(error.what, "asked again" if again else "ended")
            if not again:
                raise
        else:
            again = bool(retry and observation.values.get("status") in retry.on and not last)
            course.note(observation.line, "asked again" if again else "answered")
            if not again:
                return observation
        course.pause(seconds(retry.interval, "interval") if retry else 0.0)
    raise ProbeProblem("nothing was asked")
