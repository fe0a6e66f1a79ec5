"""The configuration of a canary: what is asked, what is switched, what rolls back."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from release_gate.subjects.http.settings import HttpSettings
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.services.command import CommandSettings
from release_gate.subjects.services.metrics import MetricsSettings
from release_gate.subjects.smoke.settings import SmokeSettings

Percent = Annotated[float, msgspec.Meta(gt=0, le=100)]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
MetricName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class _Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Base of the tables of a canary."""


class StepKeys(_Keys, frozen=True, kw_only=True):
    """One ``[[canary.steps]]``.

    Args:
        weight: Share of the traffic in percent; 0: the new one on its own path, before any.
        hold: Time that it has to be watched for, in which it was really asked.
        min_requests: Requests that must have been judged besides, whatever the time.
        deadline: When it must be decided, from the beginning of the step; default: twice ``hold``.
    """

    weight: Annotated[float, msgspec.Meta(ge=0, le=100)]
    hold: Duration
    min_requests: Annotated[int, msgspec.Meta(ge=1)] = 1
    deadline: Duration | None = None

    def __post_init__(self) -> None:
        """Refuse a deadline before the hold is over.

        Raises:
            ValueError: With the key in front.
        """
        hold = seconds(self.hold, "hold")
        if self.deadline is not None and seconds(self.deadline, "deadline") < hold:
            raise ValueError("deadline is before the end of hold: it could never be promoted")

    @property
    def hold_s(self) -> float:
        """The hold in seconds."""
        return seconds(self.hold, "hold")

    @property
    def deadline_s(self) -> float:
        """The deadline in seconds."""
        return 2 * self.hold_s if self.deadline is None else seconds(self.deadline, "deadline")


class ActionKeys(_Keys, frozen=True, kw_only=True):
    """Something that is done: a command, or a webhook.

    Args:
        command: Program and arguments; no shell reads them. ``${weight}``, ``${key}`` (the
            idempotency key) and ``${env:NAME}`` may stand in the arguments.
        webhook: A request; ``Idempotency-Key`` is added to it. Any status of 200 to 299 is done.
        deadline: When it is ended, and counts as failed.
        by_hand: What a person has to do if it fails; shown then.
    """

    command: CommandSettings | None = None
    webhook: HttpSettings | None = None
    deadline: Duration = "5m"
    by_hand: str = ""

    def __post_init__(self) -> None:
        """Refuse an action that is none, or two.

        Raises:
            ValueError: With the key in front.
        """
        if (self.command is None) == (self.webhook is None):
            raise ValueError("command or webhook must be there, one of them")
        if self.webhook is not None and self.webhook.method not in {"POST", "PUT", "PATCH"}:
            raise ValueError("webhook.method must be POST, PUT or PATCH")
        seconds(self.deadline, "deadline")


