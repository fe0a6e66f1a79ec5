"""One run of ``ruff check`` or ``ruff format --check`` over a list of files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from release_gate.api import Completed, Context, Skipped, ToolProblem, ToolRun
from release_gate.subjects.lint import rules
from release_gate.subjects.lint.ruff_output import Diagnostic, Log, read_log
from release_gate.subjects.lint.settings import RuffSettings, ruling
from release_gate.subjects.source import commands
from release_gate.subjects.source.batches import argument, batches
from release_gate.subjects.source.names import Names
from release_gate.subjects.source.parsing import json_as
from release_gate.subjects.source.python_files import below

Part = Literal["lint", "format"]
_COMMAND: Mapping[Part, tuple[str, ...]] = {
    "lint": ("check", "--no-fix"),
    "format": ("format", "--check"),
}
_NOTHING_LEFT = b"No Python files found under the given path"
_NAMED_SETTINGS = re.compile(r"`(?P<path>[^`\n]+\.toml)`")
_SAME = ("--no-cache", "--verbose", "--output-format", "json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What one part of ruff made of the files.

    Args:
        read: Files it read, by their path in the file list.
        skipped: Files its settings keep from it.
        diagnostics: With the path in the file list; ``None`` for one outside the root.
        tools: One entry a process.
        silenced: Names of the rules that are ignored for one file, by its path.
    """

    read: frozenset[str]
    skipped: tuple[Skipped, ...]
    diagnostics: tuple[tuple[str | None, Diagnostic], ...]
    tools: tuple[ToolRun, ...]
    silenced: Mapping[str, frozenset[str]] = field(default_factory=dict)


NOTHING = Seen(read=frozenset(), skipped=(), diagnostics=(), tools=())


def together(*parts: Seen) -> Seen:
    """Several runs as one."""
    return Seen(
        read=frozenset().union(*(part.read for part in parts)),
        skipped=tuple(item for part in parts for item in part.skipped),
        diagnostics=tuple(item for part in parts for item in part.diagnostics),
        tools=tuple(item for part in parts for item in part.tools),
        silenced={path: told for part in parts for path, told in part.silenced.items()},
    )


def run(
    ctx: Context,
    part: Part,
    files: Sequence[str],
    *,
    options: Sequence[str],
    settings: Sequence[RuffSettings],
    version: str,
) -> Seen:
    """Run one part of ruff over files, as often as the command line's length demands.

    Args:
        ctx: The gate's context.
        part: ``lint`` or ``format``.
        files: What to read.
        options: Where the rules come from.
        settings: The project's settings files, to say why a file was left out.
        version: Of ruff, as it said itself.

    Raises:
        ToolProblem: If ruff stops, or its output cannot be trusted.
    """
    seen = together(
        *(
            _once(ctx, part, batch, options=options, settings=settings, version=version)
            for batch in batches(files)
        )
    )
    if part == "format" or not seen.read:
        return seen
    environment = _environment(ctx)
    found = rules.in_force(
        ctx, sorted(seen.read), options=options, settings=settings, env=environment
    )
    return _with_a_rule(seen, settings, found)


def _once(
    ctx: Context,
    part: Part,
    files: Sequence[str],
    *,
    options: Sequence[str],
    settings: Sequence[RuffSettings],
    version: str,
) -> Seen:
    arguments = [argument(path) for path in files]
    command = [*_COMMAND[part], *_SAME, *options, "--", *arguments]
    done = commands.module(ctx, "ruff", command, known=(0, 1, 2), env=_environment(ctx))
    # Exit code 2 of the formatter means that some file did not parse: its JSON says which.
    if part == "lint" and done.exit_code not in {0, 1}:
        raise _stopped(ctx, done)
    found = _diagnostics(ctx, done)
    _agree(part, done, found)
    names = Names(ctx.project.root, files)
    placed = tuple((names.relative(item.filename), item) for item in found)
    log = read_log(done.stderr)
    read = {names.relative(name) for name in log.read} & set(files)
    unread = {path for path, item in placed if item.unreadable}
    left = [path for path in files if path not in read and path not in unread]
    return Seen(
        read=frozenset(path for path in read - unread if path is not None),
        skipped=_skipped(part, left, log, names, settings),
        silenced={
            path: told
            for name, told in log.silenced.items()
            if (path := names.relative(name)) is not None
        },
        diagnostics=placed,
        tools=(commands.tool_run(ctx, "ruff", done, version=version, files=arguments),),
    )


