"""Directives of headers: HSTS, Cache-Control, Content-Security-Policy and their like."""

from __future__ import annotations

import re
from collections.abc import Mapping

# CSP (W3C, section 2.2.1) separates by semicolons and names by white space.
_BY_SPACE = {"content-security-policy", "content-security-policy-report-only"}
_PART = re.compile(r"""(?:[^";,]|"(?:[^"\\]|\\.)*")+""")
_CSP_PART = re.compile(r"[^;]+")
_WHOLE = re.compile(r"\d{1,18}")

Directive = str | int | bool


def directives(name: str, value: str) -> Mapping[str, Directive]:
    """What a header's value says, by the directive's name in lower case.

    A directive without a value is ``True``, a whole number is one. Of one that stands twice the
    first holds, as in CSP and HSTS (RFC 6797, 6.1: a repeated one makes the header void, so that
    here its later value never counts).

    Args:
        name: Of the header, in any case.
        value: One line of it.
    """
    spaced = name.lower() in _BY_SPACE
    found: dict[str, Directive] = {}
    for part in (_CSP_PART if spaced else _PART).findall(value):
        key, given = _split(part.strip(), spaced=spaced)
        if key and key not in found:
            found[key] = given
    return found


def _split(part: str, *, spaced: bool) -> tuple[str, Directive]:
    if spaced:
        key, _, rest = part.partition(" ")
        return key.lower(), " ".join(rest.split()) or True
    key, equals, rest = part.partition("=")
    if not equals:
        return key.strip().lower(), True
    text = rest.strip().strip('"')
    return key.strip().lower(), int(text) if _WHOLE.fullmatch(text) else text
