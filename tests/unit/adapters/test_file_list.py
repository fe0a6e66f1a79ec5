from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_gate.adapters.file_list import Folder, Name
from release_gate.adapters.git_diff import new_lines

pytestmark = pytest.mark.unit

few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
texts = st.lists(st.sampled_from([b"", b"a", b"b", b"+ c", b"-- d", b"++ b/e", b"@@ -1 +1 @@"]))


def entries(root: Path, *names: bytes) -> list[tuple[str, str, int, str]]:
    listed = Folder(root=root).entries([Name(raw=name, tracked=True) for name in names])
    return [(one.path, one.kind, one.size, one.blob) for one in listed]


@few
@given(st.binary(max_size=300))
def test_an_id_is_gits_own(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    done = subprocess.run(
        ["git", "hash-object", "--no-filters", "x"], cwd=tmp_path, capture_output=True, check=True
    )
    ((_, _, size, blob),) = entries(tmp_path, b"x")
    assert (done.stdout.decode().strip(), len(content)) == (blob, size)


@few
@given(texts, texts, st.booleans())
def test_what_is_not_new_was_there_in_that_order(
    tmp_path: Path, old: list[bytes], new: list[bytes], last: bool
) -> None:
    (tmp_path / "old").write_bytes(b"\n".join(old) + b"\n" * last)
    (tmp_path / "new").write_bytes(b"\n".join(new))
    done = subprocess.run(
        ["git", "diff", "--no-index", "-U0", "--no-color", "old", "new"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    marked = new_lines(done.stdout).get("new", frozenset())
    after = (tmp_path / "new").read_bytes().splitlines(keepends=True)
    before = iter((tmp_path / "old").read_bytes().splitlines(keepends=True))
    kept = [line for number, line in enumerate(after, 1) if number not in marked]
    assert all(line in before for line in kept)
    assert marked <= set(range(1, len(after) + 1))


def test_the_list_is_sorted_and_each_name_stands_for_itself(tmp_path: Path) -> None:
    names = [b"b", b"a", b"A", b"c"]
    for name in names[:3]:
        (tmp_path / os.fsdecode(name)).touch()
    assert [path for path, *_ in entries(tmp_path, *names)] == ["A", "a", "b"]


@pytest.mark.parametrize("error", [PermissionError(13, "x"), OSError(5, "x")])
def test_a_file_that_cannot_be_read_has_no_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    (tmp_path / "x").write_text("12")

    def fail(*_: Any) -> int:
        raise error

    monkeypatch.setattr(os, "open", fail)
    assert entries(tmp_path, b"x") == [("x", "file", 2, "")]
    monkeypatch.undo()
    monkeypatch.setattr(os, "lstat", fail)
    assert entries(tmp_path, b"x") == [("x", "file", 0, "")]


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_what_goes_away_meanwhile_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").touch()
    (tmp_path / "link").symlink_to("x")

    def gone(*_: Any) -> Any:
        raise FileNotFoundError(2, "x")

    monkeypatch.setattr(os, "open", gone)
    monkeypatch.setattr(os, "readlink", gone)
    assert entries(tmp_path, b"x", b"link") == []


def test_an_ignore_file_that_cannot_be_read_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".gitignore").mkdir(parents=True)
    (tmp_path / "sub" / "a.py").touch()
    assert [one.raw for one in Folder(root=tmp_path).walk()] == [b"sub/a.py"]


def test_a_folder_that_becomes_unreachable_is_no_folder(tmp_path: Path) -> None:
    assert entries(tmp_path, b"nowhere/x") == []
