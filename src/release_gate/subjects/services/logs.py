"""Probe ``logs``: what must stand in the services' logs, and what must not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeProblem,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.services.gaps import longest_gap
from release_gate.subjects.services.log_settings import LogsSettings
from release_gate.subjects.services.log_sources import Line, lines_of
from release_gate.subjects.services.log_times import reader

_SHORTEST_TRACE = 4
_SHOWN = 200
_NO_TRACE = Unreadable(reason='the check names no "trace"')
_NO_HEARTBEAT = Unreadable(reason='the check names no "heartbeat"')
_NO_FORBIDDEN = Unreadable(reason='the check names nothing "forbidden"')


@dataclass(frozen=True, kw_only=True, slots=True)
class _Logs:
    settings: LogsSettings
    lines: tuple[Line, ...]
    start: datetime | None
    end: datetime


def _look(settings: LogsSettings, world: ProbeWorld, budget: Budget) -> Observation:
    started = world.clock.monotonic()
    logs = _read(settings, world, budget)
    timeline = _timeline(logs)
    _holds(logs)
    bad = _forbidden(logs)
    gap = _longest_gap(logs)
    values: dict[str, Any] = {
        "lines": len(logs.lines),
        "services": sorted({line.service for line in timeline}) or _NO_TRACE,
        "timeline": [_entry(line) for line in timeline] or _NO_TRACE,
        "forbidden": bad,
        "longest-gap": gap,
        "duration": world.clock.monotonic() - started,
    }
    return Observation(
        values=values,
        line=f"logs of {', '.join(source.name for source in settings.sources)}: "
        f"{len(logs.lines)} lines",
        excerpt=tuple(_written(line) for line in timeline[:_SHOWN]),
    )


def _read(settings: LogsSettings, world: ProbeWorld, budget: Budget) -> _Logs:
    now = world.clock.now()
    read = reader(settings.time, now)
    lines = [
        line
        for source in settings.sources
        for line in lines_of(source, read, settings.max_bytes, world, budget)
    ]
    start = None
    if settings.window is not None:
        start = now - timedelta(seconds=seconds(settings.window, "window"))
        untimed = sorted(
            source.name
            for source in settings.sources
            if not any(line.time for line in lines if line.service == source.name)
        )
        if untimed:
            raise ProbeProblem(
                f"no line of {', '.join(untimed)} has a time of the form {settings.time.format}",
                remedy='Say under "time" how it stands there.',
            )
    # A line of unknown time counts, so that what is forbidden in it is seen.
    inside = tuple(x for x in lines if start is None or x.time is None or x.time >= start)
    return _Logs(settings=settings, lines=inside, start=start, end=now)


def _timeline(logs: _Logs) -> list[Line]:
    settings = logs.settings
    if settings.trace is None:
        return []
    if len(settings.trace.strip()) < _SHORTEST_TRACE:
        raise ProbeProblem("the trace to look for is too short to mean anything")
    sought = re.compile(rf"(?<![\w-]){re.escape(settings.trace.strip())}(?![\w-])")
    found = [x for x in logs.lines if sought.search(x.text) and _known(x, logs)]
    found.sort(key=lambda x: (x.time or datetime.min.replace(tzinfo=UTC), x.service, x.number))
    kept = tuple(_written(line) for line in found[:_SHOWN])
    seen = {line.service for line in found}
    missing = [source.name for source in settings.sources if source.name not in seen]
    if missing:
        raise ProbeFailed(
            f"the trace stands in {len(seen)} of {len(settings.sources)} logs, not in that of "
            f"{', '.join(missing)}",
            transient=True,
            detail=kept,
        )
    first = {line.service: line.time for line in reversed(found)}
    for one, other in pairwise(settings.order):
        if not _before(first[one], first[other]):
            raise ProbeFailed(
                f"the trace was in the log of {other} before that of {one}", detail=kept
            )
    return found


def _known(line: Line, logs: _Logs) -> bool:
    return logs.start is None or line.time is not None


def _before(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        raise ProbeProblem("the order cannot be judged: a line with the trace has no time")
    return one <= other


def _holds(logs: _Logs) -> None:
    known = [line.text for line in logs.lines if _known(line, logs)]
    for text in logs.settings.holds:
        if not text.strip():
            raise ProbeProblem("a text to look for is empty")
        if not any(text in line for line in known):
            raise ProbeFailed(f'no line holds "{text}"', transient=True)
    for pattern in logs.settings.required:
        sought = re.compile(pattern)
        if not any(sought.search(line) for line in known):
            raise ProbeFailed(f'no line matches "{pattern}"', transient=True)


def _forbidden(logs: _Logs) -> Any:
    if not logs.settings.forbidden:
        return _NO_FORBIDDEN
    written = {line.service for line in logs.lines}
    silent = [source.name for source in logs.settings.sources if source.name not in written]
    if silent:
        raise ProbeProblem(f"{', '.join(silent)} wrote no line in the window: nothing can be said")
    bad = [re.compile(pattern) for pattern in logs.settings.forbidden]
    permitted = [re.compile(pattern) for pattern in logs.settings.permitted]
    found = [
        line
        for line in logs.lines
        if any(sought.search(line.text) for sought in bad)
        and not any(sought.search(line.text) for sought in permitted)
    ]
    if found:
        services = ", ".join(sorted({line.service for line in found}))
        raise ProbeFailed(
            f"{len(found)} forbidden lines in the logs of {services}, expected none",
            detail=tuple(_written(line) for line in found[:_SHOWN]),
        )
    return 0


def _longest_gap(logs: _Logs) -> Any:
    beat, start = logs.settings.heartbeat, logs.start
    if beat is None or start is None:
        return _NO_HEARTBEAT
    most = seconds(beat.max_gap, "max-gap")
    sought = re.compile(beat.pattern)
    longest = 0.0
    for service in beat.services or tuple(source.name for source in logs.settings.sources):
        times = [
            line.time.timestamp()
            for line in logs.lines
            if line.service == service and line.time and sought.search(line.text)
        ]
        gap = longest_gap(start.timestamp(), logs.end.timestamp(), times)
        if gap.length > most:
            since = datetime.fromtimestamp(gap.start, UTC).isoformat(timespec="milliseconds")
            raise ProbeFailed(
                f"{service}: no heartbeat for {gap.length:.1f} s from {since}, at most "
                f"{most:g} s are allowed ({len(times)} heartbeats in the window)",
                transient=not times,
            )
        longest = max(longest, gap.length)
    return longest


def _entry(line: Line) -> dict[str, Any]:
    time = line.time.isoformat() if line.time else None
    return {"time": time, "service": line.service, "line": line.text}


def _written(line: Line) -> str:
    time = line.time.isoformat(timespec="milliseconds") if line.time else "?"
    return f"{time} {line.service}: {line.text}"


def _shown(settings: LogsSettings) -> tuple[str, ...]:
    return tuple(
        f"logs of {source.name}: {', '.join(source.files) or ' '.join(source.argv)}"
        for source in settings.sources
    )


PROBE: Probe[LogsSettings] = Probe(
    name="logs",
    settings=LogsSettings,
    offered=frozenset({"lines", "services", "timeline", "forbidden", "longest-gap", "duration"}),
    writes=lambda _settings: False,
    fillable=frozenset({"trace", "holds.*"}),
    shown=_shown,
    look=_look,
    usual=({"on": "lines", "greater": 0},),
)
