"""The ``http`` table of a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from release_gate.redact import sounds_secret
from release_gate.subjects.probes.contract import ProbeSettings
from release_gate.subjects.probes.templates import is_one

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""

IDEMPOTENCY_KEY = "idempotency-key"
_MIB = 1 << 20

ORIGINS = "http-origins"
"""Key in the world's ``extra`` of the clients of this run."""

LOCAL = "local"
"""The environment in which certificates need not be verified."""

DEFAULT_RATE = 50.0
"""Most requests a second to one origin."""

Method = Literal["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE"]


class Auth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Credentials out of an environment variable.

    Args:
        scheme: ``bearer``, ``basic`` (the variable holds ``user:password``) or ``header``.
        variable: Name of the variable.
        name: Name of the header; for ``header``.
    """

    scheme: Literal["bearer", "basic", "header"]
    variable: str
    name: str | None = None

    def __post_init__(self) -> None:
        """Refuse a header without a name."""
        if (self.scheme == "header") != (self.name is not None):
            raise ValueError('name goes with scheme = "header", and only with it')

    @property
    def header(self) -> str:
        """Name of the header that carries it, in lower case."""
        return (self.name or "authorization").lower()


QueryValue = str | int | tuple[str | int, ...]


class HttpSettings(ProbeSettings, frozen=True, kw_only=True):
    """Keys of ``http = { ... }``: one request.

    Args:
        path: Below the target of the environment.
        url: A whole address in place of target and path; its host must be among ``hosts``.
        method: How; anything but GET, HEAD, OPTIONS and TRACE counts as writing.
        scheme: In place of the target's; then with the port ``port``, or the usual one.
        port: In place of the target's.
        headers: Sent with it.
        query: Appended to the path.
        json: Body, as JSON.
        form: Body, as a form.
        body: Body, as it stands.
        file: Body, content of a file of the project.
        auth: Credentials out of an environment variable.
        follow: How many redirects are followed; credentials never go to another origin.
        at_once: Sends it this many times side by side; ``answers`` holds all of them.
        writes: Whether it changes something, where the method says otherwise (a search by POST).
        instance: Address that is connected to, with the target's Host and SNI.
        body_limit: Bytes of a body that are read at most; a longer one fails the check.
        verify: ``false``: the certificate is not verified, which caps the verdict.
    """

    path: str | None = None
    url: str | None = None
    method: Method = "GET"
    scheme: Literal["http", "https"] | None = None
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    query: dict[str, QueryValue] = msgspec.field(default_factory=dict)
    json: Any = msgspec.UNSET
    form: dict[str, str] | None = None
    body: str | None = None
    file: str | None = None
    auth: Auth | None = None
    follow: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    at_once: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1
    writes: bool | None = None
    instance: str | None = None
    body_limit: Annotated[int, msgspec.Meta(ge=1, le=64 * _MIB)] = _MIB
    verify: bool = True

    def __post_init__(self) -> None:
        """Refuse a request that cannot be sent, or that would go where nothing was said.

        Raises:
            ValueError: With the key in front.
        """
        if (self.path is None) == (self.url is None):
            raise ValueError("path or url must be there, one of them")
        if self.path is not None and not self.path.startswith("/") and not is_one(self.path):
            raise ValueError('path must begin with "/", or be nothing but one ${name}')
        if self.path is not None and self.path.startswith("//"):
            raise ValueError("path must not begin with //: that names another host")
        if self.url is not None:
            _check_url(self)
        bodies = [self.json is not msgspec.UNSET, self.form is not None]
        bodies += [self.body is not None, self.file is not None]
        if sum(bodies) > 1:
            raise ValueError("json, form, body and file: only one of them can be the body")
        if any(bodies) and self.method in {"GET", "HEAD", "TRACE"}:
            raise ValueError(f"method: {self.method} has no body")
        if self.writes is False and self.method in {"PUT", "PATCH", "DELETE"}:
            raise ValueError(f"writes: {self.method} always counts as writing")
        for name in self.headers:
            if name.lower() in {"host", "content-length", "transfer-encoding", "connection"}:
                raise ValueError(f"headers.{name} is made by the client")


FILLABLE = frozenset({"path", "headers.*", "query.*", "json.*", "form.*", "body"})
QUOTED = frozenset({"path"})

OFFERED = frozenset(
    {"status", "header", "json", "body", "redirect", "duration", "certificate", "answers", "size"}
)


def writes(settings: HttpSettings) -> bool:
    """Whether the request may change something."""
    if settings.writes is not None:
        return settings.writes
    return settings.method not in SAFE


def repeatable(settings: HttpSettings) -> bool:
    """Whether it may be sent again: an idempotency key makes it the same thing."""
    return any(
        name.lower() == IDEMPOTENCY_KEY and value for name, value in settings.headers.items()
    )


def shown(settings: HttpSettings) -> tuple[str, ...]:
    """The request for people, without secrets."""
    place = settings.url or _moved(settings) + (settings.path or "")
    query = "&".join(f"{n}={_masked(n, _query(value))}" for n, value in settings.query.items())
    times = f" ({settings.at_once} at once)" if settings.at_once > 1 else ""
    lines = [f"{settings.method} {place}{f'?{query}' if query else ''}{times}"]
    lines += [f"{name}: {_masked(name, value)}" for name, value in settings.headers.items()]
    if settings.auth:
        lines.append(f"{settings.auth.header}: from ${settings.auth.variable}")
    if settings.instance:
        lines.append(f"connect to {settings.instance}")
    lines += _body(settings)
    return tuple(lines)


def _check_url(settings: HttpSettings) -> None:
    url = settings.url or ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("url must begin with http:// or https:// and name a host")
    if "${" in url:
        raise ValueError("url cannot hold ${...}: captured values never choose a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("url must hold no user and password: use auth")
    if settings.scheme or settings.port:
        raise ValueError("url says scheme and port itself")


def _moved(settings: HttpSettings) -> str:
    if not (settings.scheme or settings.port):
        return ""
    return f"[{settings.scheme or 'same scheme'}, port {settings.port or 'usual'}] "


def _query(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _masked(name: str, value: str) -> str:
    """What is named like a secret is shown only as far as it is yet to be filled in."""
    return "[hidden]" if is_credential(name) and "${" not in value else value


CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"}
)
"""Headers that carry credentials: they never go to another origin, and are never shown."""


def is_credential(name: str) -> bool:
    """Whether what goes by this name is a secret: a header, a parameter, a field of a body."""
    plain = name.lower()
    return plain in CREDENTIALS or (plain != IDEMPOTENCY_KEY and sounds_secret(name))


def secrets_in(name: str, value: Any) -> Iterator[str]:
    """Texts of a value that go by a secret's name, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from secrets_in(str(key), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from secrets_in(name, inner)
    elif isinstance(value, str) and is_credential(name):
        yield value


def _hidden_in(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden_in(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden_in(inner, name) for inner in value]
    return _masked(name, value) if isinstance(value, str) else value


def _body(settings: HttpSettings) -> list[str]:
    if settings.json is not msgspec.UNSET:
        return [f"JSON {msgspec.json.encode(_hidden_in(settings.json)).decode()}"]
    if settings.form is not None:
        return [f"form {_form(settings.form)}"]
    if settings.body is not None:
        return [f"body of {len(settings.body)} characters"]
    return [f"body from {settings.file}"] if settings.file else []


def _form(form: Mapping[str, str]) -> str:
    return "&".join(f"{name}={_masked(name, value)}" for name, value in form.items())
