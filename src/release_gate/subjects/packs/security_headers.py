"""Pack ``security-headers``: what browsers are told not to do."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from release_gate.subjects.packs.making import (
    InstancesSettings,
    Path,
    Table,
    http_check,
    named,
    refuse_twice,
)
from release_gate.subjects.probes.contract import Pack

_HSTS = "Strict-Transport-Security"
_CSP = "Content-Security-Policy"
_ERRORS = 500


class SecurityHeadersSettings(InstancesSettings, frozen=True, kw_only=True):
    """Keys of ``packs.security-headers``.

    Args:
        paths: Each is asked for itself; name one that answers 404 too.
        hsts_max_age: Least ``max-age`` of Strict-Transport-Security in seconds; 0: the header is
            not looked at.
        hsts_include_subdomains: Whether it must say ``includeSubDomains``.
        hsts_preload: Whether it must say ``preload``.
        csp: Directives of Content-Security-Policy with their exact values; without any of them
            the header must have a ``default-src`` that is not ``*``. ``false``: it is not
            looked at.
        frame_options: What X-Frame-Options may be; empty: it is not looked at.
        also: Further headers with their exact values.
        absent: Headers that must not be there (``X-Powered-By``).
    """

    paths: Annotated[tuple[Path, ...], msgspec.Meta(min_length=1)] = ("/",)
    hsts_max_age: Annotated[int, msgspec.Meta(ge=0)] = 31_536_000
    hsts_include_subdomains: bool = True
    hsts_preload: bool = True
    csp: dict[str, str] | bool = True
    frame_options: tuple[str, ...] = ("DENY",)
    also: dict[str, str] = msgspec.field(default_factory=dict)
    absent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        super().__post_init__()
        refuse_twice("paths", self.paths)


def _checks(settings: SecurityHeadersSettings) -> tuple[Table, ...]:
    expected = [
        # The headers of an answer that is an error by accident say nothing of the others.
        {"on": "status", "less": _ERRORS},
        *_hsts(settings),
        *_csp(settings),
        {"on": "header", "name": "X-Content-Type-Options", "equals": "nosniff"},
    ]
    if settings.frame_options:
        frames = {"on": "header", "name": "X-Frame-Options", "in": settings.frame_options}
        expected.append(frames)
    also = settings.also.items()
    expected += [{"on": "header", "name": name, "equals": value} for name, value in also]
    expected += [{"on": "header", "name": name, "absent": True} for name in settings.absent]
    names = named(settings.paths)
    single = len(settings.paths) == 1
    return tuple(
        http_check(settings, "" if single else names[path], {"path": path}, expected)
        for path in settings.paths
    )


def _hsts(settings: SecurityHeadersSettings) -> list[dict[str, Any]]:
    if not settings.hsts_max_age:
        return []
    of = {"on": "header", "name": _HSTS}
    expected: list[dict[str, Any]] = [
        {**of, "directive": "max-age", "greater-equal": settings.hsts_max_age}
    ]
    if settings.hsts_include_subdomains:
        expected.append({**of, "directive": "includeSubDomains", "equals": True})
    if settings.hsts_preload:
        expected.append({**of, "directive": "preload", "equals": True})
    return expected


def _csp(settings: SecurityHeadersSettings) -> list[dict[str, Any]]:
    if settings.csp is False:
        return []
    of = {"on": "header", "name": _CSP}
    if settings.csp is True or not settings.csp:
        return [{**of, "directive": "default-src", "exists": True, "not-equals": "*"}]
    # A directive without a value is read as true.
    return [
        {**of, "directive": name, "equals": value or True} for name, value in settings.csp.items()
    ]


PACK: Pack[SecurityHeadersSettings] = Pack(
    name="security-headers", settings=SecurityHeadersSettings, checks=_checks
)
