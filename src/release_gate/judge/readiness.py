"""The readiness score: what the verdicts of a run are worth, by theme.

It is evidence of a gate of its own, ``readiness``, that is derived from the others after all of
them. Its minimums can make a run fail; nothing in it can make one pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from release_gate.judge.history import Release, held
from release_gate.judge.types import GateResult, Report, Verdict
from release_gate.model import Evidence, Examined, Limit, Limitation, Metric, Table
from release_gate.scores import ScoreRow, ScoreRules
from release_gate.trust import READINESS

GATE_ID = READINESS
TITLE = "Readiness score"
TOTAL = "score"
HELD = "held-releases"
_MOST_ROWS = 10
_MOST_RELEASES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Earned:
    """What one row came to.

    Args:
        theme: Name of its theme.
        row: The row.
        points: Points that were earned, not rounded.
        why: Why not all of them, or empty.
    """

    theme: str
    row: ScoreRow
    points: Fraction
    why: str = ""


def earned(rules: ScoreRules, gates: Sequence[GateResult]) -> tuple[Earned, ...]:
    """What each row of the gates of this run came to.

    Rows of gates that this run does not have are left out: they are judged in another phase,
    and count where the reports are merged.
    """
    by_id = {gate.gate_id: gate for gate in gates}
    return tuple(
        _earned(theme.name, row, by_id[row.gate])
        for theme in rules.themes
        for row in theme.rows
        if row.gate in by_id
    )


def limits(rules: ScoreRules) -> tuple[Limit, ...]:
    """The minimums, as limits of the metrics."""
    named = [(TOTAL, rules.minimum, "score.minimum")]
    named += [
        (f"{TOTAL}-{one.name}", one.minimum, f"score.themes.{one.name}.minimum")
        for one in rules.themes
    ]
    advice = "The table of this gate lists the rows that would raise it most."
    found = [
        Limit(metric=name, at_least=minimum, origin=origin, advice=advice, optional=True)
        for name, minimum, origin in named
        if minimum is not None
    ]
    if rules.hold > 1:
        found.append(
            Limit(
                metric=HELD,
                at_least=Fraction(rules.hold),
                origin="score.hold",
                advice="It takes that many releases in a row that pass and keep every minimum.",
                optional=True,
            )
        )
    return tuple(found)


def evidence(
    rules: ScoreRules,
    gates: Sequence[GateResult],
    history: Sequence[Release] | None,
    key: tuple[str, str, str],
) -> Evidence:
    """The score of a run as evidence.

    Args:
        rules: What counts how much.
        gates: All other gates of the run, judged.
        history: Earlier releases, oldest first; ``None``: no history is kept.
        key: Release, phase and environment that are judged; only history of the same phase and
            environment counts.
    """
    rows = earned(rules, gates)
    earlier = [one for one in history or () if one.key[1:] == key[1:] and one.key != key]
    shares = list(_shares(rules, rows))
    kept = all(_reached(metric, minimum) for metric, minimum in shares)
    passing = all(gate.verdict in _FINE for gate in gates if gate.enforce)
    elsewhere = sum(row.points for theme in rules.themes for row in theme.rows) - sum(
        one.row.points for one in rows
    )
    missing = rules.hold > 1 and history is None
    return Evidence(
        examined=Examined(unit="rows", count=len(rows)),
        metrics=(
            *(metric for metric, _ in shares),
            *([] if missing else [_held(earlier, good=kept and passing)]),
        ),
        limitations=(_NO_HISTORY,) if missing else (),
        tables=tuple(_tables(rows, earlier)),
        notes=tuple(_notes(shares[0][0], rows, elsewhere)),
    )


_FINE = frozenset({Verdict.PASS, Verdict.SKIPPED})
_NO_HISTORY = Limitation(
    name="no-history",
    detail="score.hold asks for several releases, and no history is kept: run with --history FILE",
)


def _earned(theme: str, row: ScoreRow, gate: GateResult) -> Earned:
    if gate.verdict is not Verdict.PASS:
        why = f"{gate.verdict}: {gate.reason}"
        return Earned(theme=theme, row=row, points=Fraction(0), why=why)
    if not row.metric:
        return Earned(theme=theme, row=row, points=Fraction(row.points))
    metric = next((one.metric for one in gate.metrics if one.metric.name == row.metric), None)
    if metric is None or not metric.is_number:
        why = f"it has no metric {row.metric}" if metric is None else f"{row.metric} has no value"
        return Earned(theme=theme, row=row, points=Fraction(0), why=why)
    share = (metric.exact() - row.zero_at) / (row.full_at - row.zero_at)
    points = row.points * min(max(share, Fraction(0)), Fraction(1))
    why = "" if points == row.points else f"{row.metric} is {metric.value:g} {metric.unit}"
    return Earned(theme=theme, row=row, points=points, why=why)


def _shares(rules: ScoreRules, rows: Sequence[Earned]) -> Iterator[tuple[Metric, Fraction | None]]:
    yield _share(TOTAL, rows), rules.minimum
    for theme in rules.themes:
        own = [one for one in rows if one.theme == theme.name]
        if own:
            yield _share(f"{TOTAL}-{theme.name}", own), theme.minimum


def _share(name: str, rows: Sequence[Earned]) -> Metric:
    points = sum((one.points for one in rows), Fraction(0))
    # In whole parts, so that the limit is compared without rounding.
    whole = sum(one.row.points for one in rows) * points.denominator
    ratio = (points.numerator, whole)
    value = 100 * ratio[0] / ratio[1] if whole else float("nan")
    return Metric(name=name, value=value, unit="%", ratio=ratio)


def _reached(metric: Metric, minimum: Fraction | None) -> bool:
    return minimum is None or (metric.is_number and metric.exact() >= minimum)


def _held(earlier: Sequence[Release], *, good: bool) -> Metric:
    return Metric(name=HELD, value=held(earlier) + 1 if good else 0, unit="releases")


def _tables(rows: Sequence[Earned], history: Sequence[Release]) -> Iterator[Table]:
    lost = [one for one in rows if one.points < one.row.points]
    if lost:
        lost.sort(key=lambda one: (one.points - one.row.points, one.theme, one.row.gate))
        yield Table(
            title="What would raise the score most",
            columns=("theme", "gate", "points to win", "why"),
            rows=tuple(
                (one.theme, one.row.gate, _number(one.row.points - one.points), one.why)
                for one in lost[:_MOST_ROWS]
            ),
        )
    if history:
        yield Table(
            title="Releases before this one",
            columns=("release", "verdict", "score", "rollbacks", "incidents"),
            rows=tuple(_release(one) for one in reversed(history[-_MOST_RELEASES:])),
        )


def _release(one: Release) -> tuple[str, ...]:
    return (
        one.release,
        one.verdict,
        "-" if one.score is None else f"{_number(Fraction(*one.score) * 100)} %",
        str(one.events.count("rollback")),
        str(one.events.count("incident")),
    )


def _notes(total: Metric, rows: Sequence[Earned], elsewhere: int) -> Iterator[str]:
    if total.is_number:
        yield f"{_number(total.exact())} % of {sum(one.row.points for one in rows)} points"
    if elsewhere:
        yield f"{elsewhere} points belong to gates of other phases"


def _number(value: Fraction) -> str:
    return f"{float(round(value, 1)):g}"


def by_theme(gates: Sequence[GateResult]) -> Mapping[str, tuple[int, int]]:
    """The exact shares of a judged ``readiness`` gate by metric, for the history."""
    metrics = next((gate.metrics for gate in gates if gate.kind == GATE_ID), ())
    return {
        one.metric.name: one.metric.ratio
        for one in metrics
        if one.metric.ratio is not None and one.metric.is_number
    }


def kept(report: Report) -> bool:
    """Whether a run passed and every minimum of the score was kept.

    That it has not been held for long enough yet does not count against it.
    """
    others = [one for one in report.gates if one.kind != GATE_ID and one.enforce]
    scores = [
        one
        for gate in report.gates
        if gate.kind == GATE_ID
        for one in gate.metrics
        if one.metric.name != HELD
    ]
    return (
        bool(others)
        and not report.problems
        and all(one.verdict in _FINE for one in others)
        and all(one.met is not False for one in scores)
    )
