"""A web server whose answers are Python functions, over plain TCP or TLS."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer; ``json`` becomes the body where it is set."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    json: Any = None

    def content(self) -> bytes:
        return self.body if self.json is None else json.dumps(self.json).encode()


Respond = Callable[[Asked], Reply]


class Web:
    """A running server; ``asked`` holds every request."""

    def __init__(self, respond: Respond, *, tls: ssl.SSLContext | None, family: int) -> None:
        self.asked: list[Asked] = []
        self.sni: list[str | None] = []
        lock = threading.Lock()
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                parts = urlsplit(self.path)
                asked = Asked(
                    method=self.command,
                    path=parts.path,
                    query=parse_qs(parts.query, keep_blank_values=True),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
                with lock:
                    web.asked.append(asked)
                reply = respond(asked)
                content = reply.content()
                self.send_response(reply.status)
                names = {name.lower() for name in reply.headers}
                if reply.json is not None and "content-type" not in names:
                    self.send_header("Content-Type", "application/json")
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"):
            setattr(Handler, f"do_{method}", Handler._answer)

        class Server(ThreadingHTTPServer):
            address_family = family
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Clients that go away are part of the scenarios."""

        self._server = Server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), Handler)
        if tls is not None:
            tls.sni_callback = lambda _sock, name, _context: self.sni.append(name)
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        scheme = "https" if tls else "http"
        host = "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
        self.url = f"{scheme}://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextmanager
def web(
    respond: Respond | Mapping[str, Reply],
    *,
    tls: ssl.SSLContext | None = None,
    family: int = socket.AF_INET,
) -> Iterator[Web]:
    """A server that answers by a function, or by path."""

    def by_path(asked: Asked) -> Reply:
        assert isinstance(respond, Mapping)
        return respond.get(asked.path, Reply(status=404, json={"error": "not found"}))

    server = Web(by_path if isinstance(respond, Mapping) else respond, tls=tls, family=family)
    try:
        yield server
    finally:
        server.close()
