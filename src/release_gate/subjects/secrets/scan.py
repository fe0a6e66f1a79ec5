"""Runs the worker over a list of files and reads its answer without trust."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
_MOST_WORKERS = 4
_FILES_THAT_PAY = 50  # for one more worker to start
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
    """Scan files, in as many worker processes as pay.

    Args:
        runner: Starts the workers in the root.
        python: Interpreter of the toolkit.
        request: What to read and how.
        progress: Told how many files are read.

    Raises:
        ToolProblem: If a worker fails, or its answer is missing, cut off, of another
            version, or is not about exactly these files.
    """
    if not request.files:
        raise ToolProblem(
            f"{TOOL} was given no file to read",
            remedy="Check the root and the paths of the run.",
        )
    count = _workers(len(request.files))
    counter = _Counter(len(request.files), count, progress)
    # Neighbours go to different workers: large files tend to stand together.
    parts = [replace(request, files=request.files[start::count]) for start in range(count)]
    with ThreadPoolExecutor(max_workers=count) as pool:
        scans = list(pool.map(lambda part: _scan(runner, python, part, counter), parts))
    return _joined(request, scans)


def _workers(files: int) -> int:
    return max(1, min(_MOST_WORKERS, os.cpu_count() or 1, files // _FILES_THAT_PAY))


def _joined(request: Request, scans: list[Scan]) -> Scan:
    by_name = {report.file: report for one in scans for report in one.files}
    return replace(scans[0], files=tuple(by_name[name] for name in request.files))


def _scan(runner: Runner, python: Path, request: Request, counter: _Counter) -> Scan:
    done = runner.run(
        # UTF-8 mode: names and contents are read alike on every platform.
        [str(python), "-P", "-X", "utf8", str(WORKER)],
        env={"PYTHONPATH": None},
        stdin=_encoded(request),
        on_line=counter.line,
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


class _Counter:
    """Tells now and then how many files are read; called from several threads."""

    def __init__(self, total: int, workers: int, progress: Callable[[str], None]) -> None:
        self._lock = threading.Lock()
        self._total, self._progress = total, progress
        self._seen = -workers  # a header is no file

    def line(self, _text: str) -> None:
        """One more line of a worker."""
        with self._lock:
            self._seen += 1
            seen = self._seen
        if seen >= 0 and seen % 50 == 0:
            self._progress(f"{min(seen, self._total)} of {self._total} files")


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
