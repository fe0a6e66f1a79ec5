"""Gates that are not ours: what the plan knows of them, and the messages to their child process.

The plan executes no code of the repository. A gate file, or a gate of a third party, is planned
by what can be read without importing it; its settings are decoded, its ``applies`` is asked and
its evidence is collected in one child process, which gets a :class:`HostRequest` and gives back
a :class:`HostAnswer`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Literal, TypeVar

import msgspec

from release_gate.api import Context, Evidence, Gate, Inputs, Limit, Project, Settings
from release_gate.model import BaseRef
from release_gate.ports import Deployment, FileEntry, FileKind

PROTOCOL = 1

HostedHome = Literal["file", "entry-point"]


class RawSettings(Settings, frozen=True, kw_only=True):
    """Keys of a gate's table as they stand, to be decoded by the gate in its own process.

    Args:
        values: Decoded TOML without the keys that every gate has.
    """

    values: dict[str, Any] = msgspec.field(default_factory=dict)


class _Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what crosses the pipe."""


class HostFile(_Message, frozen=True, kw_only=True):
    """One :class:`release_gate.ports.FileEntry`."""

    path: str
    tracked: bool
    size: int
    kind: FileKind
    blob: str

    @classmethod
    def of(cls, entry: FileEntry) -> HostFile:
        """The entry as a message."""
        return cls(
            path=entry.path,
            tracked=entry.tracked,
            size=entry.size,
            kind=entry.kind,
            blob=entry.blob,
        )

    def entry(self) -> FileEntry:
        """The message as an entry."""
        return FileEntry(
            path=self.path,
            tracked=self.tracked,
            size=self.size,
            kind=self.kind,
            blob=self.blob,
        )


class HostLimit(_Message, frozen=True, kw_only=True):
    """One :class:`release_gate.model.Limit`; bounds as exact fractions (``159/200``)."""

    metric: str
    at_least: str | None
    at_most: str | None
    origin: str
    advice: str
    optional: bool

    @classmethod
    def of(cls, limit: Limit) -> HostLimit:
        """The limit as a message."""
        return cls(
            metric=limit.metric,
            at_least=_text(limit.at_least),
            at_most=_text(limit.at_most),
            origin=limit.origin,
            advice=limit.advice,
            optional=limit.optional,
        )

    def limit(self) -> Limit:
        """The message as a limit.

        Raises:
            ValueError: If a bound is no fraction.
        """
        return Limit(
            metric=self.metric,
            at_least=_fraction(self.at_least),
            at_most=_fraction(self.at_most),
            origin=self.origin,
            advice=self.advice,
            optional=self.optional,
        )


class HostRequest(_Message, frozen=True, kw_only=True):
    """All that the child process needs to collect the evidence of one gate.

    Args:
        protocol: Version of these messages; the child refuses any other.
        gate_id: Id under which the gate is configured.
        kind: Kind that the gate's ``GATE`` must state.
        home: Where the gate comes from.
        file: The gate file, relative to ``root``; for ``home == "file"``.
        sha256: Digest of the gate file as planned; for ``home == "file"``.
        entry_point: Name in the group ``release_gate.gates``; for ``home == "entry-point"``.
        settings: Keys of the gate's own, as in the configuration.
        root: Absolute path of the project.
        name: Name of the project.
        files: The plan's file list.
        source: Folders or files that ship.
        requires_python: The project's own.
        work: Empty folder outside the project.
        artifacts: Folder for files left for people.
        base: What differences are taken against; ``None`` without a base.
        project_python: Interpreter of the project environment; ``None`` where there is none.
        project_environment: How it was found, or why there is none; for people.
        paths: The files that ``--path`` narrows the run to.
        deadline_s: Seconds until the process is ended.
        secret_key: Key for hashes that identify secrets.
        deployment: The chosen environment; ``None`` if none was.
    """

    protocol: int = PROTOCOL
    gate_id: str
    kind: str
    home: HostedHome
    file: str | None
    sha256: str | None
    entry_point: str | None
    settings: dict[str, Any]
    root: str
    name: str
    files: tuple[HostFile, ...]
    source: tuple[str, ...]
    requires_python: str | None
    work: str
    artifacts: str
    base: BaseRef | None
    project_python: str | None
    project_environment: str
    paths: tuple[str, ...]
    deadline_s: float
    secret_key: bytes
    deployment: Deployment | None = None


