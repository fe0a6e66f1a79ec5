"""The symbol around a line, by the tree and by indentation."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.source.symbols import enclosing, spans
from release_gate.subjects.source.text import lines_of

pytestmark = pytest.mark.unit

SOURCE = '''\
import os

class Export:
    """Text with def in it."""

    @staticmethod
    def run(
        cmd,
    ):
        def inner():
            return 1
        return inner

    async def stop(self): pass

x = 1
'''
NAMES = {
    1: "",
    3: "Export",
    4: "Export",
    6: "Export.run",
    7: "Export.run",
    8: "Export.run",
    10: "Export.run.inner",
    11: "Export.run.inner",
    12: "Export.run",
    14: "Export.stop",
    16: "",
}


@pytest.mark.parametrize(("line", "name"), NAMES.items())
def test_the_innermost_symbol_is_named(line: int, name: str) -> None:
    assert name == enclosing(spans(SOURCE), line)


def test_a_line_outside_the_file_has_no_symbol() -> None:
    assert [enclosing(spans(SOURCE), line) for line in (0, 99)] == ["", ""]


def test_a_file_that_does_not_parse_keeps_its_names() -> None:
    broken = spans(SOURCE + "def f(:\n")
    told = {line: enclosing(broken, line) for line in NAMES if line != 6}
    assert {line: name for line, name in NAMES.items() if line != 6} == told


@pytest.mark.parametrize("text", ["x = (" * 5000, "x = 1\0", "\ud800"])
def test_text_that_breaks_the_parser_gives_no_symbol(text: str) -> None:
    assert enclosing(spans(text), 1) == ""


@st.composite
def modules(draw: st.DrawFn) -> str:
    lines, depth = [], 0
    for number in range(draw(st.integers(1, 12))):
        depth = draw(st.integers(0, depth))
        head = draw(st.sampled_from(["", "def", "class", "async def"]))
        indent = "    " * depth
        if head:
            lines.append(f"{indent}{head} n{number}{'()' if head != 'class' else ''}:")
            lines.append(f"{indent}    x = {number}")
            depth += 1
        else:
            lines.append(f"{indent}y = {number}")
    return "\n".join(lines) + "\n"


@given(modules())
def test_both_ways_agree_on_plain_code(text: str) -> None:
    ast.parse(text)
    by_tree, by_indentation = spans(text), spans(text + "\ndef (:\n")
    lines = range(1, len(lines_of(text)) + 1)
    assert [enclosing(by_tree, line) for line in lines] == [
        enclosing(by_indentation, line) for line in lines
    ]
