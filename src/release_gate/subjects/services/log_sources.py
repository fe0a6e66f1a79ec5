"""The lines of one service's log, from files or from a command, with their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from release_gate.subjects.probes.contract import Budget, ProbeProblem, ProbeWorld
from release_gate.subjects.services.command import run, text
from release_gate.subjects.services.log_times import Reader

_LOOK_AT_THE_CLOCK = 2000


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Where one service's log is.

    Args:
        name: Of the service.
        files: Paths or patterns (``logs/api-*.log``), relative to the project or absolute.
        argv: A command that prints it, instead; no shell reads it.
        env: Names of the variables that the command gets.
    """

    name: str
    files: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    env: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a source that is none.

        Raises:
            ValueError: With its name.
        """
        if bool(self.files) == bool(self.argv):
            raise ValueError(f'source {self.name}: write either "files" or "argv"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line.

    Args:
        service: Whose log it stands in.
        number: Position in that log, from 0.
        text: Without its end.
        time: When it was written; that of the line above where it names none itself.
    """

    service: str
    number: int
    text: str
    time: datetime | None


def lines_of(
    source: Source, reader: Reader, most_bytes: int, world: ProbeWorld, budget: Budget
) -> tuple[Line, ...]:
    """All lines of a source, blank ones left out.

    Raises:
        ProbeProblem: If there is no line, a file is missing or too large, or the command
            failed.
        ProbeFailed: Transient, if the time ran out.
    """
    result, time = [], None
    for number, line in enumerate(_texts(source, most_bytes, world, budget)):
        if number % _LOOK_AT_THE_CLOCK == 0:
            budget.left()
        time = reader(line) or time
        if line.strip():
            result.append(Line(service=source.name, number=number, text=line, time=time))
    if not result:
        raise ProbeProblem(f"the log of {source.name} is empty: nothing can be said about it")
    return tuple(result)


def _texts(source: Source, most_bytes: int, world: ProbeWorld, budget: Budget) -> Iterator[str]:
    if source.argv:
        yield from _printed(source, world, budget)
        return
    left = most_bytes
    for pattern in source.files:
        for path in _found(pattern, source, world.root):
            data, left = _read(path, source, left)
            yield from text(data).split("\n")


def _printed(source: Source, world: ProbeWorld, budget: Budget) -> Iterator[str]:
    completed = run(source.argv, source.env, world, budget)
    if completed.exit_code != 0:
        raise ProbeProblem(
            f"the log of {source.name} could not be had: {source.argv[0]} ended with exit code "
            f"{completed.exit_code}"
        )
    # docker logs and kubectl logs print what the service wrote to either.
    for stream in (completed.stdout, completed.stderr):
        yield from text(stream).split("\n")


def _found(pattern: str, source: Source, root: Path) -> tuple[Path, ...]:
    path = Path(pattern)
    start = Path(path.anchor) if path.is_absolute() else root
    inner = str(path.relative_to(path.anchor)) if path.is_absolute() else pattern
    found = tuple(sorted(match for match in start.glob(inner) if match.is_file()))
    if not found:
        raise ProbeProblem(f"the log of {source.name} is missing: no file matches {pattern}")
    return found


def _read(path: Path, source: Source, most_bytes: int) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise ProbeProblem(
            f"the log of {source.name} cannot be read: {path.name}: {error.strerror}"
        ) from None
    if len(data) > most_bytes:
        raise ProbeProblem(
            f"the log of {source.name} is larger than may be read",
            remedy='Name fewer files, or raise "max-bytes": nothing is judged on a part.',
        )
    return data, most_bytes - len(data)
