"""The keys of the probe ``logs``."""

from __future__ import annotations

import re

import msgspec

from release_gate.subjects.probes.contract import ProbeSettings
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.services.log_sources import Source
from release_gate.subjects.services.log_times import Times


class Heartbeat(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """A line that has to come again and again.

    Args:
        pattern: Regular expression of the line.
        max_gap: Longest time without one, also from the window's start and to its end.
        services: Names of the sources it must come in; empty: in all.
    """

    pattern: str
    max_gap: Duration
    services: tuple[str, ...] = ()


class LogsSettings(ProbeSettings, frozen=True, kw_only=True):
    """Which logs, and what they must hold.

    Args:
        sources: The services' logs, each with a name.
        trace: Text (an id) that must stand in every source.
        order: Names of sources in the order in which the trace must first appear in them.
        holds: Texts that must each stand somewhere.
        required: Regular expressions that must each match some line.
        forbidden: Regular expressions that must match no line.
        permitted: Regular expressions of lines that are never forbidden.
        heartbeat: A line that has to come again and again; needs ``window``.
        window: Only lines that were written in this time before now count.
        time: How the time stands in a line.
        max_bytes: A log larger than this is not judged at all.
    """

    sources: tuple[Source, ...]
    trace: str | None = None
    order: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    heartbeat: Heartbeat | None = None
    window: Duration | None = None
    time: Times = Times()
    max_bytes: int = 256 << 20

    def __post_init__(self) -> None:
        """Refuse a check of nothing, unknown names, and expressions that are none.

        Raises:
            ValueError: With the key.
        """
        names = [source.name for source in self.sources]
        if not names or len(set(names)) != len(names):
            raise ValueError("sources must be one or more, each with a name of its own")
        if self.trace is None and not (
            self.holds or self.required or self.forbidden or self.heartbeat
        ):
            raise ValueError("write trace, holds, required, forbidden or heartbeat")
        if self.order and self.trace is None:
            raise ValueError('order is about "trace"')
        beats = self.heartbeat.services if self.heartbeat else ()
        unknown = sorted({*self.order, *beats} - set(names))
        if unknown:
            raise ValueError(f"no source is named {', '.join(unknown)}")
        if self.heartbeat and self.window is None:
            raise ValueError('heartbeat needs a "window": gaps are looked for from end to end')
        self._check_expressions()

    def _check_expressions(self) -> None:
        if self.window is not None:
            seconds(self.window, "window")
        beat = (self.heartbeat.pattern,) if self.heartbeat else ()
        if self.heartbeat:
            seconds(self.heartbeat.max_gap, "max-gap")
        for pattern in (*self.required, *self.forbidden, *self.permitted, *beat):
            try:
                if re.compile(pattern).search(""):
                    raise ValueError(f'"{pattern}" matches anything')
            except re.error as error:
                raise ValueError(f'"{pattern}" is no regular expression: {error}') from error
