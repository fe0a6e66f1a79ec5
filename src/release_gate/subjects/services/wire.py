"""One connection whose every step ends with the budget, to an address that was allowed."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeWorld
from release_gate.subjects.services.in_time import in_time

_PIECE = 65_536
_HIGHEST_PORT = 65_535

Sockaddr = tuple[Any, ...]


class Wire:
    """A connected socket; each method raises a transient :class:`ProbeFailed` when time is up.

    Args:
        sock: Connected; closed by :func:`connected`.
        name: For messages, as in ``"cache.example.org port 6379"``.
        budget: The time that is left.
    """

    def __init__(self, sock: socket.socket, name: str, budget: Budget) -> None:
        self.sock = sock
        self.name = name
        self.address = _peer(sock)
        self._budget = budget
        self._held = b""

    def send(self, data: bytes) -> None:
        """Send all of it."""
        with self._clamped():
            self.sock.sendall(data)

    def receive(self) -> bytes:
        """What came, at least one byte; nothing at the end of the stream."""
        if self._held:
            held, self._held = self._held, b""
            return held
        with self._clamped():
            return self.sock.recv(_PIECE)

    def exactly(self, size: int) -> bytes:
        """That many bytes.

        Raises:
            ProbeFailed: If the stream ends before.
        """
        parts, missing = [], size
        while missing:
            piece = self._more()
            parts.append(piece[:missing])
            self._held = piece[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def line(self, longest: int = _PIECE) -> bytes:
        """Up to the next CR LF, without it.

        Raises:
            ProbeFailed: If the stream ends before, or the line is longer than ``longest``.
        """
        got = b""
        while b"\r\n" not in got:
            if len(got) > longest:
                raise ProbeFailed(f"{self.name} sent a line of more than {longest} bytes")
            got += self._more()
        line, _, self._held = got.partition(b"\r\n")
        return line

    def encrypt(self, context: ssl.SSLContext, server_name: str) -> ssl.SSLSocket:
        """Speak TLS from here on.

        Raises:
            ssl.SSLError: If the handshake fails; the caller says what that means.
        """
        wrapped = context.wrap_socket(
            self.sock, server_hostname=server_name, do_handshake_on_connect=False
        )
        self.sock = wrapped
        with self._clamped(ssl.SSLError, late="did not finish the TLS handshake in time"):
            # Python counts the whole handshake against the time-out, not each read.
            wrapped.do_handshake()
        return wrapped

    def _more(self) -> bytes:
        piece = self.receive()
        if not piece:
            raise ProbeFailed(f"{self.name} closed the connection early", transient=True)
        return piece

    @contextmanager
    def _clamped(
        self, *passed: type[Exception], late: str = "did not answer in time"
    ) -> Iterator[None]:
        self.sock.settimeout(self._budget.left())
        try:
            yield
        except TimeoutError:
            raise ProbeFailed(f"{self.name} {late}", transient=True) from None
        except passed:
            raise
        except OSError as error:
            said = error.strerror or str(error)
            raise ProbeFailed(f"{self.name}: {said}", transient=True) from None


def _peer(sock: socket.socket) -> str:
    try:
        peer = sock.getpeername()
    except OSError:  # not connected yet
        return ""
    return str(peer[0]) if isinstance(peer, tuple) else ""


@contextmanager
def connected(host: str, port: int, world: ProbeWorld, budget: Budget) -> Iterator[Wire]:
    """A connection to a host, closed at the end.

    Args:
        host: Name or address, as written in the configuration.
        port: 1 to 65535.
        world: Asked whether the host may be asked, with all addresses.
        budget: The time that is left.

    Raises:
        ProbeFailed: If it has no address or none of them takes the connection.
        ProbeProblem: If it may not be asked.
    """
    name = f"{host} port {port}"
    if not 0 < port <= _HIGHEST_PORT:
        raise ProbeFailed(f"{name}: a port is a number from 1 to {_HIGHEST_PORT}")
    targets = resolved(host, port, budget)
    world.allowed(host, tuple(str(sockaddr[0]) for _, sockaddr in targets))
    sock = _first(targets, name, budget)
    wire = Wire(sock, name, budget)
    try:
        yield wire
    finally:
        wire.sock.close()


@contextmanager
def connected_unix(path: str, budget: Budget) -> Iterator[Wire]:
    """A connection to a socket in the file system, closed at the end.

    Args:
        path: Absolute.
        budget: The time that is left.

    Raises:
        ProbeFailed: If nothing listens there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    wire = Wire(sock, "the Unix socket", budget)
    try:
        sock.settimeout(budget.left())
        try:
            sock.connect(path)
        except OSError as error:
            said = error.strerror or str(error)
            raise ProbeFailed(f"{wire.name} takes no connection: {said}", transient=True) from None
        yield wire
    finally:
        wire.sock.close()


def resolved(host: str, port: int, budget: Budget) -> tuple[tuple[int, Sockaddr], ...]:
    """Address family and socket address of each address of a host, in the system's order.

    Raises:
        ProbeFailed: Transient, if there is none.
    """
    numeric = socket.AI_NUMERICHOST if _is_address(host) else 0

    def look_up() -> list[tuple[Any, Any, int, str, Sockaddr]]:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=numeric)

    try:
        found = look_up() if numeric else in_time(look_up, budget, f"looking up {host}")
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ProbeFailed(f"{host} has no address: {said}", transient=True) from None
    return tuple(dict.fromkeys((int(family), sockaddr) for family, _, _, _, sockaddr in found))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _first(targets: tuple[tuple[int, Sockaddr], ...], name: str, budget: Budget) -> socket.socket:
    said = "no address"
    for index, (family, sockaddr) in enumerate(targets):
        sock = socket.socket(family, socket.SOCK_STREAM)
        # Each address gets its share, so that one that hangs leaves time for the others.
        sock.settimeout(budget.left() / (len(targets) - index))
        try:
            sock.connect(sockaddr)
        except OSError as error:
            sock.close()
            timed_out = isinstance(error, TimeoutError)
            said = "no answer in time" if timed_out else error.strerror or str(error)
            continue
        return sock
    raise ProbeFailed(f"{name} takes no connection: {said}", transient=True)
