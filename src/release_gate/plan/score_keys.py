"""Keys of the readiness score."""

from __future__ import annotations

from typing import Annotated

import msgspec

from release_gate.plan.key_types import Keys, Name, Text

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Points = Annotated[int, msgspec.Meta(ge=1)]


class ScoreRowKeys(Keys, frozen=True, kw_only=True):
    """One thing that is worth points.

    Args:
        gate: Id of the gate whose pass earns them.
        points: How many.
        metric: Metric of that gate that earns a share of them; needs the two values below.
        zero_at: Value of the metric that earns nothing.
        full_at: Value that earns all; between the two the share is linear.
    """

    gate: Name
    points: Points
    metric: Text | None = None
    zero_at: float | None = None
    full_at: float | None = None

    def __post_init__(self) -> None:
        """Refuse half a share.

        Raises:
            ValueError: With the key's name in front.
        """
        given = [one is not None for one in (self.metric, self.zero_at, self.full_at)]
        if any(given) and not all(given):
            raise ValueError("metric, zero-at and full-at belong together")
        if self.metric is not None and self.zero_at == self.full_at:
            raise ValueError("zero-at and full-at must differ")


class ThemeKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.score.themes.NAME]``.

    Args:
        rows: What is worth points.
        minimum: Least share of the theme's points, in percent; less fails the gate
            ``readiness``.
    """

    rows: Annotated[tuple[ScoreRowKeys, ...], msgspec.Meta(min_length=1)]
    minimum: Percent | None = None


class ScoreKeys(Keys, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.score]``.

    Args:
        themes: What is worth points, by theme.
        minimum: Least share of all points, in percent.
        hold: For how many releases in a row, this one included, all must have passed and every
            minimum been kept; more than 1 needs ``--history``.
    """

    themes: Annotated[dict[Name, ThemeKeys], msgspec.Meta(min_length=1)]
    minimum: Percent | None = None
    hold: Annotated[int, msgspec.Meta(ge=1)] = 1
