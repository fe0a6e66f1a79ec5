"""Strict reading of a tool's JSON."""

from __future__ import annotations

import msgspec
import pytest

from release_gate.api import ToolProblem
from release_gate.subjects.source.parsing import json_as

pytestmark = pytest.mark.unit


class Shape(msgspec.Struct, frozen=True):
    name: str


def test_keys_that_are_not_in_the_shape_are_passed_over() -> None:
    data = b'{"name": "a\\udce9", "more": 1}'
    assert Shape(name="a\udce9") == json_as(Shape, data, tool="t", log=None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "wrote nothing"),
        (b" \n", "wrote nothing"),
        (b'{"name": "a', "cut off"),
        (b'{"name": "a"} and more', "cut off or damaged"),
        (b"\xff\xfe{", "cut off or damaged"),
        (b"[" * 100_000, "cut off or damaged"),
        (b'{"name": 1}', "another shape"),
        (b"{}", "another shape"),
        (b"null", "another shape"),
    ],
)
def test_anything_else_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ToolProblem, match=said):
        json_as(Shape, data, tool="t", log=None)
