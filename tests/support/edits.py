"""Edit scripts on Python source: what people do to a file that leaves its findings the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

_INDENT = re.compile(r"[ \t]*")
_FLAGGED = (ast.Return, ast.Raise, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Import)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file on its way through a script.

    Args:
        path: Its name now.
        lines: Without their ends.
        end: What ends a line.
        unit: What one step of indentation is.
    """

    path: str
    lines: tuple[str, ...]
    end: str = "\n"
    unit: str = "    "

    @property
    def content(self) -> bytes:
        return "".join(line + self.end for line in self.lines).encode()


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """A statement of one line that a rule is about."""

    rule: str
    line: int


Edit = Callable[[Source], Source]


def flagged(source: Source) -> tuple[Flagged, ...]:
    """Every simple statement that has a line of its own, as a linter would report it."""
    found = {
        node.lineno: type(node).__name__
        for node in ast.walk(ast.parse("\n".join(source.lines)))
        if isinstance(node, _FLAGGED)
        and node.lineno == node.end_lineno
        and not source.lines[node.lineno - 1][: node.col_offset].strip()
        and len(source.lines[node.lineno - 1].rstrip()) == node.end_col_offset
    }
    return tuple(Flagged(rule=rule, line=line) for line, rule in sorted(found.items()))


def inserted(count: int, where: float) -> Edit:
    """Lines above some statement of the module."""

    def edit(source: Source) -> Source:
        body = ast.parse("\n".join(source.lines)).body
        starts = [_first(node) for node in body[1:]] or [len(source.lines) + 1]
        at = starts[int(where * (len(starts) - 1))] - 1
        new = tuple(f"# line {n}" if n % 3 else "" for n in range(count))
        return replace(source, lines=source.lines[:at] + new + source.lines[at:])

    return edit


def with_functions(count: int) -> Edit:
    """Functions that hold no finding, at the end."""

    def edit(source: Source) -> Source:
        new = [line for n in range(count) for line in ("", f"def _added_{n}():", "\tpass")]
        return replace(source, lines=(*source.lines, *new))

    return edit


def reindented(unit: str) -> Edit:
    """Another width of indentation, or tabs."""

    def edit(source: Source) -> Source:
        lines = tuple(_reindented(line, source.unit, unit) for line in source.lines)
        return replace(source, lines=lines, unit=unit)

    return edit


def ended(end: str) -> Edit:
    """Other ends of lines."""
    return lambda source: replace(source, end=end)


def spaced(source: Source) -> Source:
    """White space behind every statement that is flagged."""
    lines = list(source.lines)
    for one in flagged(source):
        lines[one.line - 1] += " \t"
    return replace(source, lines=tuple(lines))


def renamed(path: str) -> Edit:
    """Another name, which git tells of."""
    return lambda source: replace(source, path=path)


def mended(which: Sequence[float]) -> Edit:
    """Some findings taken out."""

    def edit(source: Source) -> Source:
        lines = list(source.lines)
        here = flagged(source)
        for share in which if here else ():
            at = here[int(share * (len(here) - 1))].line - 1
            lines[at] = _indent(lines[at]) + "pass"
        return replace(source, lines=tuple(lines))

    return edit


def copied(which: float) -> Edit:
    """One flagged statement once more, right below itself."""

    def edit(source: Source) -> Source:
        here = flagged(source)
        at = here[int(which * (len(here) - 1))].line
        return replace(source, lines=(*source.lines[:at], source.lines[at - 1], *source.lines[at:]))

    return edit


def scripts(*, mending: bool) -> st.SearchStrategy[list[Edit]]:
    """Scripts that add no finding.

    Args:
        mending: Whether they may take findings out.
    """
    share = st.floats(0, 1)
    edits: list[st.SearchStrategy[Edit]] = [
        st.builds(inserted, st.integers(1, 200), share),
        st.builds(with_functions, st.integers(1, 5)),
        st.builds(reindented, st.sampled_from([" ", "  ", "   ", " " * 8, "\t"])),
        st.builds(ended, st.sampled_from(["\n", "\r\n"])),
        st.just(spaced),
        st.builds(renamed, st.sampled_from(["src/moved.py", "lib/deep/er.py", "größe/ä b.py"])),
    ]
    if mending:
        edits.append(st.builds(mended, st.lists(share, min_size=1, max_size=5)))
    return st.lists(st.one_of(edits), min_size=1, max_size=6)


def apply(source: Source, script: Sequence[Edit]) -> Source:
    """The file at the end of a script."""
    for edit in script:
        source = edit(source)
    return source


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _indent(line: str) -> str:
    found = _INDENT.match(line)
    return found[0] if found else ""


def _reindented(line: str, old: str, new: str) -> str:
    """Only whole steps count; what a line is indented by besides stays."""
    indent = _indent(line)
    steps = 0
    while indent.startswith(old):
        indent, steps = indent.removeprefix(old), steps + 1
    return new * steps + indent + line.lstrip(" \t")
