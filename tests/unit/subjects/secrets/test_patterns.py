from __future__ import annotations

import pytest

from release_gate.subjects.secrets.native_baseline import NativeBaseline
from release_gate.subjects.secrets.patterns import EXCLUDE_FILES, Pattern, audit, of

pytestmark = pytest.mark.unit

FILES = ("docs/a.md", "docs/b.md", "src/app/a.py", "srcs/x.py", "tests/test_a.py")


def audited(*texts: str, must_exclude: tuple[str, ...] = ()) -> list[tuple[str, str | None, str]]:
    listed = [Pattern(text=text, origin="exclude-files") for text in texts]
    found = audit(listed, FILES, ("src",), must_exclude)
    return [(one.rule_id, one.path, one.message) for one in found]


def test_patterns_that_match_and_hide_no_source_are_fine() -> None:
    assert audited("^docs/", "^tests/", must_exclude=("docs", "tests/")) == []


def test_a_stale_pattern_is_named() -> None:
    assert audited("^old/") == [
        ("stale-ignore-pattern", None, "pattern ^old/ of exclude-files matches no file")
    ]


def test_a_pattern_that_hides_shipped_source_is_named_with_the_file() -> None:
    assert audited("app") == [
        (
            "ignored-source",
            "src/app/a.py",
            "pattern app of exclude-files leaves out shipped source",
        )
    ]


def test_a_folder_that_must_be_left_out_and_is_not() -> None:
    assert audited("^docs/a", must_exclude=("docs",)) == [
        (
            "path-not-ignored",
            "docs/b.md",
            "docs is meant to be left out: 1 of its files are scanned",
        )
    ]


def test_a_folder_that_must_be_left_out_and_is_not_there() -> None:
    assert audited(must_exclude=("gone",)) == [
        ("path-not-ignored", None, "gone is meant to be left out: there is no such file")
    ]


def test_source_in_the_root_means_every_file() -> None:
    found = audit([Pattern(text="^docs/a", origin="x")], FILES, (".",), ())
    assert [one.rule_id for one in found] == ["ignored-source"]


def test_patterns_come_from_the_native_baseline_and_the_settings() -> None:
    native = NativeBaseline(
        version="1.5.0",
        plugins_used=({"name": "x"},),
        filters_used=({"path": "other"}, {"path": EXCLUDE_FILES, "pattern": ["a", "b"]}),
        entries=(),
    )
    assert of(native, ".secrets.baseline", ("c",)) == (
        Pattern(text="a", origin=".secrets.baseline"),
        Pattern(text="b", origin=".secrets.baseline"),
        Pattern(text="c", origin="exclude-files"),
    )
    assert of(None, ".secrets.baseline", ()) == ()
