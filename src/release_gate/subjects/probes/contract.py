"""What a probe is: one way of asking something that runs, and what it answered.

A probe looks once and says what it saw. Retrying, polling, expecting and capturing are
done around it, the same for every probe.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from release_gate.errors import ReleaseGateError
from release_gate.ports import Clock, Deployment, Runner


class ProbeSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """Base of the settings of every probe: what stands in the check's table of its name."""


class ProbeFailed(ReleaseGateError):
    """What was asked answered wrongly or not at all: the check fails.

    Args:
        what: What happened, without any secret.
        transient: Whether a poll may take it for "not yet" (refused, timed out).
        detail: Further lines for the evidence.
    """

    slug = "probe-failed"

    def __init__(
        self, what: str, *, transient: bool = False, detail: tuple[str, ...] = (), remedy: str = ""
    ) -> None:
        super().__init__(what, remedy=remedy)
        self.transient = transient
        self.detail = detail


class ProbeProblem(ReleaseGateError):
    """Nothing could be asked (a driver or a variable is missing): the check cannot be judged."""

    slug = "probe-problem"


class Budget(Protocol):
    """The time that is left, on one stopwatch for a whole attempt."""

    def left(self) -> float:
        """Seconds left.

        Raises:
            ProbeFailed: Transient, if there are none.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """Stands in place of a value that is there and cannot be read (a body that is no JSON).

    Args:
        reason: Why, as it follows "cannot be read: "; no part of an answer.
    """

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What one look saw.

    Args:
        values: By the name that an expectation or capture writes under ``on``: text, numbers,
            booleans, ``None``, lists and string-keyed mappings of such. A name that the probe
            offers and that is not here was absent in the answer; :class:`Unreadable` where
            it is there and cannot be read.
        line: One line for the time line, as in ``GET /health 200 in 41 ms``; no secret.
        excerpt: Lines of the answer for the evidence, uncut as far as is possible: they are
            redacted and then cut around the probe, since a secret that is cut hides no more.
        limitations: Name and detail of what caps the verdict (``tls-not-verified``).
    """

    values: Mapping[str, Any]
    line: str
    excerpt: tuple[str, ...] = ()
    limitations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeWorld:
    """What a probe may use of the outside.

    Args:
        clock: Wall clock and stopwatch.
        runner: For probes that run a program; never a shell.
        environment: Variables as injected; never ``os.environ``.
        root: Absolute path of the project; relative names of files are below it.
        work: An empty folder that goes away after the run.
        hide: Told of every secret as soon as it is known, before anything is shown.
        allowed: Raises :class:`ProbeProblem` unless the name may be asked; every probe that
            opens a connection calls it with the host as written and with each address it
            resolved to, before it connects, and connects to that address.
        deployment: Where the release runs; ``None`` if no environment was chosen.
        entropy: That many random bytes.
        stopping: Set once the run is being ended: nothing new is to be begun.
        extra: What a probe keeps between looks, by its name.
    """

    clock: Clock
    runner: Runner
    environment: Mapping[str, str]
    root: Path
    work: Path
    hide: Callable[[str], None]
    allowed: Callable[[str, tuple[str, ...]], None]
    deployment: Deployment | None = None
    entropy: Callable[[int], bytes] = os.urandom
    stopping: Callable[[], bool] = lambda: False
    extra: Mapping[str, Any] = field(default_factory=dict)


S = TypeVar("S", bound=ProbeSettings)


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe(Generic[S]):
    """One kind of probe.

    Args:
        name: Kebab-case; the key of its table in a check (``[check.sql]``).
        settings: Type of that table.
        offered: Names that may stand under ``on``; any other is a configuration error.
        writes: Whether a look with these settings may change something (a POST): such checks
            are not retried without an idempotency key and need ``allow-writes`` in production.
        fillable: Keys of the settings (``"path"``, ``"headers.*"``) in which ``${name}`` may
            stand; anywhere else it is a configuration error. Never scheme, host or port.
        shown: What would be asked, for ``--dry-run``: lines without secrets; opens nothing.
        look: Looks once, within the budget. Raises :class:`ProbeFailed` or
            :class:`ProbeProblem`; anything else is a bug.
        repeatable: Whether a look that writes may be sent again (it has an idempotency key).
        quoted: Those of ``fillable`` that are part of a URL: what is filled in is quoted.
        instance_key: Key of the settings that takes one address of ``instances``.
        usual: What a check expects that writes no ``expect`` of its own; for probes whose
            settings already say what must be so. Empty: ``expect`` must be written.
    """

    name: str
    settings: type[S]
    offered: frozenset[str]
    writes: Callable[[S], bool]
    fillable: frozenset[str]
    shown: Callable[[S], tuple[str, ...]]
    look: Callable[[S, ProbeWorld, Budget], Observation]
    repeatable: Callable[[S], bool] = lambda _settings: False
    quoted: frozenset[str] = frozenset()
    instance_key: str | None = None
    usual: tuple[Mapping[str, Any], ...] = ()


AnyProbe = Probe[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack(Generic[S]):
    """Several checks by one line.

    Args:
        name: Kebab-case; the key of its table under ``packs``.
        settings: Type of that table.
        checks: The checks as they would stand in the file (``{"name": "live", "http": ...}``).
            Names are written ``PACK/NAME`` in results; ``needs`` and captures are the pack's own.
    """

    name: str
    settings: type[S]
    checks: Callable[[S], tuple[Mapping[str, Any], ...]]


AnyPack = Pack[Any]
