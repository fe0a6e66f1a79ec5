"""Keys of a ``load`` gate."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

import msgspec

from release_gate.api import Limit, Settings
from release_gate.subjects.http.settings import HttpSettings
from release_gate.subjects.load import compare
from release_gate.subjects.load.figures import ERROR_RATE, RATE, Aims
from release_gate.subjects.load.reports.detect import Format
from release_gate.subjects.load.requests import unsendable
from release_gate.subjects.load.schedule import MOST_IN_FLIGHT, Step, schedule
from release_gate.subjects.probes.durations import Duration, seconds

_MICROSECONDS = 1_000_000
_MORE = "Read the table of outcomes; a profile of the slowest request says where the time goes."

Positive = Annotated[float, msgspec.Meta(gt=0)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
InFlight = Annotated[int, msgspec.Meta(ge=1, le=MOST_IN_FLIGHT)]
Status = Annotated[int, msgspec.Meta(ge=100, le=599)]


class StepKeys(Settings, frozen=True, kw_only=True):
    """A constant rate for some time.

    Args:
        rate: Requests a second.
        duration: How long.
    """

    rate: Positive
    duration: Duration


class Versus(Settings, frozen=True, kw_only=True):
    """What the release is compared with, and how much worse it may be.

    Args:
        baseline: A stored run, relative to the root: ``load-run.json`` of an earlier run.
        control: Address of another release that gets the same load at the same time; its host
            must be among the environment's ``hosts``.
        p95: Highest ratio of the 95th percentiles.
        mean: Highest ratio of the means.
        error_rate: Highest ratio of the error rates.
        error_floor: Error rates below this many percent count as it.
        judge: Which of the three are judged.
    """

    baseline: str = ""
    control: str = ""
    p95: Positive = 1.05
    mean: Positive = 1.05
    error_rate: Positive = 1.05
    error_floor: Annotated[float, msgspec.Meta(gt=0, le=100)] = 0.1
    judge: Annotated[
        tuple[Literal["p95", "mean", "error-rate"], ...], msgspec.Meta(min_length=1)
    ] = ("p95", "mean", "error-rate")

    def __post_init__(self) -> None:
        """Refuse a comparison with nothing, or with two things."""
        if bool(self.baseline) == bool(self.control):
            raise ValueError("baseline or control must be there, one of them")

    def ratios(self) -> dict[str, float]:
        """Highest ratio by the name of the metric, of those that are judged."""
        every = {
            "p95": (compare.P95, self.p95),
            "mean": (compare.MEAN, self.mean),
            "error-rate": (compare.ERROR_RATE, self.error_rate),
        }
        return dict(every[name] for name in self.judge)


class LoadSettings(Settings, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.gates.load]``.

    Args:
        rate: Requests a second, at most 200.
        duration: How long, as in ``"60s"``.
        steps: Several rates, one after the other, in place of ``rate`` and ``duration``.
        requests: What is sent, in turn: the keys of a check's ``http`` table; none: ``GET /``.
        statuses: Status codes that are good; none: 200 to 299.
        timeout: How long each request has.
        in_flight: How many may be under way at once, at most 50.
        max_p50: Highest median latency, as in ``"40ms"``.
        max_p95: Highest 95th percentile.
        max_p99: Highest 99th percentile.
        max_error_rate: Highest share of failed requests, in percent.
        min_rate: Lowest number of requests a second that are answered as they should be.
        max_lag: How late 99 of 100 requests may be sent by the generator's own fault.
        versus: A stored run or a control that the release is compared with.
        seed: Of the resampling.
        machine: A name for the machine that sends; stored runs of another one are not compared.
        report: Judge the report of a load tool instead of sending anything; relative to the root.
        format: Tool that the report must be of.
        judged_on: Whether limits are compared with 95 % bounds, or, of a report, with its values.
    """

    rate: Positive = 10
    duration: Duration = "60s"
    steps: tuple[StepKeys, ...] = ()
    requests: tuple[HttpSettings, ...] = ()
    statuses: tuple[Status, ...] = ()
    timeout: Duration = "5s"
    in_flight: InFlight = MOST_IN_FLIGHT
    max_p50: Duration | None = None
    max_p95: Duration | None = None
    max_p99: Duration | None = None
    max_error_rate: Percent = 1.0
    min_rate: Positive | None = None
    max_lag: Duration = "50ms"
    versus: Versus | None = None
    seed: int = 20_260_101
    machine: str = ""
    report: str = ""
    format: Format = "auto"
    judged_on: Literal["bounds", "value"] = "bounds"

    def __post_init__(self) -> None:
        """Refuse what can never be meant.

        Raises:
            ValueError: With the key in front.
        """
        timeout = seconds(self.timeout, "timeout")
        seconds(self.max_lag, "max-lag")
        for name, limit in self.latencies().items():
            if not self.report and limit >= timeout:
                raise ValueError(f"max-{name} must be below timeout: nothing slower is seen")
        for request in self.requests:
            if (why := unsendable(request)) is not None:
                raise ValueError(f"requests: {why}")
        if self.report:
            if self.versus:
                raise ValueError("versus compares requests of our own: it goes without report")
            return
        if self.judged_on == "value":
            raise ValueError("judged-on: values are compared of a report only")
        try:
            schedule(self.plan(), self.arms)
        except ValueError as error:
            raise ValueError(f"rate: {error}") from error
        if self.min_rate is not None and self.min_rate >= self.offered:
            raise ValueError(f"min-rate must be below the {self.offered:g}/s that are sent")

    @property
    def sent(self) -> tuple[HttpSettings, ...]:
        """The requests, in turn."""
        return self.requests or (HttpSettings(path="/"),)

    @property
    def arms(self) -> int:
        """How many services get the load."""
        return 2 if self.versus and self.versus.control else 1

    @property
    def offered(self) -> float:
        """Requests a second on average."""
        steps = self.plan()
        total = sum(step.rate * step.duration_s for step in steps)
        return float(total / sum(step.duration_s for step in steps))

    def plan(self) -> tuple[Step, ...]:
        """The steps."""
        keys = self.steps or (StepKeys(rate=self.rate, duration=self.duration),)
        return tuple(
            Step(
                rate=Fraction(str(step.rate)),
                duration_s=Fraction(str(seconds(step.duration, "duration"))),
            )
            for step in keys
        )

    def latencies(self) -> dict[str, float]:
        """Limits in seconds by the name of the percentile."""
        keys = {"p50": self.max_p50, "p95": self.max_p95, "p99": self.max_p99}
        return {
            name: seconds(value, f"max-{name}") for name, value in keys.items() if value is not None
        }

    def aims(self) -> Aims:
        """The limits, for saying how much more would settle them."""
        latencies = self.latencies().items()
        return Aims(
            latency_us={name: round(value * _MICROSECONDS) for name, value in latencies},
            error_rate=self.max_error_rate / 100,
            rate=self.min_rate,
        )


