"""One request and its answer, and the hops that it leads through."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpcore
import httpx

from release_gate.ports import Clock
from release_gate.subjects.http.backend import Way
from release_gate.subjects.http.decoding import codings_of, decoded, known
from release_gate.subjects.http.origins import Client, Origins, origin_of
from release_gate.subjects.http.request import Sending
from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.probes.reach import plain_host

_REDIRECTS = {301, 302, 303, 307, 308}
_KEEPS_METHOD = {307, 308}
_DAY_S = 86400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A whole answer.

    Args:
        status: Status code.
        headers: Lines by lower-case name.
        content: Body, decoded as far as its codings are known.
        encoding: Of the body, as the header says.
        url: Where it came from.
        seconds: From the first look-up to the last byte, over all hops.
        certificate: Of the connection; empty without TLS.
        hops: Addresses that redirected before, without their queries.
        unknown: Codings of the body that could not be undone.
    """

    status: int
    headers: dict[str, tuple[str, ...]]
    content: bytes
    encoding: str
    url: httpx.URL
    seconds: float
    certificate: dict[str, Any]
    hops: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """How requests of one check are sent.

    Args:
        world: Says what may be asked.
        origins: The clients.
        budget: Of the attempt.
        instance: Address that is connected to instead, as ``host:port``.
        verify: Whether certificates are verified.
        body_limit: Bytes of a body that are read at most.
    """

    world: ProbeWorld
    origins: Origins
    budget: Budget
    instance: str | None
    verify: bool
    body_limit: int

    def follow(self, sending: Sending, hops: int) -> Received:
        """The answer at the end of at most so many redirects.

        Raises:
            ProbeFailed: If there is no whole answer, or one hop too many.
            ProbeProblem: If one of them may not be asked.
        """
        passed: list[str] = []
        received = self.send(sending)
        spent_s = received.seconds
        while hops and received.status in _REDIRECTS and "location" in received.headers:
            passed.append(str(received.url.copy_with(query=None, fragment=None)))
            if len(passed) > hops:
                raise ProbeFailed(f"more than {hops} redirects, at last from {passed[-1]}")
            sending = redirected(sending, received)
            received = self.send(sending)
            spent_s += received.seconds
        return replace(received, hops=tuple(passed), seconds=spent_s)

    def send(self, sending: Sending) -> Received:
        """One request; no redirect is followed."""
        url = sending.url
        self.world.allowed(url.host, ())
        client = self.origins.client(url, self.instance, verify=self.verify)
        client.pace.wait(self.budget)
        clock = self.world.clock
        began = clock.monotonic()
        client.backend.begin(self._way(url))
        try:
            received = self._received(client, sending, clock)
        finally:
            client.backend.begin(None)
        return replace(received, seconds=clock.monotonic() - began)

    def _way(self, url: httpx.URL) -> Way:
        instance = _split(self.instance, url) if self.instance else None
        allowed = self.world.allowed
        if self.origins.proxy and not instance:
            # The proxy looks the name up; it was named in the configuration on purpose.
            allowed = _anything
        return Way(budget=self.budget, allowed=allowed, instance=instance)

    def _received(self, client: Client, sending: Sending, clock: Clock) -> Received:
        request = client.httpx.build_request(
            sending.method, sending.url, headers=dict(sending.headers), content=sending.content
        )
        try:
            response = client.httpx.send(request, stream=True, auth=_no_auth)
            try:
                certificate = _certificate(response, clock)
                codings = codings_of(response.headers.get_list("content-encoding"))
                content = b"".join(self._pieces(response, codings))
            finally:
                response.close()
        except httpcore.LocalProtocolError as error:
            raise ProbeProblem(f"the request cannot be sent: {error}") from error
        except httpx.InvalidURL as error:
            # The client reads the Location of every redirect, followed or not.
            raise ProbeFailed(f"the Location is no address: {error}") from error
        except (httpcore.RemoteProtocolError, httpx.RemoteProtocolError) as error:
            raise ProbeFailed(f"the answer is no HTTP or is cut off: {error}") from error
        except (httpcore.NetworkError, httpcore.ProxyError) as error:
            raise ProbeFailed(f"the connection broke: {error}", transient=True) from error
        headers: dict[str, tuple[str, ...]] = {}
        for name, value in response.headers.multi_items():
            headers[name.lower()] = (*headers.get(name.lower(), ()), value)
        return Received(
            status=response.status_code,
            headers=headers,
            content=content,
            encoding=response.charset_encoding or "utf-8",
            url=sending.url,
            seconds=0.0,
            certificate=certificate,
            unknown=() if known(codings) else codings,
        )

    def _pieces(self, response: httpx.Response, codings: tuple[str, ...]) -> Iterator[bytes]:
        read = 0
        for piece in decoded(codings if known(codings) else (), response.iter_raw()):
            read += len(piece)
            if read > self.body_limit:
                raise ProbeFailed(f"the body is longer than {self.body_limit} bytes (body-limit)")
            yield piece


def redirected(sending: Sending, received: Received) -> Sending:
    """The request that a redirect asks for (RFC 9110, 15.4), without credentials for others.

    Args:
        sending: What was redirected.
        received: The redirect.

    Raises:
        ProbeFailed: If it leads nowhere, or would send a body to another origin.
    """
    location, *others = dict.fromkeys(received.headers["location"])
    if others:
        raise ProbeFailed("the answer has more than one Location")
    try:
        url = sending.url.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise ProbeFailed(f"the Location is no address: {error}") from error
    if url.scheme not in {"http", "https"} or not plain_host(url.host) or url.userinfo:
        raise ProbeFailed("the Location is no plain http address")
    away = origin_of(url) != origin_of(sending.url)
    keeps = received.status in _KEEPS_METHOD or sending.method in {"GET", "HEAD"}
    if away and sending.content and keeps:
        raise ProbeFailed("a redirect would send the body to another origin")
    changed = sending.elsewhere(url) if away else replace(sending, url=url)
    if keeps:
        return changed
    left = {name: v for name, v in changed.headers.items() if not name.startswith("content-")}
    return replace(changed, method="GET", content=None, headers=left)


def _split(instance: str, url: httpx.URL) -> tuple[str, int]:
    """``10.0.0.1``, ``10.0.0.1:8080``, ``[::1]:8080``; the URL's port where none is named."""
    host, colon, port = instance.rpartition(":")
    usual = url.port or (443 if url.scheme == "https" else 80)
    if not colon or not port.isdigit() or (":" in host and not host.endswith("]")):
        return instance.strip("[]"), usual
    return host.strip("[]"), int(port)


def _anything(_host: str, _addresses: tuple[str, ...]) -> None:
    """The check that a proxy makes superfluous."""


def _no_auth(request: httpx.Request) -> httpx.Request:
    """Nothing is read from a ``.netrc`` or out of the URL."""
    return request


def _certificate(response: httpx.Response, clock: Clock) -> dict[str, Any]:
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("ssl_object") if stream is not None else None
    if not isinstance(found, ssl.SSLSocket):
        return {}
    version = found.version() or ""
    facts: dict[str, Any] = {"tls-version": version}
    if version.startswith("TLSv1."):
        facts["tls"] = float(version.removeprefix("TLSv"))
    certificate = found.getpeercert() or {}
    if "notAfter" in certificate:
        ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        facts["not-after"] = datetime.fromtimestamp(ends, UTC).isoformat()
        facts["days-left"] = int((ends - clock.now().timestamp()) // _DAY_S)
    names = certificate.get("subjectAltName") or ()
    facts["names"] = [str(pair[1]) for pair in names]
    return facts
