"""Pack ``csrf``: a change of state without its token is refused, and with it is not."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from release_gate.subjects.packs.making import (
    PackSettings,
    Path,
    Statuses,
    Table,
    check_pattern,
    http_check,
)
from release_gate.subjects.probes.contract import Pack

# A token is shown nowhere.
_HIDDEN = dict.fromkeys(("secret",), True)


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Key ``token``: where a good token comes from and goes to.

    Args:
        path: Page that hands it out.
        pattern: Regular expression with one group that finds it in the page's body.
        cookie: Name of a cookie that the page sets and that is sent back; without ``pattern``
            its value is the token (double submit).
        header: Header that carries it.
        field: Field of the form that carries it.
        accepted: What the service answers to the change with the token.
    """

    path: Path
    pattern: str | None = None
    cookie: str | None = None
    header: str | None = None
    field: str | None = None
    accepted: Statuses = (200, 201, 202, 204, 302, 303)

    def __post_init__(self) -> None:
        """Refuse a token that comes from nowhere or goes nowhere.

        Raises:
            ValueError: Which key is missing.
        """
        if self.pattern is None and self.cookie is None:
            raise ValueError("pattern or cookie must say where the token is")
        if (self.header is None) == (self.field is None):
            raise ValueError("header or field must say where the token goes, one of them")
        if self.pattern is not None:
            check_pattern("pattern", self.pattern)


class CsrfSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.csrf``.

    Args:
        path: Where state changes.
        method: How.
        form: Body, as a form, without the token.
        json: Body, as JSON, without the token.
        statuses: Refusals. 401 is none: it would say that the session is missing, not the token.
        token: A good token, to show that it is its absence that is refused; without this, a
            service that refuses everybody passes.
    """

    path: Path
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    form: dict[str, str] | None = None
    json: Any = msgspec.UNSET
    statuses: Statuses = (400, 403, 419)
    token: Token | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be sent.

        Raises:
            ValueError: If there are two bodies, or no form for the token's field.
        """
        super().__post_init__()
        if self.form is not None and self.json is not msgspec.UNSET:
            raise ValueError("form and json: only one of them can be the body")
        if self.token and self.token.field and self.json is not msgspec.UNSET:
            raise ValueError("token.field goes with a form")


def _checks(settings: CsrfSettings) -> tuple[Table, ...]:
    refused = [{"on": "status", "in": settings.statuses}]
    without = http_check(settings, "without-token", _change(settings), refused)
    token = settings.token
    if token is None:
        return (without,)
    page = http_check(
        settings,
        "page",
        {"path": token.path},
        [{"on": "status", "equals": 200}],
        capture=_captures(token),
    )
    wrong = http_check(settings, "wrong-token", _with(settings, token, "${uuid}"), refused)
    accepted = [{"on": "status", "in": token.accepted}]
    good = http_check(settings, "with-token", _with(settings, token, "${token}"), accepted)
    return (without, page, wrong, good)


def _change(settings: CsrfSettings) -> dict[str, Any]:
    request: dict[str, Any] = {"path": settings.path, "method": settings.method}
    if settings.form is not None:
        request["form"] = settings.form
    if settings.json is not msgspec.UNSET:
        request["json"] = settings.json
    return request


def _captures(token: Token) -> dict[str, Any]:
    captures: dict[str, Any] = {}
    if token.cookie is not None:
        of = {"on": "header", "name": "Set-Cookie", **_HIDDEN}
        captures["cookie"] = {**of, "pattern": rf"^{token.cookie}=([^;]+)"}
    if token.pattern is not None:
        captures["token"] = {"on": "body", "pattern": token.pattern, **_HIDDEN}
    else:
        captures["token"] = captures["cookie"]
    return captures


def _with(settings: CsrfSettings, token: Token, value: str) -> dict[str, Any]:
    request = _change(settings)
    headers = {}
    if token.cookie is not None:
        headers["Cookie"] = f"{token.cookie}=${{cookie}}"
    if token.header is not None:
        headers[token.header] = value
    if token.field is not None:
        request["form"] = {**(settings.form or {}), token.field: value}
    return {**request, "headers": headers}


PACK: Pack[CsrfSettings] = Pack(name="csrf", settings=CsrfSettings, checks=_checks)
