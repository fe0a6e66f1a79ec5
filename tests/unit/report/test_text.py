"""Text made inert for Markdown and for terminals."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from release_gate.report import text
from release_gate.report.view.types import SourceLine

pytestmark = pytest.mark.unit

MARKDOWN = MarkdownIt("commonmark").enable("table")


def words_of(page: str) -> str:
    tokens = MARKDOWN.parse(page)
    return "".join(
        child.content for token in tokens for child in token.children or [] if child.content
    )


@pytest.mark.parametrize(
    ("source", "escaped"),
    [
        ("plain words", "plain words"),
        ("a | b", r"a \| b"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("[x](y)", r"\[x\]\(y\)"),
        ("@team", r"\@&#8288;team"),
        ("#12", r"\#&#8288;12"),
        ("https://a", r"https\:&#8288;//a"),
        ("two\nlines", "two lines"),
        ("1. list", r"1\. list"),
    ],
)
def test_markdown_is_escaped(source: str, escaped: str) -> None:
    assert escaped == text.markdown(source)


@given(st.text("ab1 \\`*_{}[]()#+-.!|~:^$@<>&/\n\t\"'=;"))
def test_law_escaped_markdown_says_what_the_source_says(source: str) -> None:
    shown = words_of(f"x {text.markdown(source)} x").replace("\u2060", "")
    assert f"x {text.one(source)} x".split() == html.unescape(shown).split()


@given(st.text("ab `|\\\n", max_size=20))
def test_law_a_code_span_holds_all_of_its_text(source: str) -> None:
    span = text.markdown_code(source)
    row = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {span} | end |")
    cells = [token for token in row if token.type == "inline"][2:]
    assert len(cells) == 2
    assert cells[1].content == "end"
    if text.one(source):
        spans = [child.content for child in cells[0].children or [] if child.type == "code_inline"]
        assert [text.one(source).strip()] == [found.strip() for found in spans]


@given(st.lists(st.text("a`~ ", max_size=8), max_size=4))
def test_law_no_line_closes_its_fence(lines: list[str]) -> None:
    body = "\n".join(f"{number:>6} │ {line}" for number, line in enumerate(lines))
    fence = text.markdown_fence(body)
    kinds = [t.type for t in MARKDOWN.parse(f"{fence}text\n{body}\n{fence}\n\nafter")]
    assert kinds == ["fence", "paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  \t::add-mask::x", "  \t: :add-mask::x"),
        ("a\n::x", "a\n: :x"),
        ("\x1b[31m::x", "\x1b[31m: :x"),
        ("tests/a.py::test_b", "tests/a.py::test_b"),
        ("x ##[group]y", "x ## [group]y"),
        ("##vso[task.complete]", "## vso[task.complete]"),
    ],
)
def test_workflow_commands_are_broken_and_nothing_else(line: str, shown: str) -> None:
    assert shown == text.inert(line)


def test_paint_is_resolved_to_colour_or_to_nothing() -> None:
    marked = f"{text.paint('✘', 'fail')} x"
    assert text.resolve(marked, colour=True) == "\x1b[31;1m✘\x1b[0m x"
    assert text.resolve(marked, colour=False) == "✘ x"
    assert text.paint("", "fail") == ""
    with pytest.raises(ValueError, match="no style 'pink'"):
        text.paint("x", "pink")


@pytest.mark.parametrize(
    ("source", "width"), [("abc", 3), ("検査", 4), ("e\u0301", 1), ("", 0), ("\x02dim\x03a\x04", 1)]
)
def test_cells(source: str, width: int) -> None:
    assert width == text.cells(source)


@given(st.text(st.characters(exclude_categories=["C", "M"])), st.integers(0, 20))
def test_law_padded_text_has_its_width(source: str, width: int) -> None:
    assert text.cells(text.pad(source, width)) == width
    assert text.cells(text.pad_left(source, width)) == width


def test_cut_says_that_it_cut() -> None:
    assert text.cut("abc", 3) == "abc"
    assert text.cut("abcd", 3) == "ab…"
    assert text.cut("検査検", 4) == "検…"
    assert text.cut("abc", 0) == ""


def test_wrap_keeps_words_whole() -> None:
    wrapped = text.wrap("word " * 20 + "/a/very/long/path-that-has/no-break/" * 3, 30, indent=4)
    assert "/a/very/long/path-that-has/no-break/" * 3 in wrapped
    assert all(line.startswith("    ") for line in wrapped.split("\n")[1:])


def test_source_lines_have_their_numbers() -> None:
    lines = (SourceLine(number="9", text="::a"), SourceLine(number="", text="b"))
    assert text.numbered(lines) == "     9 │ ::a\n       │ b"
    assert not re.search("^::", text.numbered(lines), re.MULTILINE)
