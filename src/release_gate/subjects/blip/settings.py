"""Keys of a ``blip`` gate."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import msgspec

from release_gate.api import Limit, Settings
from release_gate.subjects.http.settings import HttpSettings
from release_gate.subjects.load.requests import unsendable
from release_gate.subjects.load.schedule import MOST_IN_FLIGHT
from release_gate.subjects.probes.durations import Duration, seconds

LONGEST, FAILED = "longest-outage", "failed-probes"
_SHORTEST_S, _WIDEST_S = 0.1, 0.25

Status = Annotated[int, msgspec.Meta(ge=100, le=599)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class BlipSettings(Settings, frozen=True, kw_only=True):
    """Keys of ``[tool.release-gate.gates.blip]``.

    Args:
        request: What is asked: the keys of a check's ``http`` table; default: ``GET /``.
        statuses: Status codes that are good; none: 200 to 299.
        interval: Time between two probes, 100 to 250 ms.
        timeout: How long each probe has.
        duration: How long the meter runs: the whole drill and some time around it.
        drill: Program and arguments that cause the fail-over, without a shell; empty: someone
            else causes it meanwhile.
        settle: How long the service must answer before the drill is started.
        max_outage: Longest outage allowed.
        max_failed: Most failed probes allowed; 0 for a rolling update.
    """

    request: HttpSettings | None = None
    statuses: tuple[Status, ...] = ()
    interval: Duration = "200ms"
    timeout: Duration = "1s"
    duration: Duration = "2m"
    drill: tuple[str, ...] = ()
    settle: Duration = "2s"
    max_outage: Duration = "30s"
    max_failed: Count | None = None

    @property
    def asked(self) -> HttpSettings:
        """The request."""
        return self.request or HttpSettings(path="/")

    def __post_init__(self) -> None:
        """Refuse what can never be meant.

        Raises:
            ValueError: With the key in front.
        """
        interval, timeout = seconds(self.interval, "interval"), seconds(self.timeout, "timeout")
        duration = seconds(self.duration, "duration")
        if not _SHORTEST_S <= interval <= _WIDEST_S:
            raise ValueError(f"interval must be 100ms to 250ms, not {self.interval}")
        if timeout > interval * (MOST_IN_FLIGHT - 1):
            most = interval * (MOST_IN_FLIGHT - 1)
            raise ValueError(f"timeout must be at most {most:g}s at this interval")
        if (why := unsendable(self.asked)) is not None:
            raise ValueError(f"request: {why}")
        if seconds(self.settle, "settle") >= duration:
            raise ValueError("settle must be shorter than duration")
        if seconds(self.max_outage, "max-outage") >= duration:
            raise ValueError("max-outage must be shorter than duration: no longer one is seen")


def limits(settings: BlipSettings) -> tuple[Limit, ...]:
    """The longest outage, and the number of failed probes where it is limited."""
    found = [
        Limit(
            metric=LONGEST,
            at_most=Fraction(str(seconds(settings.max_outage, "max-outage"))),
            origin="max-outage",
            advice="The table of outages has the moments and how the probes failed.",
            on_bounds=True,
            optional=True,
        )
    ]
    if settings.max_failed is not None:
        found.append(
            Limit(
                metric=FAILED,
                at_most=Fraction(settings.max_failed),
                origin="max-failed",
                advice="The table of outages has the moments and how the probes failed.",
            )
        )
    return tuple(found)
