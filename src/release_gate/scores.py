"""What the readiness score is made of: values that the plan reads and the judge counts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRow:
    """One thing that is worth points.

    Args:
        gate: Id of the gate whose pass earns them.
        points: How many, at least 1.
        metric: Name of a metric of that gate that earns a share of them; empty: all or none.
        zero_at: Value of the metric that earns nothing.
        full_at: Value that earns all; between the two the share is linear.
    """

    gate: str
    points: int
    metric: str = ""
    zero_at: Fraction = Fraction(0)
    full_at: Fraction = Fraction(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """Rows that belong together.

    Args:
        name: Kebab-case; the metric is called ``score-NAME``.
        rows: At least one.
        minimum: Least share of the points, in percent; ``None``: any.
    """

    name: str
    rows: tuple[ScoreRow, ...]
    minimum: Fraction | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRules:
    """What the score is made of.

    Args:
        themes: Sorted by name, at least one.
        minimum: Least share of all points, in percent; ``None``: any.
        hold: For how many releases in a row, this one included, the verdict must have been a
            pass and every minimum kept.
    """

    themes: tuple[Theme, ...]
    minimum: Fraction | None = None
    hold: int = 1
