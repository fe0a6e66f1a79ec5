"""Pack ``https-redirect``: plain HTTP is sent to HTTPS on the same host, to the same path."""

from __future__ import annotations

from typing import Annotated

import msgspec

from release_gate.subjects.packs.making import PackSettings, Path, Statuses, Table, http_check
from release_gate.subjects.probes.contract import Pack


class HttpsRedirectSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.https-redirect``.

    Args:
        path: What is asked by plain HTTP.
        port: Where plain HTTP is served.
        statuses: What may come; 307 and 308 keep the method.
    """

    path: Path = "/"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 80
    statuses: Statuses = (307, 308)

    def __post_init__(self) -> None:
        """Refuse what would carry a credential in plain text.

        Raises:
            ValueError: If there is one.
        """
        super().__post_init__()
        if self.auth:
            raise ValueError("auth: a credential does not go over plain HTTP")


def _checks(settings: HttpsRedirectSettings) -> tuple[Table, ...]:
    asked = settings.path.partition("?")[0]
    request = {"path": settings.path, "scheme": "http", "port": settings.port}
    expected: list[Table] = [
        {"on": "status", "in": settings.statuses},
        {"on": "redirect", "name": "scheme", "equals": "https"},
        {"on": "redirect", "name": "same-host", "equals": True},
        {"on": "redirect", "name": "path", "equals": asked},
    ]
    return (http_check(settings, "", request, expected),)


PACK: Pack[HttpsRedirectSettings] = Pack(
    name="https-redirect", settings=HttpsRedirectSettings, checks=_checks
)
