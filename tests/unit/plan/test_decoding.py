"""Complaints about values deep in a settings type."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from release_gate.api import Settings
from release_gate.errors import ConfigError, UnknownKey
from release_gate.plan.decoding import decode
from release_gate.plan.document import Document, dotted, parse_document
from release_gate.plan.suggest import did_you_mean, nearest, there_are

pytestmark = pytest.mark.unit


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Settings, frozen=True, kw_only=True):
    low: int = 0
    high: int = 9

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


class Deep(Settings, frozen=True, kw_only=True):
    colour: Colour = Colour.RED
    choice: Literal[1, 2] | None = None
    inner: Inner = Inner()
    named: dict[str, Inner] = msgspec.field(default_factory=dict)
    by_colour: dict[Literal["red", "blue"], int] = msgspec.field(default_factory=dict)
    lists: dict[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    pairs: list[Inner] = msgspec.field(default_factory=list)
    code: Annotated[str, msgspec.Meta(min_length=2, max_length=3)] = "ab"
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5


def document(text: str) -> Document:
    return parse_document(f"[gates.deep]\n{text}", "release-gate.toml").table("gates", "deep")


def complaint(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        decode(document(text), Deep)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 'green'", "2: \"colour\" in [gates.deep] must be one of 'red', 'blue', not 'gr"),
        ("choice = 3", '2: "choice" in [gates.deep] must be one of 1, 2, not 3'),
        ("inner.low = 'x'", '2: "inner.low" in [gates.deep] must be an integer, not a string'),
        ("inner.lo = 1", '2: unknown key "lo" in [gates.deep.inner]; did you mean "low"?'),
        ("inner.low = 10", '2: "inner.low" in [gates.deep] is not allowed: low is above'),
        ("named.a.low = 1\nnamed.b.lo = 1", '3: unknown key "lo" in [gates.deep.named.b]; did'),
        ("named.a.low = 1\nnamed.b.low = ''", '3: "named.b.low" in [gates.deep] must be an int'),
        ("named.a = {}\nnamed.b = 3", '3: "named.b" in [gates.deep] must be a table, not an'),
        ("by-colour.green = 1", "2: Invalid enum value 'green' in [gates.deep.by-colour]"),
        ("lists.a = [1]\nlists.b = [1,\n'x']", '4: "lists.b[1]" in [gates.deep] must be an int'),
        ("pairs = [{},\n{ lo = 1 }]", '3: unknown key "lo" in [gates.deep.pairs[1]]; did you'),
        ("code = ''", '2: "code" in [gates.deep] is not allowed: Expected `str` of length >= 2'),
        ("share = 1", '2: "share" in [gates.deep] must be less than 1.0'),
        ("share = 0", '2: "share" in [gates.deep] must be more than 0.0'),
        ("colour = 2026-01-02", '2: "colour" in [gates.deep] must be a string, not a date'),
    ],
)
def test_a_complaint_names_the_place_however_deep(text: str, message: str) -> None:
    assert complaint(text).what.startswith(f"release-gate.toml:{message}")


def test_several_equal_mistakes_are_told_of_one_by_one() -> None:
    assert complaint("named.a.low = ''\nnamed.b.low = ''").line == 2


def test_a_struct_that_checks_itself_is_named_by_its_table() -> None:
    with pytest.raises(ConfigError) as caught:
        decode(document("low = 10"), Inner)

    assert caught.value.what == "release-gate.toml:2: low is above high in [gates.deep]"


def test_keys_that_are_read_elsewhere_are_suggested_too() -> None:
    with pytest.raises(UnknownKey, match='did you mean "deadline"'):
        decode(document("dedline = 1"), Inner, also_known={"deadline"})


def test_what_is_right_comes_back_typed() -> None:
    decoded = decode(document("colour = 'blue'\nnamed.a = { low = 1 }"), Deep)

    assert decoded == Deep(colour=Colour.BLUE, named={"a": Inner(low=1)})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("a", "b-c"), "a.b-c"),
        (("a b", 0, "c"), '"a b"[0].c'),
        (("é",), '"é"'),
    ],
)
def test_paths_are_written_as_in_toml(path: tuple[Any, ...], expected: str) -> None:
    assert dotted(path) == expected


def test_without_a_file_there_is_no_line() -> None:
    empty = Document()

    assert empty.line(("a",)) is None
    assert empty.origin(("a",)) == "default"
    assert empty.error("broken").what == "broken"
    assert str(empty.error("broken")) == "broken (config-invalid)"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fail_under", "fail-under"),
        ("FAIL-UNDER", "fail-under"),
        ("typs", "types"),
        ("prod", "production"),
        ("zz", None),
        ("", None),
    ],
)
def test_the_nearest_word(word: str, expected: str | None) -> None:
    assert nearest(word, ["production", "fail-under", "types"]) == expected


def test_words_for_a_remedy() -> None:
    assert did_you_mean("x", []) == ""
    assert there_are([]) == "There are none."
    assert there_are({"b", "a"}) == "There are a, b."
