"""Bandit over an explicit list of files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from release_gate.api import Completed, Context, Problem, Skipped, ToolRun
from release_gate.subjects.bandit.output import Result, read_report
from release_gate.subjects.bandit.settings import BanditSettings
from release_gate.subjects.source import commands
from release_gate.subjects.source.batches import argument, batches
from release_gate.subjects.source.names import Names

_COMPLAINT = re.compile(r"\[(?:extension_loader|config|main|test_set)\]\s+(?:WARNING|ERROR)\s+(.*)")
_SYNTAX = "syntax error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What bandit made of the files.

    Args:
        read: Files scanned to their end.
        results: With the path in the file list.
        unread: Reason by file that could not be scanned.
        skipped: Files that were left out.
        complaints: What it says of its settings.
        hidden: Lines and tests that ``nosec`` took away, by bandit's own count.
        tools: One entry a process.
    """

    read: frozenset[str]
    results: tuple[tuple[str | None, Result], ...]
    unread: Mapping[str, str]
    skipped: tuple[Skipped, ...]
    complaints: tuple[str, ...]
    hidden: int
    tools: tuple[ToolRun, ...]


def scan(ctx: Context, files: Sequence[str], settings: BanditSettings) -> Seen:
    """Run bandit as often as the command line's length demands.

    Args:
        ctx: The gate's context.
        files: Relative paths.
        settings: What to pass.

    Raises:
        ToolProblem: If bandit stops or its report cannot be trusted.
    """
    version = commands.version(ctx, "bandit")
    parts = [
        _once(ctx, batch, settings, version=version, number=number)
        for number, batch in enumerate(batches(files))
    ]
    unread: dict[str, str] = {}
    for part in parts:
        unread.update(part.unread)
    return Seen(
        read=frozenset().union(*(part.read for part in parts)),
        results=tuple(item for part in parts for item in part.results),
        unread=unread,
        skipped=tuple(item for part in parts for item in part.skipped),
        complaints=tuple(dict.fromkeys(item for part in parts for item in part.complaints)),
        hidden=sum(part.hidden for part in parts),
        tools=tuple(item for part in parts for item in part.tools),
    )


def unread_problems(ctx: Context, seen: Seen) -> tuple[Problem, ...]:
    """A problem for each file that bandit could not scan, with the way out."""
    toolkit = ".".join(str(part) for part in ctx.toolkit.python_version)
    remedy = (
        f"Bandit parses with the Python it runs on, {toolkit}. If the file is written for a newer "
        f"one (requires-python: {ctx.project.requires_python or 'not set'}), install "
        "release-gate with that Python; else mend the file or exclude it in [tool.bandit]."
    )
    return tuple(
        Problem(
            what=f"bandit could not scan {path}: {reason}",
            path=path,
            remedy=remedy if _SYNTAX in reason else "Read the gate's log, then run again.",
        )
        for path, reason in sorted(seen.unread.items())
    )


def _once(
    ctx: Context, files: Sequence[str], settings: BanditSettings, *, version: str, number: int
) -> Seen:
    report_file = ctx.work / f"bandit-{number}.json"
    arguments = [argument(path) for path in files]
    options = ["-q", "-f", "json", "-o", str(report_file), "-n", "1", "-x", ""]
    if settings.file:
        options += ["-c", settings.file]
    done = commands.module(ctx, "bandit", [*options, "--", *arguments])
    report = read_report(report_file, done)
    names = Names(ctx.project.root, files)
    unread = {names.relative(item.filename) or item.filename: item.reason for item in report.errors}
    opened = {names.relative(name) for name in report.opened} & set(files)
    return Seen(
        read=frozenset(path for path in files if path in opened and path not in unread),
        results=tuple((names.relative(item.filename), item) for item in report.results),
        unread=unread,
        skipped=tuple(
            _skipped(path, settings) for path in files if path not in opened and path not in unread
        ),
        complaints=_complaints(done),
        hidden=report.hidden,
        tools=(commands.tool_run(ctx, "bandit", done, version=version, files=arguments),),
    )


def _skipped(path: str, settings: BanditSettings) -> Skipped:
    # Only a setting can keep a named file out: a file of the user's own may hold it as well.
    if settings.file and (not settings.table or settings.table.get("exclude_dirs")):
        return Skipped(what=path, reason="excluded", allowed_by=f"exclude_dirs in {settings.file}")
    return Skipped(what=path, reason="bandit does not say that it read it")


def _complaints(done: Completed) -> tuple[str, ...]:
    text = done.stderr.decode("utf-8", "replace")
    return tuple(dict.fromkeys(match[1].strip() for match in _COMPLAINT.finditer(text)))
