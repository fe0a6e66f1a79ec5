"""A service whose state a test switches: answering, slow, failing, hanging, or gone."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

State = Literal["good", "302", "503", "hang", "refuse"]


_STATUS = {"302": "302 Found", "503": "503 Service Unavailable"}


class Switching:
    """Answers each connection with one response; hung ones are answered when it goes on."""

    def __init__(self) -> None:
        self.served = 0
        self.delay_s = 0.0
        self._state: State = "good"
        self._changed = threading.Condition()
        self._listener = _listener(0)
        self.port = int(self._listener.getsockname()[1])
        self._accepting()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def switch(self, state: State) -> None:
        """Be in this state from now on."""
        with self._changed:
            before, self._state = self._state, state
            if state == "refuse" and before != "refuse":
                # Closing alone does not wake a thread that waits in accept().
                with contextlib.suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)
                self._listener.close()
            if before == "refuse" and state != "refuse":
                self._listener = _listener(self.port)
                self._accepting()
            self._changed.notify_all()

    @contextmanager
    def away(self, state: State, seconds: float) -> Iterator[None]:
        """In this state for so long, whatever the caller does meanwhile."""
        self.switch(state)
        timer = threading.Timer(seconds, self.switch, ["good"])
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def _accepting(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            head = connection.recv(65_536)
            if not head:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._state != "hang")
                status = _STATUS.get(self._state, "200 OK")
                self.served += 1
            if self.delay_s:
                time.sleep(self.delay_s)
            answer = f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
            connection.sendall(answer.encode())


@contextmanager
def switching() -> Iterator[Switching]:
    """A service that answers, on a free port."""
    service = Switching()
    try:
        yield service
    finally:
        service.switch("refuse")


def _listener(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=256)
