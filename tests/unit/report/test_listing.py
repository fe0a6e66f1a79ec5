"""``files.json``: written, read again, and refused when it is not whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import ReportProblem
from release_gate.report.listing import listing_bytes, load_listing

pytestmark = pytest.mark.unit

names = st.text(st.characters(codec="utf-8"), max_size=5) | st.just("\udcff")
listings = st.dictionaries(
    names, st.dictionaries(names, st.text(max_size=4), max_size=3), max_size=3
)


@given(listings)
def test_law_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("l") / "files.json"
    path.write_bytes(listing_bytes(files))
    assert load_listing(path) == files


def test_a_listing_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert load_listing(tmp_path / "files.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"a": []}', '{"a": {"b": 1}}', "\xff"])
def test_a_listing_that_is_not_whole_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "files.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ReportProblem, match=r"files\.json is not whole"):
        load_listing(path)