def _environment(ctx: Context) -> dict[str, str | None]:
    """Without the user's own ruff settings and without variables that move its output."""
    changes: dict[str, str | None] = dict.fromkeys(
        ("RUFF_OUTPUT_FILE", "RUFF_OUTPUT_FORMAT", "RUFF_CACHE_DIR", "RUFF_NO_CACHE", "RUST_LOG")
    )
    changes["XDG_CONFIG_HOME"] = str(ctx.work)
    if os.name == "nt":
        changes["APPDATA"] = str(ctx.work)
    return changes


def _stopped(ctx: Context, done: Completed) -> ToolProblem:
    """Why ruff gave up, with the settings file that it names, relative to the root."""
    named = _NAMED_SETTINGS.search(done.stderr.decode("utf-8", "replace"))
    said = commands.last_words(done)
    file = ""
    if named:
        file = os.path.relpath(named["path"], ctx.project.root).replace(os.sep, "/")
        said = said.replace(named["path"], file)
    return ToolProblem(
        f"ruff ended with exit code {done.exit_code}{f' over {file}' if file else ''}: {said}",
        done.log,
        remedy=f"Mend {file}: ruff check --show-settings says whether it can be read."
        if file
        else "",
    )


def _diagnostics(ctx: Context, done: Completed) -> list[Diagnostic]:
    if not done.stdout and done.exit_code == 0 and _NOTHING_LEFT in done.stderr:
        # Everything is excluded: the formatter prints no list then, not even an empty one.
        return []
    try:
        return json_as(list[Diagnostic], done.stdout, tool="ruff", log=done.log)
    except ToolProblem as problem:
        # A broken settings file also ends with 2: its message is the better one.
        if done.exit_code not in {0, 1}:
            raise _stopped(ctx, done) from problem
        raise


def _agree(part: Part, done: Completed, found: Sequence[Diagnostic]) -> None:
    """Hold the exit code against the output: they must tell the same story."""
    if (done.exit_code == 0) != (not found):
        told = f"{len(found)} diagnostics" if found else "no diagnostic"
        raise ToolProblem(
            f"ruff {part} ended with exit code {done.exit_code} and {told}: one of them is wrong",
            done.log,
        )


def _with_a_rule(
    seen: Seen, settings: Sequence[RuffSettings], found: Mapping[str, frozenset[str]]
) -> Seen:
    """What was seen, without the files that were opened and in which nothing was looked for."""
    empty = []
    for path in sorted(seen.read):
        file = rules.file_of(settings, path)
        enabled = found.get(file, frozenset())
        if enabled - {rules.name_of(name) for name in seen.silenced.get(path, ())}:
            continue
        key = "per-file-ignores" if enabled else "the selection of rules"
        where = f"{key} in {file}" if file else None
        empty.append(Skipped(what=path, reason="not linted: no rule is in force", allowed_by=where))
    return replace(
        seen,
        read=seen.read - {item.what for item in empty},
        skipped=(*seen.skipped, *empty),
    )


def _skipped(
    part: Part,
    left: Sequence[str],
    log: Log,
    names: Names,
    settings: Sequence[RuffSettings],
) -> tuple[Skipped, ...]:
    ignored = {
        relative: key
        for name, key in log.ignored.items()
        if (relative := names.relative(name)) is not None
    }
    verb = "linted" if part == "lint" else "checked for format"
    skipped = []
    for path in left:
        rules = ruling(settings, path)
        why: str | None = rules.leaves_out(part) if rules else None
        # Ruff names the folder that is ignored, not each file in it.
        keys = [key for name, key in ignored.items() if below(path, (name,))]
        if rules and keys:
            key = keys[0]
            own = key in rules.table or "extend" in rules.table
            why = f"ruff's {key} in {rules.file}" if own else f"ruff's own default {key}"
        skipped.append(
            Skipped(
                what=path,
                reason=f"not {verb}: excluded" if why else f"ruff does not say that it {verb} it",
                allowed_by=why,
            )
        )
    return tuple(skipped)
