"""Pack ``certificate``: valid for the host, not near its end, and by a current TLS version."""

from __future__ import annotations

from typing import Annotated

import msgspec

from release_gate.subjects.packs.making import InstancesSettings, Path, Table, http_check
from release_gate.subjects.probes.contract import Pack


class CertificateSettings(InstancesSettings, frozen=True, kw_only=True):
    """Keys of ``packs.certificate``.

    Args:
        days: It must hold at least so many more days.
        tls: Least TLS version.
        path: What is asked; the answer itself is not looked at.
    """

    days: Annotated[int, msgspec.Meta(ge=1)] = 14
    tls: Annotated[float, msgspec.Meta(ge=1.2, le=1.3)] = 1.2
    path: Path = "/"


def _checks(settings: CertificateSettings) -> tuple[Table, ...]:
    request = {"path": settings.path}
    expected = [
        {"on": "certificate", "name": "days-left", "greater-equal": settings.days},
        {"on": "certificate", "name": "tls", "greater-equal": settings.tls},
    ]
    return (http_check(settings, "", request, expected),)


PACK: Pack[CertificateSettings] = Pack(
    name="certificate", settings=CertificateSettings, checks=_checks
)
