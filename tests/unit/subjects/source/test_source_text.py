"""Decoding and splitting source as Python and the tools do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.source.text import decode, encoding_of, lines_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        (b"x = 1\n", "utf-8", "x = 1\n"),
        (b"\xef\xbb\xbfx = 1\n", "utf-8-sig", "x = 1\n"),
        (b"# coding: latin-1\n# \xe9\n", "iso-8859-1", "# coding: latin-1\n# é\n"),
        (b"# \xe9\n", None, "# \ufffd\n"),
        (b"# coding: rubbish\n", None, "# coding: rubbish\n"),
        (b"", "utf-8", ""),
    ],
)
def test_the_encoding_is_the_one_the_file_declares(
    content: bytes, encoding: str | None, text: str
) -> None:
    assert (encoding, text) == (encoding_of(content), decode(content))


@given(st.binary(max_size=200))
def test_any_bytes_become_text(content: bytes) -> None:
    assert isinstance(decode(content), str)


def test_line_feeds_and_carriage_returns_end_a_line_and_form_feeds_do_not() -> None:
    assert lines_of("a\nb\r\nc\fd\x1ce\u2028f\r\rg\n") == ("a", "b", "c\fd\x1ce\u2028f", "", "g")


@given(st.lists(st.text(alphabet="ab \t#", max_size=5)), st.sampled_from(["\n", "\r\n", "\r"]))
def test_lines_joined_and_split_are_the_same(lines: list[str], end: str) -> None:
    assert tuple(lines) == lines_of("".join(line + end for line in lines))
