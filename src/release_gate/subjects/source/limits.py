"""Limits that several gates over source code offer in the same words."""

from __future__ import annotations

from fractions import Fraction

from release_gate.api import Limit


def suppression_limits(most: int | None, most_new: int | None) -> tuple[Limit, ...]:
    """Limits on suppressing comments.

    Args:
        most: Most of them in all; ``None``: any number.
        most_new: Most that are new since the base; ``None``: any number. Not judged without
            a base.
    """
    limits = []
    if most is not None:
        limits.append(
            Limit(
                metric="suppressions",
                at_most=Fraction(most),
                origin="max-suppressions",
                advice="Mend what the comments hide, or raise max-suppressions.",
            )
        )
    if most_new is not None:
        limits.append(
            Limit(
                metric="suppressions-new",
                at_most=Fraction(most_new),
                origin="max-new-suppressions",
                advice="Mend it instead of hiding it, or raise max-new-suppressions.",
                optional=True,
            )
        )
    return tuple(limits)
