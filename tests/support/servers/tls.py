"""Certificates of a chain made for one test."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import trustme


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A private authority and a server's context."""

    ca: bytes
    server: ssl.SSLContext


def chain(*names: str, days: float = 90, version: ssl.TLSVersion | None = None) -> Chain:
    """A server certificate for names and addresses that ends in so many days."""
    authority = trustme.CA()
    ends = datetime.now(UTC) + timedelta(days=days)
    certificate = authority.issue_cert(
        *(names or ("127.0.0.1",)), not_after=ends, not_before=ends - timedelta(days=400)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if version is not None:
        context.maximum_version = version
    return Chain(ca=authority.cert_pem.bytes(), server=context)
