"""Places of ours outside the project: the cache folder and the key of secret hashes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from release_gate.errors import OutputProblem, UsageError

CACHE = "RELEASE_GATE_CACHE"
SECRET_KEY = "RELEASE_GATE_SECRET_KEY"  # noqa: S105 - the variable's name
_KEY_BYTES = 32
_SHORTEST_KEY = 16
_FILE = "secret-key"


def cache_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where evidence, environments and the key are kept between runs; not made here.

    ``RELEASE_GATE_CACHE``, else ``release-gate`` in the place the platform has for caches:
    ``XDG_CACHE_HOME`` or ``~/.cache``, ``~/Library/Caches``, ``LOCALAPPDATA``.

    Args:
        environment: The process environment as injected.
        platform: As ``sys.platform``.

    Raises:
        UsageError: If the variable is set to no absolute path, or there is no home.
    """
    own = environment.get(CACHE)
    if own:
        if not Path(own).is_absolute():
            raise UsageError(f"{CACHE} must be an absolute path, not {own!r}")
        return Path(own)
    if platform == "win32":
        return _of(environment, "LOCALAPPDATA", "AppData/Local") / "release-gate" / "cache"
    if platform == "darwin":
        return _home(environment) / "Library" / "Caches" / "release-gate"
    return _of(environment, "XDG_CACHE_HOME", ".cache") / "release-gate"


def secret_key(
    environment: Mapping[str, str], cache: Path, random: Callable[[int], bytes] = os.urandom
) -> bytes:
    """The key that hashes of found secrets are made with.

    ``RELEASE_GATE_SECRET_KEY``, else a file of the cache folder that only the user can
    read, made once. Without the key nobody can try guesses against a published report.

    Args:
        environment: The process environment as injected.
        cache: The cache folder.
        random: Gives that many random bytes.

    Raises:
        UsageError: If the variable is set but too short.
        OutputProblem: If the file cannot be made or read, or is not whole.
    """
    given = environment.get(SECRET_KEY)
    if given is not None:
        if len(given.encode()) < _SHORTEST_KEY:
            raise UsageError(f"{SECRET_KEY} must be at least {_SHORTEST_KEY} characters long")
        return given.encode("utf-8", "surrogateescape")
    path = cache / _FILE
    try:
        if not path.exists():
            _make(path, random(_KEY_BYTES))
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise _unusable(error) from error
    if len(key) != _KEY_BYTES:
        raise _unusable(ValueError("it is cut off"))
    return key


def _make(path: Path, key: bytes) -> None:
    """Write the file whole and private; if another run was first, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{_FILE}.{os.getpid()}")
    with suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(key.hex())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links; whoever is last wins, and all read on
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _unusable(error: Exception) -> OutputProblem:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputProblem(
        f"the key for hashes of secrets cannot be kept in the cache folder: {reason}",
        remedy=f"Set {SECRET_KEY}, or {CACHE} to a folder that can be written; a broken "
        f"{_FILE} file there may be removed.",
    )


def _of(environment: Mapping[str, str], variable: str, otherwise: str) -> Path:
    value = environment.get(variable, "")
    # The XDG specification: a relative path is to be ignored.
    return Path(value) if Path(value).is_absolute() else _home(environment) / otherwise


def _home(environment: Mapping[str, str]) -> Path:
    value = environment.get("HOME") or environment.get("USERPROFILE")
    if value and Path(value).is_absolute():
        return Path(value)
    raise UsageError(f"there is no home folder to keep a cache in: set {CACHE} to an absolute path")
