"""One GET of a page of metrics or of an API, by the client of the probe ``http``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from release_gate.subjects.http.settings import ORIGINS
from release_gate.subjects.probes.contract import Budget, ProbeProblem, ProbeWorld
from release_gate.subjects.services.trust import authorities

if TYPE_CHECKING:
    import httpx

    from release_gate.subjects.http.origins import Origins

_MOST_BYTES = 32 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What came.

    Args:
        status: Of HTTP.
        headers: The first line of each, by name in lower case.
        body: All of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    url: str, headers: Mapping[str, str], world: ProbeWorld, budget: Budget, *, ca_file: str = ""
) -> Reply:
    """Ask for a page; no redirect is followed.

    Args:
        url: ``http`` or ``https``.
        headers: To send, by name in lower case.
        world: The outside.
        budget: The time that is left.
        ca_file: Authorities to trust besides the public ones, relative to the project.

    Raises:
        ProbeFailed: If no whole reply came.
        ProbeProblem: If the URL is none, or its host may not be asked.
    """
    from release_gate.subjects.http.exchange import Exchange  # noqa: PLC0415 - imports httpx
    from release_gate.subjects.http.request import Sending  # noqa: PLC0415 - imports httpx

    sending = Sending(
        method="GET",
        url=_address(url),
        headers={"user-agent": "release-gate", "accept-encoding": "identity", **headers},
        content=None,
        credentials=frozenset({"authorization"}),
    )
    with _origins(world, ca_file) as origins:
        exchange = Exchange(
            world=world,
            origins=origins,
            budget=budget,
            instance=None,
            verify=True,
            body_limit=_MOST_BYTES,
        )
        received = exchange.send(sending)
    return Reply(
        status=received.status,
        headers={name: lines[0] for name, lines in received.headers.items()},
        body=received.content,
    )


def _address(url: str) -> httpx.URL:
    import httpx  # noqa: PLC0415 - slow to import, rarely needed

    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ProbeProblem(f"the address cannot be used: {error}") from None
    if found.scheme not in {"http", "https"} or not found.host:
        raise ProbeProblem("the address is not one of http or https with a host")
    if found.userinfo:
        raise ProbeProblem('the address holds a user or a password: use "bearer-env"')
    return found


@contextmanager
def _origins(world: ProbeWorld, ca_file: str) -> Iterator[Origins]:
    """The clients of the run; those of one look where it trusts others."""
    from release_gate.subjects.http.origins import Origins  # noqa: PLC0415 - imports httpx

    shared = world.extra.get(ORIGINS)
    if isinstance(shared, Origins) and not ca_file:
        yield shared
        return
    own = Origins(clock=world.clock, deployment=world.deployment, ca=authorities(world, ca_file))
    try:
        yield own
    finally:
        own.close()
