"""One client for each origin, and how often it may be asked."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from release_gate.ports import Clock, Deployment
from release_gate.subjects.http.backend import CheckedBackend
from release_gate.subjects.http.settings import DEFAULT_RATE
from release_gate.subjects.http.transport import CheckedTransport, tls_context
from release_gate.subjects.probes.contract import Budget

_TICK_S = 0.05


def silence_httpx() -> None:
    """No request line at INFO: httpx logs the whole URL, with every password in it."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(slots=True)
class Pace:
    """At most so many requests a second, after as many at once.

    Args:
        clock: Whose stopwatch.
        rate: Requests a second.
    """

    clock: Clock
    rate: float
    _left: float = 0.0
    _at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, budget: Budget) -> None:
        """Until one more may be sent.

        Raises:
            ProbeFailed: If the time is over before.
        """
        pause = threading.Event()
        while (short := self._short()) > 0:
            pause.wait(min(short, budget.left(), _TICK_S))

    def _short(self) -> float:
        """Seconds until there is room; none: it has been taken."""
        with self._lock:
            now = self.clock.monotonic()
            most = max(1.0, self.rate)
            if self._at is None:
                self._left = most
            else:
                self._left = min(most, self._left + (now - self._at) * self.rate)
            self._at = now
            if self._left >= 1:
                self._left -= 1
                return 0.0
            return (1 - self._left) / self.rate


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """What requests to one origin are sent with."""

    httpx: httpx.Client
    backend: CheckedBackend
    transport: CheckedTransport
    pace: Pace


@dataclass(frozen=True, kw_only=True, slots=True)
class Origins:
    """All clients of a run of a suite.

    Args:
        clock: For the pace.
        deployment: Its proxy and its private certificate authorities.
        ca: Content of the ``ca-file``.
        rate: Requests a second to one origin.
    """

    clock: Clock
    deployment: Deployment | None = None
    ca: bytes | None = None
    rate: float = DEFAULT_RATE
    _clients: dict[tuple[str, str, bool], Client] = field(default_factory=dict)
    _paces: dict[str, Pace] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def proxy(self) -> str | None:
        """The proxy; those of the process environment are never used."""
        return self.deployment.proxy if self.deployment else None

    def client(self, url: httpx.URL, instance: str | None, *, verify: bool) -> Client:
        """The client of an origin, made on first use.

        Args:
            url: A URL of the origin.
            instance: Address that is connected to instead.
            verify: Whether certificates are verified.
        """
        origin = origin_of(url)
        key = (origin, instance or "", verify)
        with self._lock:
            if key not in self._clients:
                pace = self._paces.setdefault(origin, Pace(clock=self.clock, rate=self.rate))
                self._clients[key] = self._made(pace, instance, verify=verify)
            return self._clients[key]

    def close(self) -> None:
        """Close every client."""
        with self._lock:
            for client in self._clients.values():
                client.httpx.close()
            self._clients.clear()

    def _made(self, pace: Pace, instance: str | None, *, verify: bool) -> Client:
        silence_httpx()
        backend = CheckedBackend()
        proxy = None if instance else self.proxy
        context = tls_context(verify=verify, ca=self.ca)
        transport = CheckedTransport(backend, context, proxy)
        client = httpx.Client(
            transport=transport,
            # A cookie that one check was given never goes with another: captures do that, openly.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(None),  # the connection keeps to the time that is left of it all
        )
        return Client(httpx=client, backend=backend, transport=transport, pace=pace)


def origin_of(url: httpx.URL) -> str:
    """Scheme, host and port (RFC 6454)."""
    port = url.port or (443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{url.host}:{port}"
