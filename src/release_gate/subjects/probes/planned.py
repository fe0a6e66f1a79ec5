"""Checks as they will run: each with its probe, its order and its place in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from release_gate.ports import Deployment
from release_gate.subjects.probes.contract import AnyProbe
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.keys import CheckKeys
from release_gate.subjects.probes.order import (
    Source,
    known_checks,
    needs_of,
    refuse_circles,
    used_captures,
)

_REST_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedCheck:
    """One check that will run.

    Args:
        name: Unique; with ``@ADDRESS`` where it asks one instance.
        keys: As written.
        probe: Its kind.
        settings: Of the probe, with the instance filled in.
        needs: Names of planned checks that must have passed before.
        after: Names of planned checks that must have ended before (those a clean-up follows).
        uses: Captures that it cannot do without.
        timeout_s: Of one attempt.
        deadline_s: Of all attempts.
        pack: Name of the pack that made it.
    """

    name: str
    keys: CheckKeys
    probe: AnyProbe
    settings: Any
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    timeout_s: float
    deadline_s: float
    pack: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """All checks of one run, in the order they were written.

    Args:
        checks: Those that run first, then the clean-ups.
        at_once: How many run side by side.
        time_limit_s: For all but the clean-ups.
    """

    checks: tuple[PlannedCheck, ...]
    at_once: int = 4
    time_limit_s: float = 600.0

    @property
    def shown(self) -> Iterator[str]:
        """What would be sent, in lines without secrets."""
        for check in self.checks:
            notes = [note for note, holds in _notes(check) if holds]
            yield f"{check.name}" + (f" ({', '.join(notes)})" if notes else "")
            yield from (f"    {line}" for line in check.probe.shown(check.settings))


def plan_suite(
    sources: Iterable[Source],
    deployment: Deployment | None,
    *,
    at_once: int = 4,
    time_limit_s: float = 600.0,
) -> Suite:
    """Put the checks in order and refuse what cannot run.

    Args:
        sources: All checks, from every file and pack.
        deployment: Where they will be sent.
        at_once: How many run side by side.
        time_limit_s: For all but the clean-ups.

    Raises:
        ConfigError: If two share a name, one needs what is not there or itself, or writes to
            an environment where it may not.
    """
    listed = tuple(sources)
    known = known_checks(listed)
    for source in listed:
        _check_writes(source, deployment)
    needs = {source.keys.name: needs_of(source, known) for source in listed}
    refuse_circles(known, needs)
    names = {name: tuple(_instances(known.sources[name].keys)) for name in known.sources}
    planned = [one for source in listed for one in _planned(source, needs, names)]
    ordered = (
        *(c for c in planned if not c.keys.finally_),
        *(c for c in planned if c.keys.finally_),
    )
    return Suite(checks=ordered, at_once=at_once, time_limit_s=time_limit_s)


def writes(source: Source) -> bool:
    """Whether a check may change something."""
    return bool(source.keys.probe().writes(source.keys.settings()))


def _check_writes(source: Source, deployment: Deployment | None) -> None:
    if deployment is None or not deployment.production or deployment.allow_writes:
        return
    if writes(source):
        probe = source.keys.probe().name
        raise source.error(
            f'{source.place}.{probe}: "{source.keys.name}" writes, and {deployment.name} is '
            "production",
            remedy=f"Set allow-writes = true in environments.{deployment.name}, or leave it out.",
        )


def _instances(keys: CheckKeys) -> Iterator[str]:
    if not keys.instances:
        yield keys.name
    for address in keys.instances:
        yield f"{keys.name}@{address}"


def _planned(
    source: Source, needs: Mapping[str, tuple[str, ...]], names: Mapping[str, tuple[str, ...]]
) -> Iterator[PlannedCheck]:
    keys, probe = source.keys, source.keys.probe()
    timeout_s = seconds(keys.timeout, "timeout")
    before = tuple(name for need in needs[keys.name] for name in names[need])
    for name, address in zip(names[keys.name], keys.instances or (None,), strict=True):
        settings = keys.settings()
        if address is not None:
            changes = {(probe.instance_key or "").replace("-", "_"): address}
            settings = msgspec.structs.replace(settings, **changes)
        yield PlannedCheck(
            name=name,
            keys=keys,
            probe=probe,
            settings=settings,
            needs=() if keys.finally_ else before,
            after=before if keys.finally_ else (),
            uses=tuple(sorted(used_captures(keys) - set(keys.capture))),
            timeout_s=timeout_s,
            deadline_s=_deadline_s(keys, timeout_s),
            pack=source.pack,
        )


def _deadline_s(keys: CheckKeys, timeout_s: float) -> float:
    if keys.deadline is not None:
        return seconds(keys.deadline, "deadline")
    if keys.poll:
        return seconds(keys.poll.deadline, "deadline") + timeout_s
    return max(_REST_S, timeout_s)


def _notes(check: PlannedCheck) -> Iterator[tuple[str, bool]]:
    yield "writes", bool(check.probe.writes(check.settings))
    yield "polls", check.keys.poll is not None
    yield "finally", check.keys.finally_
    yield "observed only", not check.keys.enforce
    yield f"after {', '.join(check.needs or check.after)}", bool(check.needs or check.after)
