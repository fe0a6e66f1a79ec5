"""Small servers over real sockets that answer as a test says, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket], None]


@contextmanager
def listening(
    answer: Answer, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[int]:
    """A server that does ``answer`` with each connection; gives its port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)
    over = threading.Event()
    threads: list[threading.Thread] = []

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=(connection,), daemon=True)
            threads.append(thread)
            thread.start()

    def serve(connection: socket.socket) -> None:
        # A client that goes away in the middle is part of the scenario.
        with contextlib.suppress(OSError), connection:
            if context:
                with context.wrap_socket(connection, server_side=True) as secured:
                    answer(secured)
            else:
                answer(connection)

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        # Closing alone does not wake a thread that waits in accept().
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(5)


def sends(data: bytes) -> Answer:
    """Sends something at once and closes."""
    return lambda connection: connection.sendall(data)


def replies(*answers: bytes) -> Answer:
    """For each piece that comes: the next answer."""

    def answer(connection: socket.socket) -> None:
        for data in answers:
            if not connection.recv(65_536):
                return
            connection.sendall(data)

    return answer


def drips(data: bytes = b"x", every_s: float = 0.05) -> Answer:
    """Sends one byte after the other, again and again, until the client goes."""

    def answer(connection: socket.socket) -> None:
        pause = threading.Event()
        while True:
            for byte in data:
                connection.sendall(bytes([byte]))
                pause.wait(every_s)

    return answer


def silent(connection: socket.socket) -> None:
    """Takes the connection, reads, and never says a word."""
    while connection.recv(65_536):
        pass


def page(body: str, media_type: str = "text/plain; version=0.0.4", status: int = 200) -> Answer:
    """Answers each HTTP request with one page."""
    raw = body.encode()
    head = f"HTTP/1.0 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {len(raw)}\r\n"

    def answer(connection: socket.socket) -> None:
        got = b""
        while b"\r\n\r\n" not in got:
            piece = connection.recv(65_536)
            if not piece:
                return
            got += piece
        connection.sendall(head.encode() + b"\r\n" + raw)

    return answer


def throttled(port: int, free: int) -> Answer:
    """Passes everything on to a real server; of its answers all but the first bytes drip."""

    def answer(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            upward = threading.Thread(target=_pour, args=(connection, server), daemon=True)
            upward.start()
            left, pause = free, threading.Event()
            while data := server.recv(65_536):
                connection.sendall(data[:left])
                for byte in data[left:]:
                    connection.sendall(bytes([byte]))
                    pause.wait(0.05)
                left = max(0, left - len(data))

    return answer


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
