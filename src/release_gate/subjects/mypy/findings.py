"""From mypy's messages to findings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from release_gate.api import Context, Finding, Problem, Severity
from release_gate.subjects.mypy.output import Message
from release_gate.subjects.source.changed import in_change
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.source.names import Names

# Mypy has two words. An error is one in the types, which tests may never reach; a note is advice.
SEVERITY = {"error": Severity.MEDIUM, "note": Severity.INFO, "warning": Severity.LOW}
# A target that is too old for the syntax: the file was parsed.
_TOO_NEW = re.compile(r"requires Python 3\.\d+ or newer")


def findings(
    ctx: Context, source: SourceFiles, names: Names, messages: Sequence[Message]
) -> tuple[Finding, ...]:
    """One finding for each message.

    Args:
        ctx: The gate's context.
        source: The files.
        names: Turns what mypy prints into paths of the file list.
        messages: As mypy printed them.
    """
    return tuple(
        _finding(ctx, source, names.relative(item.file), item)
        for item in messages
        if not _unparsable(item)
    )


def unparsed(names: Names, messages: Sequence[Message]) -> tuple[Problem, ...]:
    """Files that mypy could not parse and went on without."""
    told: dict[str, Problem] = {}
    for item in messages:
        if _unparsable(item):
            path = names.relative(item.file)
            name = path or item.file
            told.setdefault(
                name,
                Problem(
                    what=f"mypy could not parse {name}:{item.line}: {item.message}",
                    path=path,
                    remedy="Mend the file, or exclude it in mypy's settings.",
                ),
            )
    return tuple(told[name] for name in sorted(told))


def _unparsable(item: Message) -> bool:
    return item.code == "syntax" and not _TOO_NEW.search(item.message)


def _finding(ctx: Context, source: SourceFiles, path: str | None, item: Message) -> Finding:
    code = item.code or "misc"
    line = item.line if item.line > 0 else None
    place = path if path is not None else ""
    return Finding(
        tool="mypy",
        rule_id=code,
        severity=SEVERITY.get(item.severity, Severity.UNKNOWN),
        message=item.message.replace("\n", " "),
        identity=source.identity(place, line),
        path=path,
        line=line,
        column=item.column + 1 if item.column >= 0 else None,
        excerpt=source.excerpt(place, line),
        why=" ".join((item.hint or "").split()),
        reproduce=(
            f"release-gate run --gate {ctx.gate_id} --path {shlex.quote(path)}" if path else ""
        ),
        help_url=f"https://mypy.readthedocs.io/en/stable/_refs.html#code-{code}",
        in_change=in_change(ctx.base, path, line),
    )
