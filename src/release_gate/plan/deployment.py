"""The chosen environment, as gates see it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from release_gate.plan.configuration import Configuration
from release_gate.plan.paths import inside
from release_gate.ports import Deployment


def deployment(
    configuration: Configuration, name: str | None, environment: Mapping[str, str]
) -> Deployment | None:
    """Where the release runs; ``None`` if no environment was chosen.

    Args:
        configuration: As the user wrote it.
        name: The chosen environment, known to be configured.
        environment: The process environment, for ``target-variable``.

    Raises:
        ConfigError: If an address or a path of it cannot be used.
    """
    if name is None:
        return None
    keys = configuration.keys.environments[name]
    target = keys.target
    if keys.target_variable:
        target = environment.get(keys.target_variable) or target
    found = Deployment(
        name=name,
        target=target.rstrip("/") if target else None,
        production=keys.production,
        allow_writes=keys.allow_writes,
        hosts=keys.hosts,
        ca_file=keys.ca_file,
        proxy=keys.proxy,
    )
    _check(configuration, found)
    return found


def _check(configuration: Configuration, found: Deployment) -> None:
    for key, value in (("target", found.target), ("proxy", found.proxy)):
        if value is not None and (problem := _problem(key, value)):
            path = ("environments", found.name, key)
            raise configuration.document.error(f'"{key}" {problem}', path)
    if found.ca_file is not None:
        try:
            inside(found.ca_file)
        except ValueError as error:
            path = ("environments", found.name, "ca-file")
            raise configuration.document.error(f'"ca-file": {error}', path) from error


def _problem(key: str, value: str) -> str:
    try:
        url = urlsplit(value)
        host, _ = url.hostname, url.port
    except ValueError as error:
        return f"is no address: {error}"
    schemes = ("http", "https") if key == "target" else ("http",)
    if url.scheme not in schemes or not host:
        return f"must begin with {' or '.join(f'{one}://' for one in schemes)} and name a host"
    if key == "target" and (url.username is not None or url.password is not None):
        return "must hold no user and password: use the auth of a check"
    if url.query or url.fragment or (key == "proxy" and url.path.strip("/")):
        return "must be a plain address"
    return ""