def limits(settings: LoadSettings) -> tuple[Limit, ...]:
    """What the metrics must keep to."""
    bounds = settings.judged_on == "bounds"
    found = [
        Limit(
            metric=name,
            at_most=Fraction(str(round(value * _MICROSECONDS))) / 1000,
            origin=f"max-{name}",
            advice=_MORE,
            on_bounds=bounds,
            optional=bool(settings.report),
        )
        for name, value in settings.latencies().items()
    ]
    found.append(
        Limit(
            metric=ERROR_RATE,
            at_most=Fraction(str(settings.max_error_rate)),
            origin="max-error-rate",
            advice="Read the table of outcomes, and the service's log.",
            on_bounds=bounds,
            optional=bool(settings.report),
        )
    )
    if settings.min_rate is not None:
        found.append(
            Limit(
                metric=RATE,
                at_least=Fraction(str(settings.min_rate)),
                origin="min-rate",
                on_bounds=bounds,
                optional=bool(settings.report),
            )
        )
    for name, most in (settings.versus.ratios() if settings.versus else {}).items():
        found.append(
            Limit(
                metric=name,
                at_most=Fraction(str(most)),
                origin=f"versus.{name.removesuffix('-ratio')}",
                advice="Compare the two releases; the table of the comparison has the shift.",
                on_bounds=True,
                optional=True,
            )
        )
    return tuple(found)
