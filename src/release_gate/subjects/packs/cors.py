"""Pack ``cors``: listed origins are allowed, all others refused (Fetch standard, CORS protocol)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from release_gate.subjects.packs.making import (
    PackSettings,
    Path,
    Table,
    http_check,
    named,
    refuse_twice,
)
from release_gate.subjects.probes.contract import Pack

_ALLOW = "Access-Control-Allow-"
_OK, _NO_CONTENT, _ERRORS = 200, 204, 500
Origin = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/]+$")]


class CorsSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.cors``.

    Args:
        origins: Allowed ones; each is tried.
        path: What is asked.
        method: That a page of such an origin wants to use.
        foreign: Origins that must be refused, besides ``null`` and the listed ones with a
            domain appended.
        credentials: Whether allowed origins may send cookies; not set: either, but never with
            a wildcard.
        fixed: Whether the server names the same origin to everybody, which browsers refuse to
            others as well; goes with one origin only.
    """

    origins: Annotated[tuple[Origin, ...], msgspec.Meta(min_length=1)]
    path: Path = "/"
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    foreign: tuple[Origin, ...] = ("https://foreign.example",)
    credentials: bool | None = None
    fixed: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not be judged.

        Raises:
            ValueError: If an origin is allowed and foreign, or several are fixed.
        """
        super().__post_init__()
        refuse_twice("origins and foreign", (*self.origins, *self.foreign))
        if self.fixed and len(self.origins) > 1:
            raise ValueError("fixed goes with one origin only")


def _checks(settings: CorsSettings) -> tuple[Table, ...]:
    appended = (f"{origin}.foreign.example" for origin in settings.origins)
    foreign = dict.fromkeys((*settings.foreign, "null", *appended))
    tables = []
    for origin, name in named(settings.origins).items():
        request = _preflight(settings, origin)
        tables.append(http_check(settings, f"allows-{name}", request, _allowed(settings, origin)))
    for origin, name in named(foreign).items():
        refused = _refused(settings)
        tables.append(
            http_check(settings, f"refuses-{name}", _preflight(settings, origin), refused)
        )
        simple = {"path": settings.path, "headers": {"Origin": origin}}
        tables.append(http_check(settings, f"hides-from-{name}", simple, refused))
    return tuple(tables)


def _preflight(settings: CorsSettings, origin: str) -> dict[str, Any]:
    headers = {"Origin": origin, "Access-Control-Request-Method": settings.method}
    return {"path": settings.path, "method": "OPTIONS", "headers": headers}


def _allowed(settings: CorsSettings, origin: str) -> list[dict[str, Any]]:
    expected: list[dict[str, Any]] = [
        {"on": "status", "in": [_OK, _NO_CONTENT]},
        # Exactly the origin: a wildcard is none, with credentials or without.
        {"on": "header", "name": f"{_ALLOW}Origin", "equals": origin},
    ]
    if settings.method not in {"GET", "POST"}:  # the safelisted ones need not be named
        named_in = rf"(?i)(^|[\s,]){settings.method}([\s,]|$)|^\*$"
        expected.append({"on": "header", "name": f"{_ALLOW}Methods", "matches": named_in})
    if settings.credentials is not None:
        wanted = {"equals": "true"} if settings.credentials else {"absent": True}
        expected.append({"on": "header", "name": f"{_ALLOW}Credentials", **wanted})
    return expected


def _refused(settings: CorsSettings) -> list[dict[str, Any]]:
    wanted = {"equals": settings.origins[0]} if settings.fixed else {"absent": True}
    return [
        {"on": "status", "less": _ERRORS},
        {"on": "header", "name": f"{_ALLOW}Origin", **wanted},
    ]


PACK: Pack[CorsSettings] = Pack(name="cors", settings=CorsSettings, checks=_checks)
