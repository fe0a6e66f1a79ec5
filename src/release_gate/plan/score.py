"""The rules of the readiness score, out of the configuration."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from release_gate.plan.configuration import Configuration
from release_gate.plan.score_keys import ScoreRowKeys
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.scores import ScoreRow, ScoreRules, Theme


def score_rules(configuration: Configuration, gate_ids: Collection[str]) -> ScoreRules | None:
    """The rules; ``None`` where the configuration has no score.

    Args:
        configuration: Of the project.
        gate_ids: Ids of all gates that there are.

    Raises:
        ConfigError: If a row names a gate that is not there.
    """
    keys = configuration.keys.score
    if keys is None:
        return None
    for name, theme in keys.themes.items():
        for position, row in enumerate(theme.rows):
            if row.gate not in gate_ids:
                raise configuration.document.error(
                    f'there is no gate "{row.gate}"{did_you_mean(row.gate, gate_ids)}',
                    ("score", "themes", name, "rows", position, "gate"),
                    remedy=there_are(gate_ids),
                )
    return ScoreRules(
        themes=tuple(
            Theme(
                name=name,
                rows=tuple(_row(one) for one in theme.rows),
                minimum=_exact(theme.minimum),
            )
            for name, theme in sorted(keys.themes.items())
        ),
        minimum=_exact(keys.minimum),
        hold=keys.hold,
    )


def _row(keys: ScoreRowKeys) -> ScoreRow:
    if keys.metric is None:
        return ScoreRow(gate=keys.gate, points=keys.points)
    return ScoreRow(
        gate=keys.gate,
        points=keys.points,
        metric=keys.metric,
        zero_at=Fraction(str(keys.zero_at)),
        full_at=Fraction(str(keys.full_at)),
    )


def _exact(percent: float | None) -> Fraction | None:
    return None if percent is None else Fraction(str(percent))
