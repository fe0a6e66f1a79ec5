"""Which files are Python source."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate.api import FileEntry, ToolProblem
from release_gate.subjects.source.python_files import (
    Chosen,
    below,
    missing_folders,
    planned,
    python_files,
)
from release_gate.testing import FolderProject, context

pytestmark = pytest.mark.unit


def listed(*paths: str, links: tuple[str, ...] = ()) -> FolderProject:
    return FolderProject(
        root=Path("/nowhere"),
        files=tuple(
            FileEntry(path=path, tracked=True, size=1, kind="symlink" if path in links else "file")
            for path in (*paths, *links)
        ),
    )


def test_the_suffix_decides_and_the_list_is_sorted() -> None:
    found = python_files(listed("b.py", "a.pyi", "c.pyw", "D.PY", "e.ipynb", "f.txt", "bin/g"))
    assert found.files == ("D.PY", "a.pyi", "b.py", "c.pyw")


def test_further_files_can_be_named_by_pattern() -> None:
    assert python_files(listed("bin/g", "f.txt"), also=["bin/*"]).files == ("bin/g",)


@pytest.mark.parametrize(
    ("within", "files"),
    [
        (["src"], ("src/a.py",)),
        (["src/"], ("src/a.py",)),
        (["./src"], ("src/a.py",)),
        (["."], ("setup.py", "src/a.py", "srcs/b.py")),
        (["setup.py", "srcs"], ("setup.py", "srcs/b.py")),
        ([], ()),
    ],
)
def test_only_files_within_the_folders_are_taken(within: list[str], files: tuple[str, ...]) -> None:
    assert files == python_files(listed("src/a.py", "srcs/b.py", "setup.py"), within=within).files


def test_links_are_left_out_by_name() -> None:
    found = python_files(listed("a.py", links=("b.py",)))
    assert (found.files, [item.what for item in found.skipped]) == (("a.py",), ["b.py"])
    assert found.skipped[0].allowed_by


def test_a_choice_of_nothing_is_a_problem() -> None:
    with pytest.raises(ToolProblem, match="no Python file to check in src"):
        planned(Chosen(files=()), (), where="src")


def test_a_choice_narrowed_to_nothing_is_a_problem() -> None:
    with pytest.raises(ToolProblem, match="in src, narrowed to docs"):
        planned(Chosen(files=("src/a.py",)), ("docs",), where="src")


def test_a_choice_is_narrowed_to_files_and_folders() -> None:
    found = python_files(listed("a/x.py", "b/y.py", "c/z.py", links=("a/l.py", "c/l.py")))
    kept = planned(found, ("a", "b/y.py"), where="src")
    assert (kept.files, [one.what for one in kept.skipped]) == (("a/x.py", "b/y.py"), ["a/l.py"])


def test_folders_without_a_file_are_problems_unless_the_run_is_narrowed() -> None:
    the_project = listed("src/a.py")
    problems = missing_folders(context(the_project), ("src", "scr"))
    assert [item.what for item in problems] == ["scr is to be checked and holds no file"]
    assert missing_folders(context(the_project, paths=("src",)), ("src", "scr")) == ()


def test_a_folder_is_not_above_a_name_that_starts_like_it() -> None:
    assert [below(path, ["src"]) for path in ("src", "src/a.py", "srcs/a.py")] == [
        True,
        True,
        False,
    ]
