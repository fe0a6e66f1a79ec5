from __future__ import annotations

import pytest

from release_gate.adapters.git_diff import Change, name_status, new_lines
from release_gate.errors import RepositoryProblem

pytestmark = pytest.mark.unit


def test_names_are_read_with_renames_and_odd_bytes() -> None:
    output = b"M\0a b\0R087\0old\nname\0new\0D\0gone\0T\0li\xffnk\0"
    assert (
        Change(status="M", path="a b", old="a b"),
        Change(status="R", path="new", old="old\nname"),
        Change(status="D", path="gone", old="gone"),
        Change(status="T", path="li\udcffnk", old="li\udcffnk"),
    ) == name_status(output)


def test_no_change_is_no_change() -> None:
    assert name_status(b"") == ()
    assert new_lines(b"") == {}


@pytest.mark.parametrize("output", [b"M\0", b"R100\0old\0"])
def test_names_that_are_cut_off_are_an_error(output: bytes) -> None:
    with pytest.raises(RepositoryProblem, match="cut off"):
        name_status(output)


def test_lines_that_look_like_headers_are_content() -> None:
    patch = (
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n"
        b"@@ -1 +1,2 @@\n--- a/other\n+++ b/other\n+@@ -1 +1 @@\n"
        b"@@ -9,0 +11 @@ def f():\n+diff --git a/y b/y\n"
    )
    assert {"x": frozenset({1, 2, 11})} == new_lines(patch)


def test_files_without_a_last_newline() -> None:
    patch = (
        b"--- a/x\n+++ b/x\n@@ -3 +3 @@\n-old\n\\ No newline at end of file\n"
        b"+new\n\\ No newline at end of file\n"
        b"diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -1,0 +2 @@\n+z\n"
    )
    assert {"x": frozenset({3}), "y": frozenset({2})} == new_lines(patch)


def test_deleted_lines_and_files_bring_no_new_lines() -> None:
    patch = (
        b"--- a/x\n+++ b/x\n@@ -3,2 +2,0 @@\n-a\n-b\n--- a/y\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    )
    assert {"x": frozenset()} == new_lines(patch)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (b"b/with space\t", "with space"),
        (b'"b/tab\\tquote\\"back\\\\slash\\nline"', 'tab\tquote"back\\slash\nline'),
        (b'"b/\\303\\274\\377"', "ü\udcff"),
        ("b/grün".encode(), "grün"),
    ],
)
def test_names_in_a_patch_are_unquoted(written: bytes, path: str) -> None:
    assert {path: frozenset({1})} == new_lines(b"+++ " + written + b"\n@@ -0,0 +1 @@\n+x\n")


@pytest.mark.parametrize(
    "patch",
    [
        b"+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n",
        b"+++ b/x\n@@ -1 +1 @@\n a\n",
        b"+++ b/x\n@@ what @@\n",
        b"+++ x\n@@ -1 +1 @@\n-a\n+b\n",
    ],
    ids=["cut off", "context", "no numbers", "no prefix"],
)
def test_a_patch_that_is_not_understood_is_an_error(patch: bytes) -> None:
    with pytest.raises(RepositoryProblem, match="cut off or not understood"):
        new_lines(patch)