class RuleKeys(_Keys, frozen=True, kw_only=True):
    """``[canary.rules]``: what rolls back, and what has to be proven before a promotion.

    Args:
        consecutive_failures: Rounds in a row with a check that did not pass.
        failure_rate: Percent of the rounds in the window.
        window: Rounds that ``failure-rate`` and the percentiles look back on.
        least: Rounds, and requests for a percentile, without which neither says anything.
        error_rate: Percent of requests, on 95 % bounds: over it rolls back, under it promotes.
        p50: Longest time for half of the requests, on 95 % bounds.
        p95: The same for 95 of 100.
        p99: The same for 99 of 100.
        p95_ratio: How many times slower than the control at most, on the 95 % interval.
        mean_ratio: The same of the mean.
        fatal: Checks of which a single failure rolls back.
    """

    consecutive_failures: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    failure_rate: Percent | None = 5.0
    window: Count = 60
    least: Count = 20
    error_rate: Percent | None = None
    p50: Duration | None = None
    p95: Duration | None = None
    p99: Duration | None = None
    p95_ratio: Annotated[float, msgspec.Meta(gt=0)] | None = None
    mean_ratio: Annotated[float, msgspec.Meta(gt=0)] | None = None
    fatal: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse lengths of time that are none, and a window that never says anything.

        Raises:
            ValueError: With the key in front.
        """
        for name, limit in self.percentiles():
            seconds(limit, name)
        if self.least > self.window:
            raise ValueError("least is more than window: the rule could never say anything")

    def percentiles(self) -> tuple[tuple[str, Duration], ...]:
        """Those that have a limit."""
        named = (("p50", self.p50), ("p95", self.p95), ("p99", self.p99))
        return tuple((name, limit) for name, limit in named if limit is not None)


class MetricKeys(_Keys, frozen=True, kw_only=True):
    """One ``[[canary.metrics]]``: a number that is read in each round.

    Args:
        name: For people.
        metrics: Where it comes from: the table of the probe ``metrics``.
        on: Which of the probe's numbers.
        at_most: Highest value.
        at_least: Lowest value.
        rounds: Rounds in a row that it must be outside to roll back.
        timeout: Of one look.
    """

    name: MetricName
    metrics: MetricsSettings
    on: Literal["value", "count", "sum", "min", "max", "mean", "last", "share", "quantile"] = (
        "value"
    )
    at_most: float | None = None
    at_least: float | None = None
    rounds: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    timeout: Duration = "10s"

    def __post_init__(self) -> None:
        """Refuse a number without a limit.

        Raises:
            ValueError: With the key in front.
        """
        if self.at_most is None and self.at_least is None:
            raise ValueError("at-most or at-least must be there: else nothing is judged")
        seconds(self.timeout, "timeout")


class TrafficKeys(_Keys, frozen=True, kw_only=True):
    """``[canary.traffic]``: the requests of real users, counted by the new version's own counters.

    Args:
        requests: Counter of all requests; the table of the probe ``metrics``.
        errors: Counter of those that failed.
        on: Which of the probe's numbers.
        timeout: Of one look.
    """

    requests: MetricsSettings
    errors: MetricsSettings
    on: Literal["value", "sum", "last"] = "value"
    timeout: Duration = "10s"

    def __post_init__(self) -> None:
        """Refuse a length of time that is none."""
        seconds(self.timeout, "timeout")


class CanarySettings(SmokeSettings, frozen=True):
    """Keys of ``[tool.release-gate.canary]``, and of ``environments.NAME.canary``.

    Args:
        checks: What is asked in each round; without any, those of the gate ``checks-of``.
        packs: Ready-made checks, one line each.
        files: Files with checks.
        at_once: How many checks run side by side.
        rate: Most requests a second to one origin.
        time_limit: Of one round.
        checks_of: The gate whose checks are asked where none stands here.
        canary: Address of what is new; default: the environment's target.
        canary_variable: Environment variable that holds it, where it is set.
        control: Address of what runs by now, asked at the same time; no default.
        control_variable: Environment variable that holds it, where it is set.
        interval: From the beginning of one round to that of the next.
        steps: In rising weight.
        rules: What rolls back.
        metrics: Numbers with limits.
        traffic: The requests of real users.
        set_weight: Switches the traffic at the beginning of each step of a weight above 0.
        promote: Done after the last step.
        rollback: Takes everything back.
        at_deadline: What is done with a step that is not decided at its deadline.
        on_interrupt: What Ctrl-C and SIGTERM do; a watch always holds.
        seed: Of the resampling behind the ratios.
    """

    files: tuple[str, ...] = ()
    time_limit: Duration = "1m"
    checks_of: str = "smoke"
    canary: str | None = None
    canary_variable: str | None = None
    control: str | None = None
    control_variable: str | None = None
    interval: Duration = "10s"
    steps: tuple[StepKeys, ...] = ()
    rules: RuleKeys = RuleKeys()
    metrics: tuple[MetricKeys, ...] = ()
    traffic: TrafficKeys | None = None
    set_weight: ActionKeys | None = None
    promote: ActionKeys | None = None
    rollback: ActionKeys | None = None
    at_deadline: Literal["roll-back", "hold"] = "roll-back"
    on_interrupt: Literal["roll-back", "hold"] = "roll-back"
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what could not be carried out.

        Raises:
            ValueError: With the key in front.
        """
        super().__post_init__()
        seconds(self.interval, "interval")
        for key, address in (("canary", self.canary), ("control", self.control)):
            if address is not None and (problem := address_problem(address)):
                raise ValueError(f"{key} {problem}")
        for place, (one, after) in enumerate(zip(self.steps, self.steps[1:], strict=False)):
            if after.weight <= one.weight:
                raise ValueError(f"steps[{place + 1}].weight must be above the step before it")
        names = [one.name for one in self.metrics]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f'metrics[{place}].name: "{name}" is there already')
        compares = self.rules.p95_ratio is not None or self.rules.mean_ratio is not None
        if compares and self.control is None and self.control_variable is None:
            raise ValueError("rules.p95-ratio and mean-ratio compare with a control: set control")


def address_problem(address: str) -> str:
    """Why something is no base address; empty if it is one.

    Args:
        address: As written.
    """
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError as error:
        return f"is no address: {error}"
    if url.scheme not in {"http", "https"} or not host:
        return "must begin with http:// or https:// and name a host"
    if url.username is not None or url.password is not None:
        return "must hold no user and password: use the auth of a check"
    return "must be a plain address" if url.query or url.fragment else ""
