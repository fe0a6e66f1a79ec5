"""The request that a check's table asks for."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from release_gate.ports import Deployment
from release_gate.subjects.http.settings import (
    CREDENTIALS,
    Auth,
    HttpSettings,
    is_credential,
    secrets_in,
)
from release_gate.subjects.probes.contract import ProbeProblem, ProbeWorld

_USER_AGENT = "release-gate"
_WORD = re.compile(r"(?:basic|bearer|token|negotiate)\s+(?P<secret>.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """One request, ready to be sent.

    Args:
        method: How.
        url: Where.
        headers: By lower-case name.
        content: Body.
        credentials: Names of the headers that never go to another origin.
    """

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    content: bytes | None
    credentials: frozenset[str]

    def elsewhere(self, url: httpx.URL) -> Sending:
        """The same request without credentials, for another origin."""
        kept = {name: v for name, v in self.headers.items() if name not in self.credentials}
        return replace(self, url=url, headers=kept)


def build(settings: HttpSettings, world: ProbeWorld) -> Sending:
    """The request, everything filled in.

    Args:
        settings: Of the check.
        world: Says where the target is, and tells of every secret that is sent.

    Raises:
        ProbeProblem: If there is no target, a variable or a file is missing, or a value cannot
            be sent.
    """
    headers = {name.lower(): str(value) for name, value in settings.headers.items()}
    content = _content(settings, world, headers)
    credentials = {*CREDENTIALS, *(name for name in headers if is_credential(name))}
    if settings.auth:
        headers[settings.auth.header] = _credential(settings.auth, world)
        credentials.add(settings.auth.header)
    for part in (settings.query, settings.form or {}, {"": settings.json}):
        for secret in secrets_in("", part):
            world.hide(secret)
    for name in credentials & headers.keys():
        _hide(headers[name], world.hide)
    headers.setdefault("user-agent", _USER_AGENT)
    headers.setdefault("accept", "*/*")
    headers.setdefault("accept-encoding", "identity")
    for name, value in headers.items():
        _check_header(name, value)
    return Sending(
        method=settings.method,
        url=_url(settings, world.deployment),
        headers=headers,
        content=content,
        credentials=frozenset(credentials),
    )


def _url(settings: HttpSettings, deployment: Deployment | None) -> httpx.URL:
    if settings.url is not None:
        return _with_query(httpx.URL(settings.url), settings)
    if deployment is None or deployment.target is None:
        raise ProbeProblem(
            "there is no target to ask",
            remedy="Set target in the table of the environment, and name it with --environment.",
        )
    base = urlsplit(deployment.target)
    scheme = settings.scheme or base.scheme
    port = settings.port or (None if settings.scheme else base.port)
    host = f"[{base.hostname}]" if ":" in (base.hostname or "") else base.hostname
    place = f"{scheme}://{host}{f':{port}' if port else ''}{base.path.rstrip('/')}"
    try:
        url = httpx.URL(place + (settings.path or ""))
    except httpx.InvalidURL as error:
        raise ProbeProblem(f"the path makes no address: {error}") from error
    if url.host != httpx.URL(place).host:
        raise ProbeProblem("the path leads to another host")
    return _with_query(url, settings)


def _with_query(url: httpx.URL, settings: HttpSettings) -> httpx.URL:
    pairs: list[tuple[str, Any]] = []
    for name, value in settings.query.items():
        values = value if isinstance(value, tuple | list) else (value,)
        pairs += [(name, str(one)) for one in values]
    if not pairs:
        return url
    query = "&".join(part for part in (url.query.decode("ascii"), urlencode(pairs)) if part)
    return url.copy_with(query=query.encode("ascii"))


def _content(settings: HttpSettings, world: ProbeWorld, headers: dict[str, str]) -> bytes | None:
    if settings.json is not msgspec.UNSET:
        headers.setdefault("content-type", "application/json")
        return msgspec.json.encode(settings.json)
    if settings.form is not None:
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
        return urlencode(settings.form).encode("ascii")
    if settings.body is not None:
        return settings.body.encode()
    if settings.file is not None:
        return _file(world.root, settings.file)
    return b"" if settings.method in {"POST", "PUT", "PATCH"} else None


def _file(root: Path, name: str) -> bytes:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ProbeProblem(f"file: {name} lies outside of the project")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProbeProblem(f"file: {name} cannot be read: {error.strerror}") from error


def _credential(auth: Auth, world: ProbeWorld) -> str:
    value = world.environment.get(auth.variable, "")
    if not value:
        raise ProbeProblem(
            f"the environment variable {auth.variable} is not set",
            remedy="It holds the credential of this check; set it where release-gate runs.",
        )
    world.hide(value)
    if auth.scheme == "basic":
        user, colon, password = value.partition(":")
        if not colon:
            raise ProbeProblem(f"{auth.variable} must hold user:password")
        world.hide(password or user)
        return f"Basic {base64.b64encode(value.encode()).decode()}"
    return f"Bearer {value}" if auth.scheme == "bearer" else value


def _hide(value: str, hide: Callable[[str], None]) -> None:
    """The value, without the word for its scheme, and each value of a cookie."""
    found = _WORD.fullmatch(value.strip())
    hide(found["secret"] if found else value)
    for part in value.split(";"):
        name, equals, rest = part.partition("=")
        if equals and name:
            hide(rest.strip())


def _check_header(name: str, value: str) -> None:
    if any(sign in value for sign in "\r\n\0"):
        raise ProbeProblem(f"the value for the header {name} holds a line break")
    try:
        value.encode("ascii")
    except UnicodeEncodeError as error:
        raise ProbeProblem(f"the value for the header {name} is not ASCII") from error
