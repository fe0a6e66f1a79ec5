"""Servers below HTTP: they drip, hang, cut off, or talk nonsense."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Serve = Callable[[socket.socket, threading.Event], None]


@contextmanager
def raw(serve: Serve) -> Iterator[int]:
    """A TCP server; each connection is served in a thread of its own. Yields the port."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    listener.settimeout(0.1)

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection, ended)

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError, OSError):
                connection, _ = listener.accept()
                connection.settimeout(5)
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        thread.join(5)
        listener.close()


def read_head(connection: socket.socket) -> bytes:
    """The request up to its empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            break
        head += piece
    return head


def dripping(text: bytes, every_s: float = 0.5) -> Serve:
    """Sends one byte now and then, for ever."""

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        read_head(connection)
        for position in range(10_000):
            if ended.wait(every_s):
                return
            connection.sendall(text[position : position + 1] or b" ")

    return serve


def saying(answer: bytes) -> Serve:
    """Sends an answer and closes, whatever was asked."""

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        read_head(connection)
        connection.sendall(answer)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        ended.wait(0.2)

    return serve


def hanging() -> Serve:
    """Takes the request and never answers."""

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        read_head(connection)
        while not ended.is_set():
            time.sleep(0.02)

    return serve


def never_reading() -> Serve:
    """Accepts and reads nothing, so that a large body cannot be sent."""

    def serve(connection: socket.socket, ended: threading.Event) -> None:
        del connection
        ended.wait(30)

    return serve
