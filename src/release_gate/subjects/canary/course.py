"""Where a canary stands and what comes next: a pure function of what is written down.

The same entries give the same next move, in whichever process they were written: that is why a
canary that was killed decides, once it is resumed, as if it had never been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from release_gate.subjects.canary.record import Decided, Done, Entry, Intent, Kind, Round, Told
from release_gate.subjects.canary.rules import judge_rules, requests_of
from release_gate.subjects.canary.settings import CanarySettings, StepKeys

End = Literal["promoted", "rolled-back", "tripped", "rollback-failed", "held"]
"""``tripped``: a rule says to roll back, and no rollback is configured (a watch)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something is to be done; a key that is there already is to be used again.

    Args:
        action: What.
        step: At which step.
        weight: That is switched to.
        key: Of an attempt whose end nobody knows; ``None``: it was not begun.
    """

    action: Kind
    step: int
    weight: float
    key: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One more round of the step."""

    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Decide:
    """Something is decided and is to be written down."""

    step: int
    choice: Literal["promote", "roll-back", "hold"]
    rule: str
    reason: str
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """Nothing comes any more."""

    end: End
    reason: str


Move = Act | Look | Decide | Ended


def next_move(settings: CanarySettings, entries: Sequence[Entry]) -> Move:
    """What comes next.

    Args:
        settings: With steps, rules and actions.
        entries: All that is written down, oldest first.
    """
    decided = [one for one in entries if isinstance(one, Decided)]
    back = next((one for one in decided if one.choice == "roll-back"), None)
    if back is not None:
        return _backwards(settings, entries, back)
    step = sum(one.choice == "promote" for one in decided)
    if step >= len(settings.steps):
        return _forwards(settings, entries, len(settings.steps) - 1)
    return _within(settings, entries, step)


def decision(
    settings: CanarySettings, step: int, every: Sequence[Round], base_s: float = 0.0
) -> Decide | None:
    """What the rounds decide; ``None``: nothing yet, hold and look on.

    A tripped rule rolls back at once. A step passes when its hold was watched in full, enough
    requests were judged, and every rule is clear. What is still open at the deadline follows
    ``at-deadline``.

    Args:
        settings: With the rules.
        step: The present one's position.
        every: All rounds so far, oldest first.
        base_s: Watched seconds after which the deadline began anew.
    """
    keys = settings.steps[step]
    here = [one for one in every if one.step == step]
    told = judge_rules(settings, every, here)
    tripped = next((one for one in told if one.colour == "tripped"), None)
    if tripped is not None:
        return Decide(
            step=step, choice="roll-back", rule=tripped.rule, reason=tripped.what, told=told
        )
    held_s = here[-1].held_s if here else 0.0
    open_ = (*_missing(settings, keys, here, held_s), *_unsettled(told))
    if not open_:
        reason = f"watched for {held_s:g} s, and every rule is clear"
        return Decide(step=step, choice="promote", rule="all", reason=reason, told=told)
    if held_s - base_s >= keys.deadline_s:
        reason = f"not decided after {held_s:g} s: {'; '.join(open_)}"
        choice = settings.at_deadline
        return Decide(step=step, choice=choice, rule="deadline", reason=reason, told=told)
    return None


def open_points(settings: CanarySettings, step: int, every: Sequence[Round]) -> tuple[str, ...]:
    """What keeps a step from being passed.

    Args:
        settings: With the rules.
        step: The present one's position.
        every: All rounds so far.
    """
    here = [one for one in every if one.step == step]
    held_s = here[-1].held_s if here else 0.0
    told = judge_rules(settings, every, here)
    return (*_missing(settings, settings.steps[step], here, held_s), *_unsettled(told))


def rounds_of(entries: Sequence[Entry]) -> tuple[Round, ...]:
    """All rounds, oldest first."""
    return tuple(one for one in entries if isinstance(one, Round))


def _missing(
    settings: CanarySettings, keys: StepKeys, here: Sequence[Round], held_s: float
) -> tuple[str, ...]:
    asked, _, unknown = requests_of(settings, here)
    found = []
    if not here:
        found.append("nothing was asked yet")
    if held_s < keys.hold_s:
        found.append(f"watched for {held_s:g} of {keys.hold_s:g} s")
    if unknown:
        found.append(unknown)
    elif asked < keys.min_requests:
        found.append(f"{asked:,} of {keys.min_requests:,} requests were judged")
    return tuple(found)


def _unsettled(told: Sequence[Told]) -> tuple[str, ...]:
    return tuple(f"{one.rule}: {one.what}" for one in told if one.colour == "unsettled")


def _within(settings: CanarySettings, entries: Sequence[Entry], step: int) -> Move:
    keys = settings.steps[step]
    last = entries[-1] if entries else None
    if isinstance(last, Decided) and last.choice == "hold":
        return Ended(end="held", reason=last.reason)
    if settings.set_weight is not None and keys.weight > 0:
        intent, done = _attempt(entries, "set-weight", step)
        if done is None:
            return _act("set-weight", step, keys.weight, intent)
        if not done.ok:
            return _failed(step, "set-weight", done)
    every = rounds_of(entries)
    if not isinstance(last, Round) or last.step != step:
        return Look(step=step)
    return decision(settings, step, every, _base_s(entries, step)) or Look(step=step)


def _base_s(entries: Sequence[Entry], step: int) -> float:
    """Watched seconds of the step at its last hold: who resumes gives it a deadline anew."""
    base_s = held_s = 0.0
    for one in entries:
        if isinstance(one, Round) and one.step == step:
            held_s = one.held_s
        elif isinstance(one, Decided) and one.choice == "hold":
            base_s = held_s
    return base_s


def _forwards(settings: CanarySettings, entries: Sequence[Entry], step: int) -> Move:
    reason = "every step was passed"
    if settings.promote is None:
        return Ended(end="promoted", reason=reason)
    intent, done = _attempt(entries, "promote", step)
    if done is None:
        return _act("promote", step, settings.steps[step].weight, intent)
    return Ended(end="promoted", reason=reason) if done.ok else _failed(step, "promote", done)


def _backwards(settings: CanarySettings, entries: Sequence[Entry], back: Decided) -> Move:
    if settings.rollback is None:
        return Ended(end="tripped", reason=back.reason)
    intent, done = _attempt(entries, "rollback", back.step)
    if done is None:
        return _act("rollback", back.step, 0.0, intent)
    if done.ok:
        return Ended(end="rolled-back", reason=back.reason)
    return Ended(end="rollback-failed", reason=f"the rollback itself failed: {done.what}")


def _attempt(
    entries: Sequence[Entry], action: Kind, step: int
) -> tuple[Intent | None, Done | None]:
    intents = [
        one
        for one in entries
        if isinstance(one, Intent) and one.action == action and one.step == step
    ]
    if not intents:
        return None, None
    intent = intents[-1]
    done = [one for one in entries if isinstance(one, Done) and one.key == intent.key]
    return intent, done[-1] if done else None


def _act(action: Kind, step: int, weight: float, intent: Intent | None) -> Act:
    return Act(action=action, step=step, weight=weight, key=intent.key if intent else None)


def _failed(step: int, action: Kind, done: Done) -> Decide:
    reason = f"{action} failed: {done.what}"
    return Decide(step=step, choice="roll-back", rule="action", reason=reason)