class HostProblem(_Message, frozen=True, kw_only=True):
    """Why there is no evidence."""

    what: str
    remedy: str = ""
    slug: str = "gate-crashed"


class HostAnswer(_Message, frozen=True, kw_only=True):
    """What the child process found.

    Args:
        protocol: Version of these messages.
        gate_id: Whose answer it is; must be the one asked for.
        title: As the gate states it.
        applies: Why the gate has nothing to do here; ``None`` if it has.
        evidence: As built-in values of :class:`release_gate.model.Evidence`; ``None`` exactly
            when ``applies`` or ``problem`` is set.
        problem: Why there is no evidence.
        limits: What the gate's metrics must keep to.
    """

    protocol: int = PROTOCOL
    gate_id: str
    title: str
    applies: str | None
    evidence: dict[str, Any] | None
    problem: HostProblem | None
    limits: tuple[HostLimit, ...]


M = TypeVar("M", HostRequest, HostAnswer)


def encode(message: HostRequest | HostAnswer) -> bytes:
    """One line of JSON. Python's own encoder carries names that are not UTF-8."""
    return json.dumps(msgspec.to_builtins(message), sort_keys=True).encode("ascii") + b"\n"


def decode(line: bytes, kind: type[M]) -> M:
    """A message from the line that :func:`encode` wrote.

    Args:
        line: What came over the pipe, complete.
        kind: The expected message.

    Raises:
        ValueError: If it is empty, cut off, repeats or misses a key, holds an unknown one or a
            value of another type, or is of another version.
    """
    if not line.endswith(b"\n"):
        raise ValueError("the message is empty or cut off")
    parsed = json.loads(line, object_pairs_hook=_unique)
    message = msgspec.convert(parsed, kind, strict=True)
    missing = sorted(
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if field.encode_name not in parsed
    )
    if missing:
        raise ValueError(f'the message lacks "{missing[0]}"')
    if message.protocol != PROTOCOL:
        raise ValueError(f"the message is of version {message.protocol}, not {PROTOCOL}")
    return message


def hosted_gate(*, kind: str, title: str, phase: str) -> Gate[RawSettings]:
    """A stand-in that the plan can list; its work is done by the gate host.

    Args:
        kind: Kind by the file's or the entry point's name.
        title: One line for people.
        phase: Default phase.
    """
    return Gate(
        kind=kind,
        title=title,
        settings=RawSettings,
        applies=_applies,
        collect=_collect,
        limits=_limits,
        inputs=_inputs,
        phase=phase,
    )


def is_hosted(gate: Gate[Any]) -> bool:
    """Whether the gate is a stand-in of :func:`hosted_gate`."""
    return gate.settings is RawSettings


def _applies(project: Project, settings: RawSettings) -> str | None:
    """The real answer comes from the child process."""
    del project, settings
    return None


def _collect(ctx: Context, settings: RawSettings) -> Evidence:
    del settings
    raise TypeError(f"{ctx.gate_id} runs in a process of its own, through the gate host")


def _limits(settings: RawSettings, project: Project) -> tuple[Limit, ...]:
    """They come with the answer."""
    del settings, project
    return ()


def _inputs(project: Project, settings: RawSettings) -> Inputs:
    """What it reads is not known: its evidence is never reused."""
    del project, settings
    return Inputs(files=(), reusable=False)


def _text(bound: Fraction | None) -> str | None:
    return None if bound is None else str(bound)


def _fraction(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError as error:
        raise ValueError(f"{text} is no fraction") from error


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result
