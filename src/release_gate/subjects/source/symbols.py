"""The function or class that a line stands in, by its dotted name."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from release_gate.subjects.source.text import lines_of

_HEAD = re.compile(r"(?P<indent>[ \t]*)(?:async[ \t]+def|def|class)[ \t]+(?P<name>\w+)")
_TAB = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Lines that a symbol covers, decorators included; one-based, both ends in."""

    name: str
    first: int
    last: int


def spans(text: str) -> tuple[Span, ...]:
    """All functions and classes of a file, outer before inner.

    A file that this interpreter cannot parse is read by its indentation: source in a newer
    Python keeps the same names.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return tuple(_by_indentation(lines_of(text)))
    return tuple(_by_tree(tree))


def enclosing(found: Sequence[Span], line: int) -> str:
    """Dotted name of the innermost symbol around a line; empty at module level."""
    around = [span for span in found if span.first <= line <= span.last]
    return max(around, key=lambda span: (span.first, -span.last)).name if around else ""


def _by_tree(tree: ast.Module) -> Iterator[Span]:
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, outer = waiting.pop()
        for child in ast.iter_child_nodes(node):
            name = outer
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{outer}.{child.name}" if outer else child.name
                first = min([child.lineno, *(item.lineno for item in child.decorator_list)])
                yield Span(name=name, first=first, last=child.end_lineno or child.lineno)
            waiting.append((child, name))


def _by_indentation(lines: Sequence[str]) -> Iterator[Span]:
    open_: list[tuple[int, str, int]] = []
    last_code = 0
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        indent = _width(line)
        while open_ and indent <= open_[-1][0] and not stripped.startswith((")", "]", "}")):
            _, name, first = open_.pop()
            yield Span(name=name, first=first, last=last_code)
        if head := _HEAD.match(line):
            outer = open_[-1][1] + "." if open_ else ""
            open_.append((indent, outer + head["name"], number))
        last_code = number
    yield from (Span(name=name, first=first, last=last_code) for _, name, first in open_)


def _width(line: str) -> int:
    expanded = line.expandtabs(_TAB)
    return len(expanded) - len(expanded.lstrip())
