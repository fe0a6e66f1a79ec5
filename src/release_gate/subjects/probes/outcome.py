"""What came of each check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from release_gate.subjects.probes.planned import PlannedCheck
from release_gate.subjects.probes.told import Told

State = Literal["passed", "failed", "unjudged", "not-run"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One look, on the time line.

    Args:
        at_s: Seconds since the check began.
        line: What the probe said of it.
        meaning: ``answered``, ``not yet``, ``tolerated``, ``asked again``, ``ended``.
    """

    at_s: float
    line: str
    meaning: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one check; no text is cut or redacted yet.

    Args:
        check: Which one.
        state: ``unjudged`` and ``not-run`` are never a pass.
        told: Every operator, in order.
        reason: Why it is not passed, one sentence.
        remedy: What to do next.
        attempts: The time line.
        excerpt: Of the last answer.
        limitations: Name and detail.
        started_s: Seconds since the suite began.
        duration_s: Seconds, pauses and waiting for the rate included.
        answered_s: Seconds that the last answer took, where the probe measured that.
    """

    check: PlannedCheck
    state: State
    told: tuple[Told, ...] = ()
    reason: str = ""
    remedy: str = ""
    attempts: tuple[Attempt, ...] = ()
    excerpt: tuple[str, ...] = ()
    limitations: tuple[tuple[str, str], ...] = ()
    started_s: float = 0.0
    duration_s: float = 0.0
    answered_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SuiteResult:
    """What came of a suite.

    Args:
        outcomes: One for each planned check, in the plan's order.
        stopped: Whether the run was being ended meanwhile.
        duration_s: Seconds.
    """

    outcomes: tuple[Outcome, ...]
    stopped: bool
    duration_s: float

    @property
    def passed(self) -> bool:
        """Whether every check that decides has passed, and there is one."""
        deciding = [one for one in self.outcomes if one.check.keys.enforce]
        whole = bool(deciding) and not self.stopped
        return whole and all(one.state == "passed" for one in deciding)
