"""What mypy prints with ``--output json``, and the report that proves what it read.

A clean run prints nothing at all. ``--linecoverage-report`` (of every mypy since 0.5) makes
it write ``coverage.json``: one entry for each file named to it that was checked to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from release_gate.api import Completed, ToolProblem
from release_gate.subjects.source.commands import last_words
from release_gate.subjects.source.parsing import json_as

_REPORT = "coverage.json"


class Message(msgspec.Struct, frozen=True):
    """One line of mypy's output; ``line`` is one-based, ``column`` zero-based, -1: none."""

    file: str
    line: int
    column: int
    message: str
    hint: str | None
    code: str | None
    severity: str


class _Report(msgspec.Struct, frozen=True):
    lines: dict[str, list[int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What a run said.

    Args:
        messages: In the order of the output.
        read: Names of the files that were checked, absolute as mypy prints them.
        complaints: What it says of its own settings on the error output.
    """

    messages: tuple[Message, ...]
    read: frozenset[str]
    complaints: tuple[str, ...]


def read_output(done: Completed, report: Path, settings_file: str) -> Output:
    """Read all that a run left, and hold it against its exit code.

    Args:
        done: A run that ended with 0, 1 or 2.
        report: Folder of the line coverage report.
        settings_file: As named to mypy; empty for none.

    Raises:
        ToolProblem: If it stopped early, or if any of it is missing, cut off, of another
            shape, or at odds with the exit code.
    """
    if done.exit_code not in {0, 1}:
        raise stopped(done)
    messages = _messages(done, settings_file)
    errors = [item for item in messages if item.severity == "error"]
    # With JSON output a note alone also makes it end with 1.
    if (done.exit_code == 1 and not messages) or (done.exit_code == 0 and errors):
        raise ToolProblem(
            f"mypy ended with exit code {done.exit_code} and {len(errors)} errors: "
            "one of them is wrong",
            done.log,
        )
    return Output(
        messages=tuple(messages),
        read=frozenset(_report(report / _REPORT, done.log).lines),
        complaints=_complaints(done.stderr, settings_file),
    )


def stopped(done: Completed) -> ToolProblem:
    """Why mypy checked nothing, from what it printed on the way out."""
    # On its way out it prints JSON and plain lines to either stream.
    lines = (done.stdout + b"\n" + done.stderr).splitlines()
    said = [json_as(Message, line, tool="mypy", log=done.log) for line in lines if line[:1] == b"{"]
    errors = [item for item in said if item.severity == "error"]
    text = done.stderr.decode("utf-8", "replace") + "".join(item.message for item in errors)
    fitting = [remedy for pattern, remedy in _REMEDIES if pattern.search(text)]
    remedy = fitting[0] if fitting else "Read the gate's log; nothing is checked until then."
    if errors:
        first = errors[0]
        place = f"{first.file}:{first.line}" if first.line > 0 else first.file
        others = sorted({item.file for item in errors} - {first.file})
        more = f" (also {', '.join(others)})" if others else ""
        return ToolProblem(
            f"mypy stopped at {place}: {first.message}{more}", done.log, remedy=remedy
        )
    return ToolProblem(f"mypy stopped: {_error_line(done)}", done.log, remedy=remedy)


_REMEDIES = (
    (
        re.compile(r"Error importing plugin"),
        (
            "Add mypy to the dependencies of the project environment: the plug-in is only "
            "there, and mypy must run where its plug-ins are."
        ),
    ),
    (
        re.compile(r"Duplicate module named|found twice under different module names"),
        (
            "Set explicit_package_bases and mypy_path in mypy's settings, exclude one of the "
            "files, or name the folders to check in `paths`."
        ),
    ),
    (
        re.compile(r"not a valid Python package name"),
        "Rename the folder, take its __init__.py away, or exclude it in mypy's settings.",
    ),
    (
        re.compile(r"unrecognized arguments|invalid choice"),
        "This mypy is too old for JSON output: 1.11 or newer is needed.",
    ),
    (
        re.compile(r"INTERNAL ERROR"),
        "A fault of mypy: exclude the file it names, or use another release.",
    ),
)


def _messages(done: Completed, settings_file: str) -> list[Message]:
    messages = []
    for line in done.stdout.splitlines():
        # Settings for modules that are not among the files named: of no interest here.
        note = bool(settings_file) and line.startswith(f"{settings_file}: note: ".encode())
        if line.strip() and not note:
            messages.append(json_as(Message, line, tool="mypy", log=done.log))
    return messages


def _complaints(stderr: bytes, settings_file: str) -> tuple[str, ...]:
    if not settings_file:
        return ()
    lines = stderr.decode("utf-8", "replace").splitlines()
    return tuple(line for line in lines if line.startswith(f"{settings_file}: "))


def _report(file: Path, log: Path) -> _Report:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ToolProblem(
            "mypy left no report of the files it read, so nothing proves that it read any", log
        ) from error
    return json_as(_Report, content, tool="mypy", log=log)


def _error_line(done: Completed) -> str:
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        if "error: " in line:
            return line.strip()
    return last_words(done)
