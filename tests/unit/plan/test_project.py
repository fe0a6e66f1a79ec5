"""The project: paths stay inside, and the digest of the tree knows what it knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release_gate import files
from release_gate.plan.paths import below, inside, relative_to_root
from release_gate.plan.project import PlannedProject, listed, tree_digest
from release_gate.ports import FileEntry

pytestmark = pytest.mark.unit


def project(root: Path) -> PlannedProject:
    return PlannedProject(
        root=root, name="shop", files=(), pyproject={}, source=(), requires_python=None
    )


def entry(path: str = "a", **more: Any) -> FileEntry:
    return FileEntry(**{"path": path, "tracked": True, "size": 1, **more})


def test_a_file_of_the_project_is_read(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_bytes(b"x")

    assert project(tmp_path).read_bytes("a b.txt") == b"x"
    assert project(tmp_path).path("a b.txt") == tmp_path / "a b.txt"


def test_a_file_that_went_away_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        project(tmp_path).read_bytes("gone.py")


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "C:/x", "a\0b"])
def test_a_path_out_of_the_root_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match=r"absolute|leads out|NUL"):
        project(tmp_path).read_bytes(path)


def test_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(ValueError, match="leads out of the project"):
        project(root).read_bytes("link")


def test_a_file_below_a_folder_that_is_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    for name in ("root", "root-twin"):
        (tmp_path / name).mkdir()
    (tmp_path / "root-twin" / "a.py").write_text("x")
    (tmp_path / "root" / "folder").symlink_to(tmp_path / "root-twin")

    with pytest.raises(ValueError, match="leads out of the project"):
        project(tmp_path / "root").read_bytes("folder/a.py")


def test_a_folder_that_becomes_a_link_out_of_the_root_after_a_first_read_is_refused(
    tmp_path: Path,
) -> None:
    for name in ("root/folder", "outside"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.py").write_text("x")
    root = tmp_path / "root"
    assert project(root).read_bytes("folder/a.py") == b"x"
    (root / "folder").rename(root / "before")
    (root / "folder").symlink_to(tmp_path / "outside")

    with pytest.raises(ValueError, match="leads out of the project"):
        project(root).read_bytes("folder/a.py")


def test_links_within_the_root_and_to_the_root_are_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "a.py").write_text("x")
    (root / "link.py").symlink_to("folder/a.py")
    (root / "other").symlink_to("folder")
    (tmp_path / "way").symlink_to("root")

    for name in ("link.py", "other/a.py", "folder/a.py"):
        assert project(root).read_bytes(name) == b"x"
        assert project(tmp_path / "way").read_bytes(name) == b"x"


def test_a_file_outside_is_refused_where_the_system_cannot_say_what_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_HAS_PROC", False)
    for name in ("root", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("x")
    (tmp_path / "root" / "folder").symlink_to(tmp_path / "outside")

    assert project(tmp_path / "root").read_bytes("a.py") == b"x"
    with pytest.raises(ValueError, match="leads out of the project"):
        project(tmp_path / "root").read_bytes("folder/a.py")


def test_what_git_tracks_is_always_in_the_list() -> None:
    entries = [
        entry("node_modules/a.js"),
        entry("node_modules/b.js", tracked=False),
        entry("build/release-gate/gate.json", tracked=False),
        entry(".coverage", tracked=False),
        entry(".env", tracked=False),
        entry("build/release-gates", tracked=False),
    ]

    paths = [one.path for one in listed(entries)]
    assert paths == [".env", "build/release-gates", "node_modules/a.js"]
    assert len(listed(entries, None)) == 4
    assert len(listed(entries, ".")) == 4


@pytest.mark.parametrize(
    "other",
    [
        entry("b", blob="1"),
        entry(blob="2"),
        entry(blob="1", kind="symlink"),
        entry(blob=""),
        entry(blob="", size=2),
    ],
)
def test_trees_that_differ_have_other_digests(other: FileEntry) -> None:
    assert tree_digest([entry(blob="1")]) != tree_digest([other])


def test_lengths_keep_neighbours_apart() -> None:
    one = tree_digest([entry("ab", blob="c")])

    assert one != tree_digest([entry("a", blob="bc")])
    assert tree_digest([]) != one


def test_an_odd_name_has_a_digest() -> None:
    assert len(tree_digest([entry("odd\udcff")])) == 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [("./src/", "src"), ("src//a", "src/a"), (".", "."), ("a b", "a b"), ("./", ".")],
)
def test_the_plain_form_of_a_path(text: str, expected: str) -> None:
    assert inside(text) == expected


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("src/a.py", "src", True),
        ("src/a.py", ".", True),
        ("src", "src", True),
        ("srcs/a.py", "src", False),
        ("a/src/b", "src", False),
    ],
)
def test_below(path: str, folder: str, *, expected: bool) -> None:
    assert below(path, folder) is expected


def test_messages_name_no_path_of_this_machine(tmp_path: Path) -> None:
    root = tmp_path / "root"

    assert relative_to_root(root, root / "a" / "b.toml") == "a/b.toml"
    assert relative_to_root(root, tmp_path / "b.toml") == "b.toml"
