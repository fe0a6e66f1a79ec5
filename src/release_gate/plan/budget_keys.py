"""Keys of the configuration that say how many findings, how far back, how many days."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

from release_gate.model import Budget, Leeway, Ratchet, Severity
from release_gate.plan.key_types import Count, Keys, Name


class MitigatedLimit(Keys, frozen=True, kw_only=True):
    """How many findings of one severity are allowed, and what each of them needs.

    Args:
        max: The most. All of that severity count: new, known and waived ones.
        requires: ``"mitigation"``: each is covered by a waiver in which one is written down.
    """

    max: Count
    requires: Literal["mitigation"]


Limit = Count | MitigatedLimit


class SeverityLimits(Keys, frozen=True, kw_only=True):
    """How many new findings of each severity are allowed: a number, or with what each needs.

    Args:
        critical: Of severity critical.
        high: Of severity high.
        medium: Of severity medium.
        low: Of severity low.
        info: Of severity info; any number where it is not named.
        unknown: Without a severity; they count as high.
    """

    critical: Limit = 0
    high: Limit = 0
    medium: Limit = 0
    low: Limit = 0
    info: Limit | None = None
    unknown: Limit = 0

    def budget(self) -> Budget:
        """The same as policy takes it."""
        named: dict[Severity, int | MitigatedLimit | None] = {
            severity: getattr(self, severity.value) for severity in Severity
        }
        strict = {s: one for s, one in named.items() if isinstance(one, MitigatedLimit)}
        plain = {s: one for s, one in named.items() if isinstance(one, int)}
        allowed = {**plain, **{s: one.max for s, one in strict.items()}}
        return Budget(
            allowed={s: allowed[s] for s in Severity if s in allowed},
            mitigated=frozenset(strict),
        )


class RatchetKeys(Keys, frozen=True, kw_only=True):
    """A ratchet of which more is said than the tolerance.

    Args:
        tolerance: How far the metric may fall behind its best value, in its unit.
        better: Which way is better, where neither the metric's name nor a limit says it.
    """

    tolerance: int | float = 0
    better: Literal["higher", "lower"] | None = None


class LeewayKeys(Keys, frozen=True, kw_only=True):
    """Days from the day an advisory was published in which it does not block yet.

    Args:
        with_fix: Where a release that fixes it is known.
        without_fix: Where none is.
    """

    with_fix: Count = 0
    without_fix: Count = 0

    def leeway(self) -> Leeway:
        """The same as policy takes it."""
        return Leeway(with_fix=self.with_fix, without_fix=self.without_fix)


def budget(limits: int | SeverityLimits | None) -> Budget:
    """What the key ``max`` allows.

    Args:
        limits: Its value.
    """
    if limits is None:
        return Budget()
    if isinstance(limits, int):
        return Budget(allowed={s: limits for s in Severity if s is not Severity.INFO})
    return limits.budget()


def ratchets(named: dict[Name, int | float | RatchetKeys]) -> tuple[Ratchet, ...]:
    """The ratchets of a gate, by metric.

    Args:
        named: Value of the key ``ratchet``.

    Raises:
        ValueError: If a tolerance is negative or no number; with the key's name in front.
    """
    return tuple(_ratchet(metric, value) for metric, value in sorted(named.items()))


def _ratchet(metric: str, value: float | RatchetKeys) -> Ratchet:
    keys = value if isinstance(value, RatchetKeys) else RatchetKeys(tolerance=value)
    if not math.isfinite(keys.tolerance) or keys.tolerance < 0:
        raise ValueError(f"ratchet of {metric}: a tolerance is 0 or more, not {keys.tolerance}")
    return Ratchet(metric=metric, tolerance=Fraction(str(keys.tolerance)), better=keys.better)


def shown_limits(allowed: Budget) -> str:
    """A budget in one line."""
    return ", ".join(
        f"{one} {allowed.allowed[one]}" + (" with a mitigation" if one in allowed.mitigated else "")
        for one in Severity
        if one in allowed.allowed
    )
