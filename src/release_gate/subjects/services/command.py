"""Probe ``command``: a program's exit code, its output, its version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from packaging.version import InvalidVersion, Version

from release_gate.errors import DeadlineExceeded, ToolProblem
from release_gate.ports import Completed
from release_gate.redact import secrets_of
from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeProblem,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.probes.jsons import parse

_SHOWN_LINES = 40
# What a program needs to run at all; everything else is passed on by name.
_ALWAYS = {
    "APPDATA", "COMSPEC", "HOME", "LANG", "LANGUAGE", "LOCALAPPDATA", "LOGNAME", "PATH", "PATHEXT",
    "PROGRAMDATA", "PROGRAMFILES", "SHELL", "SSL_CERT_DIR", "SSL_CERT_FILE", "SYSTEMROOT", "TEMP",
    "TMP", "TMPDIR", "TZ", "USER", "USERNAME", "USERPROFILE", "WINDIR",
}  # fmt: skip
_VERSION = re.compile(r"\d+(?:\.\d+)+(?:[-.]?(?:a|b|rc)\d+)?|(?<=v)\d+")
_NOT_ASKED = Unreadable(reason='the check has no "json = true"')


class CommandSettings(ProbeSettings, frozen=True, kw_only=True):
    """Which program, and what its end means.

    Args:
        argv: Program and arguments; no shell reads them.
        env: Names of environment variables that are passed on, besides those that a program
            needs to run at all (``PATH``, ``HOME``, the language, the time zone).
        folder: Where it runs, relative to the project.
        exit_codes: The codes that are no failure, or ``"any"``.
        json: Whether standard output is one JSON document; it has to be one then.
        min_version: The first version number in its output must not be below this.
        read_only: It changes nothing; otherwise its check counts as one that writes.
    """

    argv: tuple[str, ...]
    env: tuple[str, ...] = ()
    folder: str = "."
    exit_codes: tuple[int, ...] | Literal["any"] = (0,)
    json: bool = False
    min_version: str = ""
    read_only: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not be run or judged.

        Raises:
            ValueError: If there is no program, no exit code, or no version.
        """
        if not self.argv or not self.argv[0].strip():
            raise ValueError("argv names no program")
        if "${" in self.argv[0]:
            raise ValueError("argv: the program itself cannot be filled in, only its arguments")
        if not self.exit_codes:
            raise ValueError('exit-codes is empty: list the codes, or write "any"')
        try:
            Version(self.min_version or "0")
        except InvalidVersion as error:
            raise ValueError(f"min-version: {error}") from error


def _look(settings: CommandSettings, world: ProbeWorld, budget: Budget) -> Observation:
    completed = run(settings.argv, settings.env, world, budget, folder=settings.folder)
    name = settings.argv[0]
    out, err = (text(stream) for stream in (completed.stdout, completed.stderr))
    kept = _kept(out, err)
    if settings.exit_codes != "any" and completed.exit_code not in settings.exit_codes:
        expected = " or ".join(str(code) for code in settings.exit_codes)
        raise ProbeFailed(
            f"{name} ended with exit code {completed.exit_code}, expected {expected}", detail=kept
        )
    document = parse(out) if settings.json else _NOT_ASKED
    if settings.json and isinstance(document, Unreadable):
        raise ProbeFailed(
            f"{name}: the output cannot be read as JSON: {document.reason}", detail=kept
        )
    version = _version(out + "\n" + err)
    if settings.min_version:
        _check_version(name, version, settings.min_version, kept)
    return Observation(
        values={
            "exit-code": completed.exit_code,
            "stdout": out,
            "stderr": err,
            "json": document,
            "version": Unreadable(reason="no version in the output")
            if version is None
            else version,
            "duration": completed.duration_s,
        },
        line=f"{name} ended with exit code {completed.exit_code}",
        excerpt=kept,
    )


def run(
    argv: tuple[str, ...],
    passed: tuple[str, ...],
    world: ProbeWorld,
    budget: Budget,
    *,
    folder: str = ".",
) -> Completed:
    """Run a program with few variables and within the time that is left.

    Args:
        argv: Program and arguments.
        passed: Names of the variables it gets besides the usual ones.
        world: The outside.
        budget: The time that is left.
        folder: Where it runs, relative to the project.

    Raises:
        ProbeFailed: Transient, if it was still running at the deadline.
        ProbeProblem: If it cannot be started, or a variable is not set.
    """
    for secret in secrets_of({name: world.environment.get(name, "") for name in passed}):
        world.hide(secret)
    try:
        return world.runner.run(
            argv,
            cwd=world.root / folder,
            env=_environment(passed, world.environment),
            timeout=budget.left(),
        )
    except DeadlineExceeded as error:
        raise ProbeFailed(
            f"{argv[0]} was still running at the deadline and was ended", transient=True
        ) from error
    except ToolProblem as error:
        raise ProbeProblem(error.what, remedy=error.remedy) from error


def text(stream: bytes) -> str:
    """Output as text; bytes that are no UTF-8 escaped."""
    return stream.decode("utf-8", "backslashreplace")


def _environment(passed: tuple[str, ...], environment: Mapping[str, str]) -> dict[str, str | None]:
    missing = sorted(name for name in passed if name not in environment)
    if missing:
        raise ProbeProblem(
            f"variables that the command is to get are not set: {', '.join(missing)}",
            remedy="Set them for this run, or take them out of env.",
        )
    kept = {name for name in environment if name.upper() in _ALWAYS or name.startswith("LC_")}
    return {
        name: environment[name] if name in kept or name in passed else None for name in environment
    }


def _kept(out: str, err: str) -> tuple[str, ...]:
    lines = [*out.splitlines()[-_SHOWN_LINES:]]
    lines += [f"stderr: {line}" for line in err.splitlines()[-_SHOWN_LINES:]]
    return tuple(lines)


def _version(output: str) -> str | None:
    found = _VERSION.search(output)
    return found[0] if found else None


def _check_version(name: str, found: str | None, least: str, kept: tuple[str, ...]) -> None:
    if found is None:
        raise ProbeFailed(f"{name} told no version, expected at least {least}", detail=kept)
    try:
        older = Version(found) < Version(least)
    except InvalidVersion as error:
        raise ProbeFailed(f"{name} told no usable version: {error}", detail=kept) from None
    if older:
        raise ProbeFailed(f"{name} is version {found}, expected at least {least}", detail=kept)


def _shown(settings: CommandSettings) -> tuple[str, ...]:
    words: list[Any] = [*settings.argv]
    return (f"run {words!r} in {settings.folder}",)


PROBE: Probe[CommandSettings] = Probe(
    name="command",
    settings=CommandSettings,
    offered=frozenset({"exit-code", "stdout", "stderr", "json", "version", "duration"}),
    writes=lambda settings: not settings.read_only,
    fillable=frozenset({"argv.*"}),
    shown=_shown,
    look=_look,
    usual=({"on": "exit-code", "exists": True},),
)
