"""Probe ``tls``: the certificate and the version that a server offers."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Any

from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeSettings,
    ProbeWorld,
)
from release_gate.subjects.services.trust import trusting
from release_gate.subjects.services.wire import connected

_PORT = 443
_DAY_S = 86_400


class TlsSettings(ProbeSettings, frozen=True, kw_only=True):
    """Which server to shake hands with.

    The chain, the name and the dates are always verified; there is no switch.

    Args:
        host: Name or address to connect to.
        port: 1 to 65535.
        server_name: Name to ask for and to verify; default: the host.
        ca_file: Authorities to trust besides the public ones, relative to the project.
        min_days: The certificate must be good for as many days more.
    """

    host: str
    port: int = _PORT
    server_name: str = ""
    ca_file: str = ""
    min_days: float = 0

    def __post_init__(self) -> None:
        """Refuse a port that is none.

        Raises:
            ValueError: With the port.
        """
        if not 0 < self.port < 1 << 16:
            raise ValueError(f"port must be 1 to 65535, not {self.port}")


def _look(settings: TlsSettings, world: ProbeWorld, budget: Budget) -> Observation:
    context = trusting(world, settings.ca_file)
    started = world.clock.monotonic()
    name = settings.server_name or settings.host
    with connected(settings.host, settings.port, world, budget) as wire:
        try:
            secured = wire.encrypt(context, name)
        except ssl.SSLCertVerificationError as error:
            raise ProbeFailed(
                f"{wire.name}: the certificate is not valid: {error.verify_message}"
            ) from None
        except ssl.SSLError as error:
            raise ProbeFailed(f"{wire.name}: no TLS: {error.reason or error}") from None
        certificate = secured.getpeercert() or {}
        version = secured.version() or ""
        cipher = (secured.cipher() or ("",))[0]
    values = _certificate(certificate, world.clock.now())
    if values["days-left"] < settings.min_days:
        raise ProbeFailed(
            f"{wire.name}: the certificate ends on {values['not-after']}, in "
            f"{values['days-left']:.1f} days, and is to be good for {settings.min_days:g} days"
        )
    duration = world.clock.monotonic() - started
    return Observation(
        values={
            **values,
            "version": version,
            "version-number": float(version.removeprefix("TLSv")),
            "cipher": cipher,
            "duration": duration,
        },
        line=f"tls {wire.name}: {version}, {values['days-left']:.1f} days left",
        excerpt=(
            f"subject {values['subject']}",
            f"issuer {values['issuer']}",
            f"good until {values['not-after']}",
            f"names {', '.join(values['names'])}",
        ),
    )


def _certificate(found: Any, now: datetime) -> dict[str, Any]:
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)
    names = sorted({value for kind, value in found.get("subjectAltName", ())})
    return {
        "days-left": (ends - now).total_seconds() / _DAY_S,
        "not-after": ends.isoformat(),
        "names": names,
        "subject": _name(found.get("subject", ())),
        "issuer": _name(found.get("issuer", ())),
    }


def _name(parts: Any) -> str:
    return ", ".join(f"{key}={value}" for part in parts for key, value in part)


def _shown(settings: TlsSettings) -> tuple[str, ...]:
    name = settings.server_name or settings.host
    return (f"tls handshake with {settings.host} port {settings.port} as {name}",)


PROBE: Probe[TlsSettings] = Probe(
    name="tls",
    settings=TlsSettings,
    offered=frozenset(
        {
            "days-left",
            "not-after",
            "names",
            "subject",
            "issuer",
            "version",
            "version-number",
            "cipher",
            "duration",
        }
    ),
    writes=lambda _settings: False,
    fillable=frozenset(),
    shown=_shown,
    look=_look,
    usual=({"on": "days-left", "greater": 0},),
)
