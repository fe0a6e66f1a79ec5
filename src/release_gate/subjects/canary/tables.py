"""What is written down of a canary, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from release_gate.api import Table
from release_gate.subjects.canary.planned import CanaryPlan
from release_gate.subjects.canary.record import (
    Decided,
    Done,
    Entry,
    Intent,
    Record,
    Round,
    Seen,
)
from release_gate.subjects.canary.rules import judge_rules, requests_of
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.statistics import quantiles

_ROWS = 60
_P95 = Fraction(95, 100)


def tables_of(plan: CanaryPlan, record: Record, rounds: tuple[Round, ...]) -> Iterator[Table]:
    """Steps, rules, course, and what went wrong.

    Args:
        plan: As settled.
        record: As written.
        rounds: All of its rounds, oldest first.
    """
    yield _steps(plan, record, rounds)
    told = [one for one in record.entries if isinstance(one, Decided) and one.told]
    if told:
        rows = tuple((one.rule, one.colour, one.what) for one in told[-1].told)
    else:
        here = [one for one in rounds if one.step == rounds[-1].step]
        found = judge_rules(plan.settings, rounds, here)
        rows = tuple((one.rule, one.colour, one.what) for one in found)
    yield Table(title="Rules at the last decision", columns=("rule", "says", "what"), rows=rows)
    course = tuple(_line(one) for one in record.entries if not isinstance(one, Round))
    yield Table(title="Course", columns=("at", "what", "outcome"), rows=course)
    bad = [one for one in rounds if not one.canary.passed][-_ROWS:]
    if bad:
        columns = ("at", "step", "canary", "control")
        yield Table(title="Failed rounds", columns=columns, rows=tuple(map(_bad, bad)))
    if unseen := tuple(gaps(rounds, seconds(plan.settings.interval, "interval"))):
        yield Table(title="Gaps in which nobody watched", columns=("from", "to"), rows=unseen)


def _steps(plan: CanaryPlan, record: Record, rounds: tuple[Round, ...]) -> Table:
    rows = []
    for place, keys in enumerate(plan.settings.steps):
        here = [one for one in rounds if one.step == place]
        asked, bad, unknown = requests_of(plan.settings, here)
        decided = [
            one.choice for one in record.entries if isinstance(one, Decided) and one.step == place
        ]
        rows.append(
            (
                f"{keys.weight:g} %",
                f"{here[-1].held_s if here else 0:g} of {keys.hold_s:g} s",
                str(len(here)),
                "unknown" if unknown and here else f"{asked:,} of {keys.min_requests:,}",
                "unknown" if unknown and here else f"{bad:,}",
                _p95([one.canary for one in here]),
                _p95([one.control for one in here if one.control is not None]),
                decided[-1] if decided else "not reached" if not here else "open",
            )
        )
    columns = (
        "weight", "watched", "rounds", "requests", "failed", "p95", "p95 of control", "decision",
    )  # fmt: skip
    return Table(title="Steps", columns=columns, rows=tuple(rows))


def _p95(sides: list[Seen]) -> str:
    found = sorted(one for side in sides for one in side.latencies_us)
    return f"{quantiles.quantile(found, _P95) / 1000:.1f} ms" if found else "none"


def _line(entry: Entry) -> tuple[str, str, str]:
    if isinstance(entry, Intent):
        return entry.at, f"{entry.action} begun, weight {entry.weight:g} %", entry.key
    if isinstance(entry, Done):
        said = " | ".join((entry.what, *entry.output))
        return entry.at, "done" if entry.ok else "failed", said
    if isinstance(entry, Decided):
        return entry.at, f"step {entry.step + 1}: {entry.choice}", f"{entry.rule}: {entry.reason}"
    return entry.at, "resumed", ""


def _bad(one: Round) -> tuple[str, str, str, str]:
    sides = (one.canary, one.control)
    told = [
        "not asked" if side is None else "; ".join(f"{n}: {w}" for n, w in sorted(side.bad.items()))
        for side in sides
    ]
    return one.at, str(one.step + 1), told[0] or "no check was asked", told[1] or "passed"


def gaps(rounds: tuple[Round, ...], interval_s: float) -> Iterator[tuple[str, str]]:
    """Where more time passed between two rounds of a step than was watched: from, to.

    Args:
        rounds: All of them, oldest first.
        interval_s: Seconds from round to round; less than that is no gap.
    """
    for one, after in pairwise(rounds):
        passed = datetime.fromisoformat(after.at) - datetime.fromisoformat(one.at)
        unseen_s = passed.total_seconds() - (after.held_s - one.held_s)
        if after.step == one.step and unseen_s > interval_s:
            yield one.at, after.at
