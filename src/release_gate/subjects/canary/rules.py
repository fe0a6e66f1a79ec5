"""What the rounds of a step say: each rule is clear, tripped or unsettled.

No rule is clear by default: without rounds, without requests, without a number it is unsettled,
and an unsettled rule never lets a step pass. An error counts as a failure in every one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import takewhile
from typing import Literal

from release_gate.subjects.canary.counters import counted
from release_gate.subjects.canary.record import Reading, Round, Seen, Told
from release_gate.subjects.canary.settings import CanarySettings, MetricKeys, RuleKeys
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.statistics import quantiles, ratios, shares

Colour = Literal["clear", "tripped", "unsettled"]
_LEVELS = {"p50": Fraction(1, 2), "p95": Fraction(95, 100), "p99": Fraction(99, 100)}


def judge_rules(
    settings: CanarySettings, every: Sequence[Round], here: Sequence[Round]
) -> tuple[Told, ...]:
    """What every rule says, in a fixed order.

    Args:
        settings: With the limits.
        every: All rounds so far, oldest first.
        here: Those of the present step.
    """
    return tuple(_told(settings, every, here))


def _told(
    settings: CanarySettings, every: Sequence[Round], here: Sequence[Round]
) -> Iterator[Told]:
    rules = settings.rules
    yield consecutive(rules, every, here)
    for name in rules.fatal:
        yield _fatal(name, here)
    if rules.failure_rate is not None:
        yield failure_rate(rules, every, here)
    found = _latencies(one.canary for one in here)
    lately = _latencies(one.canary for one in here[-rules.window :])
    for name, limit in rules.percentiles():
        yield _percentile(name, limit, rules.least, found, lately)
    if rules.error_rate is not None:
        yield _error_rate(rules.error_rate, *requests_of(settings, here))
    yield from _ratios(settings, here)
    for metric in settings.metrics:
        yield _metric(metric, here)
    yield from _limited(here)


def consecutive(rules: RuleKeys, every: Sequence[Round], here: Sequence[Round]) -> Told:
    """Rounds in a row that did not pass, those of earlier steps included.

    Args:
        rules: With the limit.
        every: All rounds so far, oldest first.
        here: Those of the present step.
    """
    bad = sum(1 for _ in takewhile(lambda one: not one.canary.passed, reversed(every)))
    limit = rules.consecutive_failures
    last = f": {_first_bad(every[-1].canary)}" if bad else ""
    what = f"{bad} of at most {limit - 1} failed rounds in a row{last}"
    if bad >= limit:
        return Told(rule="consecutive-failures", colour="tripped", what=what)
    clear = bad == 0 and len(here) > 0
    return Told(rule="consecutive-failures", colour="clear" if clear else "unsettled", what=what)


def failure_rate(rules: RuleKeys, every: Sequence[Round], here: Sequence[Round]) -> Told:
    """Share of the rounds in the window that did not pass.

    Args:
        rules: With the limit and the window.
        every: All rounds so far, oldest first; they may trip it.
        here: Those of the present step; they alone may clear it.
    """
    limit = rules.failure_rate or 0.0
    window = every[-rules.window :]
    bad = sum(not one.canary.passed for one in window)
    what = f"{bad} of the last {len(window)} rounds failed, at most {limit:g} % may"
    colour: Colour = "unsettled"
    if len(window) >= rules.least and bad * 100 > limit * len(window):
        colour = "tripped"
    elif len(here) >= rules.least:
        colour = "clear"
    else:
        what += f"; {rules.least - len(here)} more rounds of this step are needed"
    return Told(rule="failure-rate", colour=colour, what=what)


def requests_of(settings: CanarySettings, here: Sequence[Round]) -> tuple[int, int, str]:
    """Requests that were judged in a step, how many of them failed, and why if nobody knows.

    Args:
        settings: Say whether real traffic counts.
        here: Rounds of the step.
    """
    if settings.traffic is None:
        asked = sum(one.canary.asked for one in here)
        return asked, sum(len(one.canary.bad) for one in here), ""
    return counted([one.requests for one in here], [one.errors for one in here])


def _limited(here: Sequence[Round]) -> Iterator[Told]:
    """What was not asked as it should be proves nothing: an unverified certificate."""
    for name, detail in sorted({pair for one in here for pair in one.limitations}):
        yield Told(rule=f"limitation {name}", colour="unsettled", what=detail)


def _fatal(name: str, here: Sequence[Round]) -> Told:
    rule = f"fatal {name}"
    for one in here:
        why = next((why for bad, why in one.canary.bad.items() if _is(bad, name)), None)
        if why is not None:
            return Told(rule=rule, colour="tripped", what=f"{name} did not pass: {why}")
    colour: Colour = "clear" if here else "unsettled"
    return Told(rule=rule, colour=colour, what=f"{name} passed in {len(here)} rounds")


def _is(bad: str, name: str) -> bool:
    """Whether a check is the named one, or one instance of it, or one of a pack's."""
    return bad == name or bad.startswith((f"{name}@", f"{name}/"))


def _percentile(
    name: str, limit: Duration, least: int, found: list[int], lately: list[int]
) -> Told:
    """Clear over the whole step alone; tripped by it, or by its last rounds."""
    whole = _of_sample(name, limit, least, found)
    if whole.colour == "tripped" or len(lately) == len(found):
        return whole
    end = _of_sample(name, limit, least, lately)
    return end if end.colour == "tripped" else whole


