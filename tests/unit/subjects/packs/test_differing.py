"""Where two documents differ."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.packs.differing import differences
from release_gate.subjects.packs.making import named
from release_gate.subjects.probes.values import same

pytestmark = pytest.mark.unit

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("a/~", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, JSON)
def test_nothing_differs_exactly_where_both_are_the_same(wanted: Any, served: Any) -> None:
    assert (list(differences(wanted, served)) == []) is same(wanted, served)


@given(JSON)
def test_a_document_is_like_itself(value: Any) -> None:
    assert list(differences(value, value)) == []


@pytest.mark.parametrize(
    ("wanted", "served", "said"),
    [
        ({"a": 1}, {}, ["/a is missing"]),
        ({}, {"a/b~": 1}, ["/a~1b~0 is there and should not be"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["/a/1: 2 expected, 3 served"]),
        ({"a": [1, 2]}, {"a": [1]}, ["/a: [1, 2] expected, [1] served"]),
        ({"a": 1}, {"a": True}, ["/a: 1 expected, true served"]),
        ([], {}, ["/: [] expected, {} served"]),
        ({"a": "x" * 200}, {"a": 1}, [f'/a: "{"x" * 79} … expected, 1 served']),
    ],
)
def test_each_difference_is_named_by_its_place(wanted: Any, served: Any, said: list[str]) -> None:
    assert list(differences(wanted, served)) == said


def test_what_is_ignored_is_ignored_with_everything_below_and_nothing_beside() -> None:
    wanted = {"servers": [{"url": "a"}], "info": {"version": "1", "title": "t"}}
    served = {"info": {"version": "2", "title": "u"}}
    found = list(differences(wanted, served, frozenset({"/servers", "/info/version"})))
    assert found == ['/info/title: "t" expected, "u" served']


@given(st.lists(st.text("/aB-1", max_size=4), unique=True))
def test_names_are_as_many_as_the_texts(texts: list[str]) -> None:
    names = named(texts)
    assert list(names) == texts
    assert len(set(names.values())) == len(texts)
