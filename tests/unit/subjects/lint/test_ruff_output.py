"""Reading ruff's log: which files it read, and which it passed over."""

from __future__ import annotations

import pytest

from release_gate.subjects.lint.ruff_output import read_log

pytestmark = pytest.mark.unit

STAMP = "[2026-01-02][03:04:05]"


def test_each_part_of_ruff_names_what_it_reads() -> None:
    text = (
        f"{STAMP}[ruff::resolve][DEBUG] Using configuration file at: /r/ruff.toml\n"
        f"{STAMP}[ruff::diagnostics][DEBUG] Checking: /r/src/a.py\n"
        f"{STAMP}[ruff::commands::format][DEBUG] format_path; path=/r/src/b.py\n"
        f"{STAMP}[ruff::commands::check][DEBUG] Checked 3 files in: 1.4ms\n"
        "warning: something\n"
    )
    log = read_log(text.encode())
    assert ({"/r/src/a.py", "/r/src/b.py"}, {}) == (set(log.read), log.ignored)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_name_with_a_line_break_is_one_name(end: str) -> None:
    text = (
        f"{STAMP}[ruff::diagnostics][DEBUG] Checking: /r/new\nline.py{end}"
        f"{STAMP}[ruff::diagnostics][DEBUG] Checking: /r/z.py{end}"
    )
    assert {"/r/new\nline.py", "/r/z.py"} == read_log(text.encode()).read


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ('"/r/dist"', "/r/dist"),
        (r'"/r/a\nb"', "/r/a\nb"),
        (r'"/r/a\"b\\c"', '/r/a"b\\c'),
        (r'"/r/\u{e9}x"', "/r/éx"),
    ],
)
def test_what_is_passed_over_is_named_with_its_setting(printed: str, name: str) -> None:
    text = f"{STAMP}[ruff_workspace::resolver][DEBUG] Ignored path via `lint.exclude`: {printed}\n"
    assert {name: "lint.exclude"} == read_log(text.encode()).ignored


@pytest.mark.parametrize("text", ["", "Checking: /r/a.py\n", "\udcff".encode(errors="replace")])
def test_a_log_of_another_kind_names_nothing(text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    assert frozenset() == read_log(data).read
