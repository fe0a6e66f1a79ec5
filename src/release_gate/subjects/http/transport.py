"""httpx over connections that keep to one attempt's time and list."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import certifi
import httpcore
import httpx

from release_gate.subjects.http.backend import CheckedBackend
from release_gate.subjects.probes.contract import ProbeProblem


class _Body(httpx.SyncByteStream):
    """A body that is read from the wire piece by piece."""

    def __init__(self, stream: httpcore.Response) -> None:
        self._response = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class CheckedTransport(httpx.BaseTransport):
    """Sends each request on a connection of its own.

    No connection is kept: each attempt shows what a new client would meet, and none is told by a
    connection that died meanwhile.

    Args:
        backend: Makes the connections.
        context: For TLS.
        proxy: Address of an HTTP proxy.
    """

    def __init__(
        self, backend: CheckedBackend, context: ssl.SSLContext, proxy: str | None = None
    ) -> None:
        self._pool: httpcore.ConnectionPool
        if proxy is None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=context,
                network_backend=backend,
                max_connections=None,  # a wait for a place in the pool would heed no deadline
                max_keepalive_connections=0,
            )
            return
        parts = urlsplit(proxy)
        auth = None
        if parts.username is not None:
            auth = (unquote(parts.username), unquote(parts.password or ""))
        self._pool = httpcore.HTTPProxy(
            proxy_url=f"http://{parts.netloc.rpartition('@')[2]}",
            proxy_auth=auth,
            ssl_context=context,
            network_backend=backend,
            max_connections=None,
            max_keepalive_connections=0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its body is read later."""
        url = request.url
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        response = self._pool.handle_request(sent)
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    @property
    def open_connections(self) -> int:
        """Connections that have not been closed."""
        return len(self._pool.connections)

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()


def tls_context(*, verify: bool, ca: bytes | None = None) -> ssl.SSLContext:
    """What certificates are verified by: the public roots, and those of ``ca-file``.

    Neither the system's store nor ``SSL_CERT_FILE`` is asked: the same everywhere.

    Args:
        verify: Whether they are verified at all.
        ca: Further certificates, PEM.

    Raises:
        ProbeProblem: If those hold none.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    # Without this old versions are not spoken, and a server that speaks no other is a failure.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca is not None:
        try:
            context.load_verify_locations(cadata=ca.decode("ascii"))
        except (ssl.SSLError, ValueError) as error:
            raise ProbeProblem("ca-file holds no certificates in PEM form") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
