"""The scanner agrees with tomllib on what there is, and with the writer on where it is."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.plan.toml_lines import KeyPath, key_lines

pytestmark = pytest.mark.unit


def paths(value: Any, path: KeyPath = ()) -> set[KeyPath]:
    found = {path} if path else set()
    if isinstance(value, dict):
        for key, each in value.items():
            found |= paths(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found |= paths(each, (*path, index))
    return found


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


KEYS = st.one_of(st.sampled_from(["a", "b-c", "d_e", "1"]), st.text(max_size=4))
SCALARS = st.one_of(
    st.integers(-9, 9).map(str),
    st.sampled_from(["true", "2026-01-02T03:04:05Z", "07:32:00", "1e3", "'li]te#ral'", '""']),
    st.text(max_size=6).map(quoted),
    st.sampled_from(['"""\nx = 1\n[t]\n"""', "'''a\n'' # b\n'''", '"""a\\""" ""b"""""']),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


class Writer:
    """Writes TOML in the style that was drawn, and notes on which line each key stands."""

    def __init__(self, draw: Any) -> None:
        self.text = ""
        self.lines: dict[KeyPath, int] = {}
        self._draw = draw

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def chance(self) -> bool:
        return bool(self._draw(st.booleans()))

    def key(self, name: str) -> str:
        bare = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
        return name if bare and self.chance() else quoted(name)

    def note(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self.line)

    def gap(self) -> None:
        if self.chance():
            self.text += " # } ] , = [x]\n"

    def value(self, value: Any, path: KeyPath) -> None:
        if isinstance(value, str):
            self.text += value
        elif isinstance(value, list):
            self.text += "["
            for index, each in enumerate(value):
                self.gap()
                self.note((*path, index))
                self.value(each, (*path, index))
                self.gap()
                self.text += ","
            self.text += "]"
        else:
            self.text += "{"
            for index, (key, each) in enumerate(value.items()):
                self.text += ", " if index else " "
                self.note((*path, key))
                self.text += f"{self.key(key)} = "
                self.value(each, (*path, key))
            self.text += "}"

    def table(self, table: dict[str, Any], path: KeyPath) -> None:
        folded = {key: value for key, value in table.items() if isinstance(value, dict)}
        folded = {key: value for key, value in folded.items() if self.chance()}
        for key, value in table.items():
            if key not in folded:
                self.note((*path, key))
                self.text += f"{self.key(key)} = "
                self.value(value, (*path, key))
                self.text += "\n" * (2 if self.chance() else 1)
        for key, value in folded.items():
            inner = (*path, key)
            header = " . ".join(self.key(str(part)) for part in inner)
            self.note(inner)
            self.text += f"[ {header} ]\n"
            self.table(value, inner)


@given(data=st.data(), table=st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_key_stands_where_the_writer_put_it(
    data: st.DataObject, table: dict[str, Any]
) -> None:
    writer = Writer(data.draw)
    writer.table(table, ())
    parsed = tomllib.loads(writer.text)

    found = key_lines(writer.text)

    assert paths(parsed) == set(found)
    assert writer.lines == dict(found)


@given(data=st.data(), table=st.dictionaries(KEYS, VALUES, max_size=4))
def test_line_ends_of_windows_change_no_line(data: st.DataObject, table: dict[str, Any]) -> None:
    writer = Writer(data.draw)
    writer.table(table, ())

    assert key_lines(writer.text) == key_lines(writer.text.replace("\n", "\r\n"))


def test_tables_of_an_array_are_counted() -> None:
    text = "[[t]]\na = 1\n[t.s]\nb = 2\n\n[[t]]\na = 3\n[[t.u]]\nc = 4\n[[t.u]]\nc = 5\n"

    found = key_lines(text)

    assert paths(tomllib.loads(text)) == set(found)
    lines = {path: found[path] for path in [("t", 0), ("t", 0, "s", "b"), ("t", 1, "a")]}
    assert lines == {("t", 0): 1, ("t", 0, "s", "b"): 4, ("t", 1, "a"): 7}
    assert [found["t", 1, "u", index, "c"] for index in (0, 1)] == [9, 11]


def test_a_header_of_its_own_is_the_line_of_a_table_that_was_implied_before() -> None:
    text = "[a.b]\nx = 1\n[a]\ny = 2\n"

    assert key_lines(text)[("a",)] == 3


def test_dotted_keys_make_their_tables_where_the_first_of_them_stands() -> None:
    text = 'x = 1\ntool . "release-gate".gates.lint.max = 1\ntool.release-gate.source = []\n'

    found = key_lines(text)

    assert found["tool", "release-gate"] == 2
    assert found["tool", "release-gate", "source"] == 3


def test_a_long_file_is_read_in_one_pass() -> None:
    text = "".join(f"k{number} = {number}\n" for number in range(20_000))

    assert key_lines(text)[("k19999",)] == 20_000


@pytest.mark.parametrize("text", ["= 1", "a = 'x", "{"])
def test_what_is_no_toml_is_refused_and_not_walked_for_ever(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        key_lines(text)