def _of_sample(name: str, limit: Duration, least: int, found: list[int]) -> Told:
    level, limit_us = _LEVELS[name], round(seconds(limit, name) * 1e6)
    if len(found) < least:
        what = f"{name} of {len(found)} requests says nothing, at least {least} are needed"
        return Told(rule=name, colour="unsettled", what=what)
    ordered = sorted(found)
    low, high = quantiles.bounds(ordered, level)
    value = quantiles.quantile(ordered, level)
    what = (
        f"{name} {_ms(value)} in {len(ordered)} requests, 95 % interval {_ms(low)} to {_ms(high)}, "
        f"at most {_ms(limit_us)}"
    )
    if low is not None and low > limit_us:
        return Told(rule=name, colour="tripped", what=what)
    if high is not None and high <= limit_us:
        return Told(rule=name, colour="clear", what=what)
    more = quantiles.more(ordered, level, limit_us)
    return Told(rule=name, colour="unsettled", what=what + _needs(more))


def _error_rate(limit: float, asked: int, failed: int, unknown: str) -> Told:
    rule = "error-rate"
    if unknown or asked < 1:
        what = unknown or "no request was judged"
        return Told(rule=rule, colour="unsettled", what=f"{what}: no share of errors")
    low, high = (100 * bound(failed, asked) for bound in (shares.lower, shares.upper))
    what = (
        f"{failed:,} of {asked:,} requests failed, 95 % bounds {low:.3f} % and {high:.3f} %, "
        f"at most {limit:g} %"
    )
    if low > limit:
        return Told(rule=rule, colour="tripped", what=what)
    if high <= limit:
        return Told(rule=rule, colour="clear", what=what)
    more = shares.more(failed, asked, limit / 100)
    return Told(rule=rule, colour="unsettled", what=what + _needs(more))


def _ratios(settings: CanarySettings, here: Sequence[Round]) -> Iterator[Told]:
    rules = settings.rules
    pairs = [one for one in here if one.control is not None]
    new = _latencies(one.canary for one in pairs)
    old = _latencies(one.control for one in pairs if one.control is not None)
    if rules.p95_ratio is not None:
        yield _ratio("p95-ratio", rules.p95_ratio, rules.least, (new, old), settings.seed)
    if rules.mean_ratio is not None:
        yield _ratio("mean-ratio", rules.mean_ratio, rules.least, (new, old), settings.seed)


def _ratio(
    rule: str, limit: float, least: int, samples: tuple[list[int], list[int]], seed: int
) -> Told:
    new, old = samples
    fewest = min(len(new), len(old))
    if fewest < least:
        what = f"{len(new)} requests against {len(old)} of the control, {least} of each are needed"
        return Told(rule=rule, colour="unsettled", what=what)
    if rule == "p95-ratio":
        found = ratios.of_quantiles(sorted(new), sorted(old), _LEVELS["p95"], seed)
    else:
        found = ratios.of_means(new, old, seed)
    what = (
        f"{found.estimate:.3g} times the control, 95 % interval {found.low:.3g} to "
        f"{found.high:.3g}, at most {limit:g} ({len(new)} against {len(old)}; {found.method})"
    )
    if found.low > limit:
        return Told(rule=rule, colour="tripped", what=what)
    if found.high <= limit:
        return Told(rule=rule, colour="clear", what=what)
    return Told(
        rule=rule, colour="unsettled", what=what + _needs(ratios.more(found, fewest, limit))
    )


def _metric(keys: MetricKeys, here: Sequence[Round]) -> Told:
    rule = f"metric {keys.name}"
    read = [one.metrics.get(keys.name, Reading(why="it was not read")) for one in here]
    if not read:
        return Told(rule=rule, colour="unsettled", what=f"{keys.name} was never read")
    last = read[-1]
    if last.value is None or not math.isfinite(last.value):
        what = f"{keys.name} could not be read: {last.why or 'it is no number'}"
        return Told(rule=rule, colour="unsettled", what=what)
    # One that could not be read is left out: outside, unread, outside is twice outside.
    known = [one for one in read if one.value is not None and math.isfinite(one.value)]
    outside = sum(1 for _ in takewhile(lambda one: _is_outside(keys, one), reversed(known)))
    what = f"{keys.name} is {last.value:g}, {_limits(keys)}"
    if outside >= keys.rounds:
        return Told(rule=rule, colour="tripped", what=f"{what}, {outside} rounds in a row")
    return Told(rule=rule, colour="unsettled" if outside else "clear", what=what)


def _is_outside(keys: MetricKeys, reading: Reading) -> bool:
    value = math.nan if reading.value is None else reading.value
    within = (keys.at_most is None or value <= keys.at_most) and (
        keys.at_least is None or value >= keys.at_least
    )
    return not within


def _limits(keys: MetricKeys) -> str:
    named = (("at least", keys.at_least), ("at most", keys.at_most))
    return " and ".join(f"{word} {limit:g}" for word, limit in named if limit is not None)


def _latencies(sides: Iterator[Seen]) -> list[int]:
    return [max(one, 1) for side in sides for one in side.latencies_us]


def _first_bad(seen: Seen) -> str:
    if not seen.bad:
        return "no check was asked"
    name, why = min(seen.bad.items())
    more = f" (and {len(seen.bad) - 1} more)" if len(seen.bad) > 1 else ""
    return f"{name}: {why}{more}"


def _needs(more: int | None) -> str:
    return f"; needs about {more:,} more" if more else ""


def _ms(microseconds: int | None) -> str:
    return "unknown" if microseconds is None else f"{microseconds / 1000:g} ms"
