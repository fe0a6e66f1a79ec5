"""Where a request goes: looked up once, checked, and connected to exactly there."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpcore

from release_gate.subjects.http.stream import BudgetStream, connect
from release_gate.subjects.probes.contract import Budget, ProbeFailed

Allowed = Callable[[str, tuple[str, ...]], None]
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How one attempt gets to where it goes.

    Args:
        budget: Of the attempt.
        allowed: Refuses a host or an address.
        instance: Host or address, and port, that is connected to in place of the URL's.
    """

    budget: Budget
    allowed: Allowed
    instance: tuple[str, int] | None = None


class CheckedBackend(httpcore.NetworkBackend):
    """Connects as the present thread's attempt says; any other connection is refused.

    What a name resolves to is checked, and that very address is connected to: between a check and
    a second look-up a name could be led elsewhere (DNS rebinding).
    """

    def __init__(self) -> None:
        self._present = threading.local()

    def begin(self, way: Way | None) -> None:
        """What holds for this thread from now on; ``None``: nothing may be asked."""
        self._present.way = way

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection.

        Raises:
            ProbeFailed: Transient, if none comes about in time.
            ProbeProblem: If it may not be asked.
        """
        del timeout, local_address, socket_options
        way: Way | None = getattr(self._present, "way", None)
        if way is None:
            raise RuntimeError("a connection outside of an attempt")
        place, gate = way.instance or (host, port)
        addresses = resolve(place, way.budget)
        way.allowed(host, () if way.instance else addresses)
        if way.instance:
            way.allowed(place, addresses)
        pairs = [(address, gate) for address in addresses]
        return BudgetStream(connect(pairs, way.budget, f"{place}:{gate}"), way.budget)


def resolve(host: str, budget: Budget) -> tuple[str, ...]:
    """The addresses of a host, in the system's order.

    The look-up itself cannot be ended; a thread is left to it when the time is over.

    Args:
        host: A name or an address.
        budget: Of the attempt.

    Raises:
        ProbeFailed: Transient, if there are none in time.
    """
    if _is_address(host):
        return (host,)
    inbox: queue.SimpleQueue[tuple[str, ...] | OSError] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, inbox), daemon=True).start()
    try:
        found = inbox.get(timeout=budget.left())
    except queue.Empty:
        budget.left()
        raise ProbeFailed(f'"{host}" was not resolved in time', transient=True) from None
    if isinstance(found, OSError):
        reason = found.strerror or found
        raise ProbeFailed(f'"{host}" cannot be resolved: {reason}', transient=True) from found
    return found


def _look_up(host: str, inbox: queue.SimpleQueue[tuple[str, ...] | OSError]) -> None:
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        inbox.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in entries)))
    except OSError as error:
        inbox.put(error)
    except UnicodeError:
        inbox.put(OSError(0, "it is no host name"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
