"""A connection whose every operation keeps to the time that is left of the whole attempt.

A time-out for each read lets a server that sends one byte now and then hold a probe for ever.
Here connect, handshake, read and write all take from one budget, so that nothing has to be
cancelled from outside, and no connection is left behind in a pool.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from release_gate.subjects.probes.contract import Budget, ProbeFailed

_PIECE = 1 << 16


class BudgetStream(httpcore.NetworkStream):
    """One connection of one attempt.

    Args:
        sock: Connected.
        budget: Of the attempt.
    """

    def __init__(self, sock: socket.socket, budget: Budget) -> None:
        self._socket = sock
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end.

        Raises:
            ProbeFailed: If the time is over.
            httpcore.ReadError: If the connection broke.
        """
        del timeout
        try:
            self._socket.settimeout(self._budget.left())
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise self._over() from error
        except OSError as error:
            raise httpcore.ReadError(_reason(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All bytes.

        Raises:
            ProbeFailed: If the time is over.
            httpcore.WriteError: If the connection broke.
        """
        del timeout
        rest = memoryview(buffer)
        try:
            while rest:
                self._socket.settimeout(self._budget.left())
                rest = rest[self._socket.send(rest[:_PIECE]) :]
        except TimeoutError as error:
            raise self._over() from error
        except OSError as error:
            raise httpcore.WriteError(_reason(error)) from error

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> BudgetStream:
        """The same connection, encrypted.

        Raises:
            ProbeFailed: If the handshake fails or the time is over.
        """
        del timeout
        try:
            # Python counts a handshake's time as a whole (ssl, since 3.5).
            self._socket.settimeout(self._budget.left())
            wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError as error:
            self._socket.close()
            raise self._over() from error
        except ssl.SSLError as error:
            self._socket.close()
            raise ProbeFailed(f"the TLS handshake failed: {_reason(error)}") from error
        except OSError as error:
            self._socket.close()
            what = f"the connection broke in the TLS handshake: {_reason(error)}"
            raise ProbeFailed(what, transient=True) from error
        except BaseException:
            self._socket.close()
            raise
        return BudgetStream(wrapped, self._budget)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a connection."""
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        if info == "socket":
            return self._socket
        if info in {"client_addr", "server_addr"}:
            return self._socket.getsockname() if info[0] == "c" else self._socket.getpeername()
        if info == "is_readable":
            return bool(select.select([self._socket], [], [], 0)[0])
        return None

    def _over(self) -> ProbeFailed:
        try:
            self._budget.left()
        except ProbeFailed as error:
            return error
        return ProbeFailed("the time was over", transient=True)


def connect(addresses: Iterable[tuple[str, int]], budget: Budget, named: str) -> socket.socket:
    """A socket to the first address that answers.

    Args:
        addresses: Numeric addresses and ports; checked before.
        budget: Of the attempt; no address gets more than half of it while others are left.
        named: What messages call the place.

    Raises:
        ProbeFailed: Transient, if none answers in time.
    """
    listed = list(addresses)
    last: OSError | None = None
    for position, (address, port) in enumerate(listed):
        share = 1.0 if position == len(listed) - 1 else 0.5
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(budget.left() * share)
            sock.connect((address, port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            last = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    budget.left()
    reason = "there is no address" if last is None else _reason(last)
    raise ProbeFailed(f"no connection to {named}: {reason}", transient=True) from last


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error).replace("_", " ").lower()
    return (error.strerror or str(error) or type(error).__name__).lower()
