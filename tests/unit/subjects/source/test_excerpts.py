"""Excerpts: short, and without what may be a password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.source.excerpts import MOST_CHARACTERS, excerpt, masked

pytestmark = pytest.mark.unit

LINES = tuple(f"line {n}" for n in range(1, 11))


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (2, None, "line 2"),
        (2, 3, "line 2\nline 3"),
        (3, 2, "line 3"),
        (1, 10, "line 1\nline 2\nline 3\nline 4\nline 5\n…"),
        (9, 99, "line 9\nline 10"),
        (0, None, ""),
        (11, None, ""),
    ],
)
def test_the_flagged_lines_are_shown(first: int, last: int | None, shown: str) -> None:
    assert shown == excerpt(LINES, first, last)


def test_a_long_line_is_cut() -> None:
    assert len(excerpt(("x" * 999,), 1)) == MOST_CHARACTERS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('password = "hunter2"', 'password = "…"'),
        ("connect('a', key='b\\'c')", "connect('…', key='…')"),
        ('x = """never closed', 'x = """…"""'),
        ('y = "never closed', 'y = "…"'),
        ("nothing = 1", "nothing = 1"),
        ('f"it\'s"', 'f"…"'),
    ],
)
def test_the_content_of_string_literals_is_masked(text: str, shown: str) -> None:
    assert shown == masked(text)


@given(st.text(alphabet="secret!", min_size=3), st.sampled_from(['"', "'"]))
def test_no_literal_survives(value: str, quote: str) -> None:
    assert value not in masked(f"x = {quote}{value}{quote}")
