"""Comments that take findings away before anyone sees them.

Python files are read token by token, so that the same words in a string do not count. Where
the tokens end early (source in a newer Python) the rest is read line by line, which may
count one too many and never one too few.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from release_gate.api import Base, Metric, Project, Suppression
from release_gate.subjects.source.python_files import SOURCE
from release_gate.subjects.source.text import decode, lines_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Directive:
    """One kind of comment.

    Args:
        tool: Whose it is.
        name: As people call it.
        pattern: Finds it in a comment; the group ``rules``, if any, holds the named rules.
    """

    tool: str
    name: str
    pattern: re.Pattern[str]


def _directive(tool: str, name: str, pattern: str) -> Directive:
    return Directive(tool=tool, name=name, pattern=re.compile(pattern, re.IGNORECASE))


_CODES = r"(?:\s*:\s*(?P<rules>[A-Z]+\d+(?:[\s,]+[A-Z]+\d+\b)*))?"
_LISTED = r"\s*\[(?P<rules>[^\]]*)\]"

RUFF = (
    _directive("ruff", "file noqa", r"#\s*(?:ruff|flake8)\s*:\s*noqa" + _CODES),
    _directive("ruff", "noqa", r"#\s*noqa\b" + _CODES),
    _directive("ruff", "ruff: ignore", r"#\s*ruff\s*:\s*(?:file-)?ignore" + _LISTED),
    _directive("ruff", "ruff: disable", r"#\s*ruff\s*:\s*disable" + _LISTED),
    _directive("ruff", "isort: skip", r"#\s*isort\s*:\s*(?:skip_file|skip|off)\b"),
    _directive("ruff", "fmt: off", r"#\s*(?:fmt|yapf)\s*:\s*(?:off|skip|disable)\b"),
)
MYPY = (
    _directive("mypy", "type: ignore", r"#\s*type\s*:\s*ignore\b(?:" + _LISTED + ")?"),
    _directive("mypy", "mypy: setting", r"^#\s*mypy\s*:\s*(?P<rules>\S.*)"),
)
# Without a word boundary: bandit takes "nosecurity" for one as well.
BANDIT = (
    _directive(
        "bandit", "nosec", r"#\s*nosec:?\s*(?P<rules>(?:B\d+|[a-z]+_\w+)(?:[\s,]+B\d+\b)*)?"
    ),
)
COVERAGE = (_directive("coverage", "pragma: no cover", r"#\s*pragma\s*:?\s*no\s*(?:cover|branch)"),)
DETECT_SECRETS = (
    _directive(
        "detect-secrets",
        "pragma: allowlist secret",
        r"(?:#|//|/\*|--|<!--|'|;)\s*pragma\s*:?\s*(?:allow|white)list[ -](?:nextline[ -])?secret",
    ),
)


def suppressions(
    project: Project, paths: Iterable[str], directives: Sequence[Directive], base: Base | None
) -> tuple[Suppression, ...]:
    """Every comment of the given kinds, sorted by place.

    Args:
        project: The project.
        paths: Files to read; those that do not end like Python source are read line by line.
        directives: What to look for; of several that fit one comment, each counts.
        base: Tells which are new; ``None``: not known.
    """
    changed = None if base is None else base.changed_lines()
    found = [
        item
        for path in paths
        for item in _in_file(path, _content(project, path), directives, changed)
    ]
    return tuple(sorted(found, key=lambda item: (item.path, item.line, item.directive)))


def metrics(found: Sequence[Suppression], base: Base | None) -> tuple[Metric, ...]:
    """``suppressions`` and, with a base, ``suppressions-new``."""
    counted = [Metric(name="suppressions", value=len(found), unit="comments")]
    if base is not None:
        new = sum(1 for item in found if item.since_base)
        counted.append(Metric(name="suppressions-new", value=new, unit="comments"))
    return tuple(counted)


def _content(project: Project, path: str) -> bytes:
    try:
        return project.read_bytes(path)
    except OSError:
        # Gone since the listing: the tool that reads it says so.
        return b""


def _in_file(
    path: str,
    content: bytes,
    directives: Sequence[Directive],
    changed: Mapping[str, frozenset[int]] | None,
) -> Iterator[Suppression]:
    text = decode(content)
    if not any(directive.pattern.search(text) for directive in _loosened(directives)):
        return
    is_python = path.lower().endswith(SOURCE)
    comments = _comments(text) if is_python else enumerate(lines_of(text), start=1)
    for line, comment in comments:
        for directive in directives:
            for match in directive.pattern.finditer(comment):
                yield Suppression(
                    tool=directive.tool,
                    directive=directive.name,
                    path=path,
                    line=line,
                    rules=_rules(match),
                    since_base=None if changed is None else line in changed.get(path, ()),
                )


def _loosened(directives: Sequence[Directive]) -> list[Directive]:
    """The same patterns for a whole file: a leading anchor fits at every line."""
    return [
        Directive(
            tool=item.tool,
            name=item.name,
            pattern=re.compile(item.pattern.pattern.removeprefix("^"), item.pattern.flags),
        )
        for item in directives
    ]


def _rules(match: re.Match[str]) -> tuple[str, ...]:
    named = match.groupdict().get("rules") or ""
    return tuple(part for part in re.split(r"[\s,]+", named) if part)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    reached = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            reached = token.end[0]
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        for line, content in enumerate(lines_of(text), start=1):
            if line > reached and "#" in content:
                yield line, content[content.index("#") :]
