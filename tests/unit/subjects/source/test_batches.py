"""File names on command lines."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.source.batches import argument, batches

pytestmark = pytest.mark.unit

names = st.lists(st.text(alphabet="ab/-é", min_size=1, max_size=30), max_size=40)


@given(names, st.integers(1, 200))
def test_every_name_is_in_one_batch_and_the_order_is_kept(paths: list[str], limit: int) -> None:
    assert paths == [path for batch in batches(paths, limit=limit) for path in batch]


@given(names, st.integers(1, 200))
def test_a_batch_fits_unless_it_is_a_single_name(paths: list[str], limit: int) -> None:
    for batch in batches(paths, limit=limit):
        size = sum(len(os.fsencode(argument(path))) + 3 for path in batch)
        assert size <= limit or len(batch) == 1


def test_no_name_makes_no_batch() -> None:
    assert list(batches([])) == []


@pytest.mark.parametrize(
    ("path", "given_"),
    [("-x.py", "./-x.py"), ("@x.py", "./@x.py"), ("a/-x.py", "a/-x.py"), ("x.py", "x.py")],
)
def test_a_name_cannot_be_taken_for_an_option(path: str, given_: str) -> None:
    assert given_ == argument(path)
