"""The tree after the run is the tree before, or the difference is named."""

from __future__ import annotations

import pytest

from release_gate.ports import FileEntry
from release_gate.run.tree import changes

pytestmark = pytest.mark.unit


def entry(path: str, blob: str = "a", **more: object) -> FileEntry:
    return FileEntry(path=path, tracked=True, size=1, blob=blob, **more)  # type: ignore[arg-type]  # test data


def test_same_list_is_no_change() -> None:
    assert changes([entry("a"), entry("b")], [entry("b"), entry("a")], ["g"]) == ()


def test_becoming_tracked_is_no_change_of_content() -> None:
    later = FileEntry(path="a", tracked=False, size=1, blob="a")
    assert changes([entry("a")], [later], []) == ()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ([entry("a", "other")], "a changed during the run of lint, types"),
        ([entry("a", kind="symlink")], "a changed during the run of lint, types"),
        ([], "a disappeared during the run of lint, types"),
        ([entry("a"), entry("b")], "b appeared during the run of lint, types"),
    ],
)
def test_difference_names_file_and_gates(after: list[FileEntry], said: str) -> None:
    (problem,) = changes([entry("a")], after, ["lint", "types"])
    assert problem.what == said
    assert problem.slug == "changed-during-run"


def test_file_that_becomes_unreadable_is_a_change() -> None:
    assert len(changes([entry("a")], [entry("a", "")], [])) == 1


def test_many_differences_are_summed_up() -> None:
    found = changes([], [entry(f"f{number:02}") for number in range(25)], [])
    assert len(found) == 11
    assert found[-1].what == "15 more files changed during the run"
