"""Probe ``tcp``: whether a port takes connections, and what it says."""

from __future__ import annotations

import re

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.services.wire import Wire, connected

_NOT_READ = Unreadable(reason='the check has no "until", so that nothing was read')
_SHOWN = 300


class TcpSettings(ProbeSettings, frozen=True, kw_only=True):
    r"""Where to connect, what to send, and until when to read.

    Args:
        host: Name or address.
        port: 1 to 65535.
        send: Text to send once connected; end lines with ``\r\n``.
        until: Regular expression; reading stops where it is found in what came so far, and
            anything else fails. Empty: nothing is read.
        read_only: What is sent changes nothing; otherwise a check that sends counts as one
            that writes.
        max_bytes: More than these without a match fail.
    """

    host: str
    port: int
    send: str = ""
    until: str = ""
    read_only: bool = False
    max_bytes: int = 65_536

    def __post_init__(self) -> None:
        """Refuse what could not be asked.

        Raises:
            ValueError: If the port or the expression is none.
        """
        if not 0 < self.port < 1 << 16:
            raise ValueError(f"port must be 1 to 65535, not {self.port}")
        try:
            re.compile(self.until)
        except re.error as error:
            raise ValueError(f"until is no regular expression: {error}") from error


def _look(settings: TcpSettings, world: ProbeWorld, budget: Budget) -> Observation:
    started = world.clock.monotonic()
    with connected(settings.host, settings.port, world, budget) as wire:
        took = world.clock.monotonic() - started
        if settings.send:
            wire.send(settings.send.encode())
        banner = _read(wire, settings) if settings.until else None
    return Observation(
        values={
            "connected": True,
            "address": wire.address,
            "banner": _NOT_READ if banner is None else banner,
            "connect-duration": took,
            "duration": world.clock.monotonic() - started,
        },
        line=f"tcp {wire.name} connected",
        excerpt=(banner,) if banner else (),
    )


def _read(wire: Wire, settings: TcpSettings) -> str:
    got, sought = "", re.compile(settings.until)
    raw = b""
    while not sought.search(got):
        try:
            piece = wire.receive()
        except ProbeFailed as error:
            raise _unmatched(settings, got, error.what, transient=error.transient) from None
        if not piece:
            raise _unmatched(settings, got, f"{wire.name} closed the connection", transient=True)
        raw += piece
        if len(raw) > settings.max_bytes:
            reason = f"{wire.name} sent more than {settings.max_bytes} bytes"
            raise _unmatched(settings, got, reason, transient=False)
        got = raw.decode("utf-8", "backslashreplace")
    return got


def _unmatched(settings: TcpSettings, got: str, why: str, *, transient: bool) -> ProbeFailed:
    came = f"what came was {got[:_SHOWN]!r}" if got else "nothing came"
    return ProbeFailed(f'{why} before "{settings.until}" was found: {came}', transient=transient)


def _shown(settings: TcpSettings) -> tuple[str, ...]:
    sent = f", send {settings.send!r}" if settings.send else ""
    read = f', read until "{settings.until}"' if settings.until else ""
    return (f"tcp connect to {settings.host} port {settings.port}{sent}{read}",)


PROBE: Probe[TcpSettings] = Probe(
    name="tcp",
    settings=TcpSettings,
    offered=frozenset({"connected", "address", "banner", "connect-duration", "duration"}),
    writes=lambda settings: bool(settings.send) and not settings.read_only,
    fillable=frozenset(),
    shown=_shown,
    look=_look,
    usual=({"on": "connected", "equals": True},),
)
