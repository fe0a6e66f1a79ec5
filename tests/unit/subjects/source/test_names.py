"""From what a tool prints back to the file list."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.source.names import Names, shown

pytestmark = pytest.mark.unit

PATHS = ("src/a.py", "src/-b.py", "src/new\nline.py", "src/caf\udce9.py")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["{}", "./{}", "././{}", "{root}{sep}{}", "src/../{}"])
def test_each_way_to_print_a_name_is_understood(tmp_path: Path, path: str, form: str) -> None:
    printed = form.format(path.replace("/", os.sep), root=tmp_path, sep=os.sep)
    assert path == Names(tmp_path, PATHS).relative(printed)


def test_bytes_that_became_replacement_characters_are_found_again(tmp_path: Path) -> None:
    assert Names(tmp_path, PATHS).relative("src/caf\ufffd.py") == "src/caf\udce9.py"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_root_behind_a_link_is_understood(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    names = Names(tmp_path / "link", PATHS)
    assert names.relative(str((tmp_path / "real").resolve() / "src" / "a.py")) == "src/a.py"


@pytest.mark.parametrize("printed", ["..", "../a.py", "src/../../a.py", "{other}"])
def test_a_name_outside_the_root_is_none(tmp_path: Path, printed: str) -> None:
    root = tmp_path / "root"
    outside = printed.format(other=tmp_path / "root-and-more" / "a.py")
    assert None is Names(root, PATHS).relative(outside)


def test_a_name_inside_that_is_not_planned_is_given_back(tmp_path: Path) -> None:
    assert Names(tmp_path, PATHS).relative("lib/x.py") == "lib/x.py"


@given(st.text())
def test_any_text_can_be_shown_and_is_shown_as_itself_where_utf_8_has_it(path: str) -> None:
    assert shown(path).encode("utf-8").decode("utf-8") == shown(path)
    if not any(0xD800 <= ord(one) <= 0xDFFF for one in path):
        assert path == shown(path)


def test_half_a_surrogate_pair_can_be_shown() -> None:
    assert "\ufffd" in shown("a\ud800b")
