"""Runs the worker over a list of files and reads its answer without trust."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from release_gate.errors import ToolProblem
from release_gate.model import ToolRun
from release_gate.ports import Completed, Runner
from release_gate.subjects.secrets.findings import TOOL

WORKER = Path(__file__).with_name("worker.py")
PROTOCOL = 1
State = Literal["read", "filtered", "binary", "not-utf-8", "unreadable"]
_TAIL = 300
T = TypeVar("T", bound=msgspec.Struct)


class Secret(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hit: type, detect-secrets' hash, one-based line, whether its provider confirmed it."""

    type: str
    hash: str
    line: int
    verified: bool


class FileReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of one file."""

    file: str
    state: State
    filter: str = ""
    detail: str = ""
    secrets: tuple[Secret, ...] = ()
    allowlisted: tuple[int, ...] = ()


class _Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    protocol: int
    version: str
    plugins: tuple[str, ...]
    filters: tuple[str, ...]


class _Footer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    end: bool
    files: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What the worker is asked.

    Args:
        files: Names relative to the root.
        plugins_used: As in a native baseline; ``None``: detect-secrets' defaults.
        filters_used: Likewise.
        exclude_files: Patterns of file names on top of those.
        verify: Whether providers may be asked over the network.
    """

    files: tuple[str, ...]
    plugins_used: tuple[dict[str, Any], ...] | None = None
    filters_used: tuple[dict[str, Any], ...] | None = None
    exclude_files: tuple[str, ...] = ()
    verify: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """A whole scan: exactly one report for each file that was asked for."""

    tool: ToolRun
    plugins: tuple[str, ...]
    filters: tuple[str, ...]
    files: tuple[FileReport, ...]


def scan(
    runner: Runner, python: Path, request: Request, *, progress: Callable[[str], None]
) -> Scan:
    """Scan files, in one worker process.

    Args:
        runner: Starts the worker in the root.
        python: Interpreter of the toolkit.
        request: What to read and how.
        progress: Told how many files are read.

    Raises:
        ToolProblem: If the worker fails, or its answer is missing, cut off, of another
            version, or is not about exactly these files.
    """
    if not request.files:
        raise ToolProblem(
            f"{TOOL} was given no file to read",
            remedy="Check the root and the paths of the run.",
        )
    done = runner.run(
        # UTF-8 mode: names and contents are read alike on every platform.
        [str(python), "-P", "-X", "utf8", str(WORKER)],
        env={"PYTHONPATH": None},
        stdin=_encoded(request),
        on_line=_counter(len(request.files), progress),
    )
    if done.exit_code != 0:
        raise ToolProblem(
            f"{TOOL} ended with exit code {done.exit_code}: {_last_line(done)}",
            done.log,
            remedy=(
                "Read the log. Plugins and filters that the native baseline names must be "
                "loadable in the environment of release-gate."
            ),
        )
    return _read(done, request)


def _encoded(request: Request) -> bytes:
    # ASCII escapes carry names that are not UTF-8 (surrogates) through the pipe.
    return json.dumps(
        {
            "files": request.files,
            "plugins_used": request.plugins_used,
            "filters_used": request.filters_used,
            "exclude_files": request.exclude_files,
            "verify": request.verify,
        }
    ).encode()


def _counter(total: int, progress: Callable[[str], None]) -> Callable[[str], None]:
    seen = -1  # the header is no file

    def line(_text: str) -> None:
        nonlocal seen
        seen += 1
        if seen % 50 == 0:
            progress(f"{min(seen, total)} of {total} files")

    return line


def _last_line(done: Completed) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:_TAIL] if lines else "nothing on standard error"


def _read(done: Completed, request: Request) -> Scan:
    lines = done.stdout.split(b"\n")
    minimum = 3  # header, footer, and the end of the last line
    if len(lines) < minimum or lines[-1]:
        raise _unusable("its answer is missing or cut off", done)
    header = _decoded(lines[0], _Header, done)
    if header.protocol != PROTOCOL:
        raise _unusable(f"its answer has version {header.protocol}, not {PROTOCOL}", done)
    if not header.plugins:
        raise _unusable("no plugin was loaded", done)
    footer = _decoded(lines[-2], _Footer, done)
    reports = tuple(_decoded(line, FileReport, done) for line in lines[1:-2])
    if not footer.end or footer.files != len(reports):
        raise _unusable("its answer is cut off", done)
    if [report.file for report in reports] != list(request.files):
        raise _unusable("it told of other files than it was asked for", done)
    return Scan(
        tool=ToolRun(
            name=TOOL,
            version=header.version,
            command=("{python}", "-P", "-X", "utf8", "{release-gate}/subjects/secrets/worker.py"),
            exit_code=done.exit_code,
        ),
        plugins=header.plugins,
        filters=header.filters,
        files=reports,
    )


def _decoded(line: bytes, kind: type[T], done: Completed) -> T:
    try:
        # json.loads first: names may hold surrogates, which msgspec's own reader refuses.
        return msgspec.convert(json.loads(line), kind, str_keys=True)
    except ValueError as error:  # msgspec.ValidationError and JSONDecodeError are both of it
        raise _unusable(
            f"a line of its answer is unusable: {type(error).__name__}", done
        ) from error


def _unusable(what: str, done: Completed) -> ToolProblem:
    return ToolProblem(
        f"{TOOL} cannot be trusted: {what}",
        done.log,
        remedy="Install release-gate and its scanners into one environment again.",
    )
