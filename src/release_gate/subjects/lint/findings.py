"""From diagnostics to findings and problems."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

from release_gate.api import Context, Finding, Identity, Problem, Severity
from release_gate.subjects.lint.ruff_output import Diagnostic
from release_gate.subjects.lint.severity import SHOWS_SECRET, severity_of
from release_gate.subjects.source.changed import in_change
from release_gate.subjects.source.excerpts import masked
from release_gate.subjects.source.identity import SourceFiles

FORMAT_RULE = "unformatted"
_SYNTAX = "invalid-syntax"
# The file was parsed whole; only the oldest Python that it must run on does not know the syntax.
_TOO_NEW = re.compile(r"^Cannot use .+ on Python 3\.\d+ \(syntax was added in Python 3\.\d+\)")

Placed = tuple[str | None, Diagnostic]


def problems(
    linted: Iterable[Placed], formatted: Iterable[Placed], *, parsed: frozenset[str], version: str
) -> tuple[Problem, ...]:
    """Files that ruff could not read or parse: what it says of them is not the whole truth.

    Args:
        linted: What ``ruff check`` found.
        formatted: What ``ruff format`` found.
        parsed: Files that the formatter parsed to their end. A syntax error that only the
            linter sees there (a name bound twice, a target too old) is a finding.
        version: Release of ruff.
    """
    told: dict[str, Problem] = {}
    for path, item in (*linted, *formatted):
        name = path or item.filename
        if item.unreadable:
            what = f"ruff could not read {name}: {item.message}"
            remedy = "If it was deleted during the run, run again; else save it as UTF-8."
        elif item.rule == _SYNTAX and path not in parsed and not _TOO_NEW.match(item.message):
            place = f"{name}:{item.line}" if item.line else name
            what = f"ruff could not parse {place}: {item.message}"
            remedy = (
                "Mend the file, or exclude it in ruff's own settings; if it is written for a newer "
                f"Python than ruff {version} knows, install a newer ruff beside release-gate."
            )
        else:
            continue
        told.setdefault(name, Problem(what=what, remedy=remedy, path=path))
    return tuple(told[name] for name in sorted(told))


def lint_findings(
    ctx: Context, source: SourceFiles, linted: Iterable[Placed], broken: Iterable[str | None]
) -> tuple[Finding, ...]:
    """One finding for each diagnostic of the linter on a file that could be parsed."""
    left_out = set(broken)
    return tuple(
        _finding(ctx, source, path, item)
        for path, item in linted
        if path is not None and path not in left_out and not item.unreadable
    )


def format_findings(
    ctx: Context, source: SourceFiles, lines: Mapping[str, int | None], *, tool: str
) -> tuple[Finding, ...]:
    """One finding for each file that the formatter would change.

    Args:
        ctx: The gate's context.
        source: The files.
        lines: First line that would change, by path; ``None`` where the tool does not say.
        tool: ``ruff`` or ``black``.
    """
    fix = "ruff format" if tool == "ruff" else "black"
    return tuple(
        Finding(
            tool=tool,
            rule_id=FORMAT_RULE,
            severity=Severity.LOW,
            message=f"{fix} would change this file",
            # The file as a whole: it stays the same finding whatever line comes first.
            identity=Identity(kind="code", key=("", "")),
            path=path,
            line=line,
            excerpt=source.excerpt(path, line),
            fix=f"{fix} {_quoted(path)}",
            reproduce=_reproduce(ctx, path),
            help_url="https://docs.astral.sh/ruff/formatter/" if tool == "ruff" else "",
            in_change=in_change(ctx.base, path, None),
        )
        for path, line in sorted(lines.items())
    )


def first_lines(formatted: Iterable[Placed]) -> dict[str, int | None]:
    """Files that ``ruff format`` would change, with the first line of each."""
    lines: dict[str, int | None] = {}
    for path, item in formatted:
        if path is not None and item.rule == FORMAT_RULE:
            # A notebook's lines count from its cell.
            line = None if item.cell is not None else item.line
            lines[path] = min(line, lines.get(path) or line) if line else lines.get(path)
    return lines


def _finding(ctx: Context, source: SourceFiles, path: str, item: Diagnostic) -> Finding:
    in_cell = item.cell is not None
    line = None if in_cell else item.line
    last = item.end_location.row if item.end_location and not in_cell else None
    secret = item.rule in SHOWS_SECRET
    excerpt = source.excerpt(path, line, last)
    if in_cell:
        place = f" (cell {item.cell}, line {item.line})"
        identity = Identity(kind="code", key=(item.message, f"cell {item.cell}"))
    else:
        place = ""
        identity = (
            source.secret_identity(path, line, ctx.secret_key)
            if secret
            else source.identity(path, line)
        )
    return Finding(
        tool="ruff",
        rule_id=item.rule,
        severity=severity_of(item.rule),
        message=item.message + place,
        identity=identity,
        path=path,
        line=line,
        column=item.location.column if item.location else None,
        excerpt=masked(excerpt) if secret else excerpt,
        fix=_fix(path, item),
        reproduce=_reproduce(ctx, path),
        help_url=item.url or "",
        in_change=in_change(ctx.base, path, line),
    )


def _fix(path: str, item: Diagnostic) -> str:
    if item.fix is None:
        return ""
    unsafe = "" if item.fix.applicability == "safe" else " --unsafe-fixes"
    command = f"ruff check --fix{unsafe} --select {item.rule} {_quoted(path)}"
    return f"{item.fix.message}: {command}" if item.fix.message else command


def _reproduce(ctx: Context, path: str) -> str:
    return f"release-gate run --gate {ctx.gate_id} --path {_quoted(path)}"


def _quoted(path: str) -> str:
    return shlex.quote(path)
