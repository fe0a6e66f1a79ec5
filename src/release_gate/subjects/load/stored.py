"""A run that was kept to compare later ones with: the file ``load-run.json``, format 1."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from release_gate.errors import ToolProblem
from release_gate.subjects.load.reports.types import parsed
from release_gate.subjects.load.sample import Sample

NAME = "load-run.json"
FORMAT = "release-gate-load/1"

_Latency = Annotated[int, msgspec.Meta(ge=1)]
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the stored forms."""


class Machine(Form, frozen=True, kw_only=True):
    """What sent the load; latencies from unlike machines are not compared.

    Args:
        system: Name of the operating system.
        architecture: Of the processor.
        processors: How many.
        label: The setting ``machine``; or empty.
    """

    system: str
    architecture: str
    processors: int
    label: str


class StoredRun(Form, frozen=True, kw_only=True):
    """One run.

    Args:
        format: Name and version of this format.
        target: Scheme, host and port that was asked.
        requests: Method and path of each request, in turn.
        steps: Rate and duration in seconds of each step, as exact text.
        timeout_us: Microseconds that each request had.
        machine: What sent it.
        started_at: UTC, ISO 8601.
        version: Of the project; null where it is not known.
        elapsed_us: Microseconds from the first planned moment to the last answer.
        failed: How many requests failed.
        outcomes: How often each outcome occurred.
        latencies_us: Of each request, from its planned time, in the order of that.
    """

    format: Literal["release-gate-load/1"]
    target: str
    requests: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    timeout_us: _Latency
    machine: Machine
    started_at: str
    version: str | None
    elapsed_us: _Latency
    failed: _Count
    outcomes: dict[str, _Count]
    latencies_us: Annotated[tuple[_Latency, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        """Refuse numbers that cannot stand beside one another."""
        counts = (sum(self.outcomes.values()), len(self.latencies_us))
        if counts[0] != counts[1] or self.failed > counts[1]:
            raise ValueError("its counts disagree")

    def sample(self) -> Sample:
        """What was measured."""
        return Sample(
            latencies_us=self.latencies_us,
            services_us=self.latencies_us,
            failed=self.failed,
            elapsed_us=self.elapsed_us,
            outcomes=self.outcomes,
        )


def this_machine(label: str) -> Machine:
    """The machine that this runs on; its name is left out, since runners have another each time."""
    return Machine(
        system=platform.system(),
        architecture=platform.machine(),
        processors=os.cpu_count() or 0,
        label=label,
    )


def written(run: StoredRun) -> bytes:
    """The file's content."""
    return msgspec.json.format(msgspec.json.encode(run, order="deterministic"), indent=0) + b"\n"


def read(content: bytes, name: str) -> StoredRun:
    """A run out of its file.

    Args:
        content: The whole file.
        name: Of the file, for messages.

    Raises:
        ToolProblem: If it is anything but what :func:`written` gives.
    """
    try:
        values = parsed(content)
        return msgspec.convert(_this_version(values), StoredRun, strict=True)
    except (ValueError, RecursionError) as error:
        raise ToolProblem(
            f"the stored run {name} cannot be used: {error}",
            remedy=f"Store a new one: {NAME} among the artifacts of this gate.",
        ) from error


def _this_version(values: Any) -> Any:
    version = values.get("format") if isinstance(values, Mapping) else None
    if version != FORMAT:
        raise ValueError(f"its format is {version!r}, not {FORMAT!r}")
    return values


def unlike(now: StoredRun, then: StoredRun) -> Iterator[str]:
    """In what two runs differ so that they cannot be compared, one phrase each."""
    if now.target != then.target:
        yield f"another target: {then.target} then, {now.target} now"
    if now.requests != then.requests:
        yield f"other requests: {', '.join(then.requests)} then"
    if now.steps != then.steps:
        yield "another rate or duration"
    if now.timeout_us != then.timeout_us:
        yield "another timeout"
    if now.machine != then.machine:
        yield f"another machine: {_machine(then.machine)} then, {_machine(now.machine)} now"


def _machine(machine: Machine) -> str:
    named = f" ({machine.label})" if machine.label else ""
    return f"{machine.system} {machine.architecture}, {machine.processors} processors{named}"
