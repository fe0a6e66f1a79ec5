"""Installed copies among the measured files."""

from __future__ import annotations

from pathlib import Path

import pytest

import coverage
from release_gate.errors import ToolProblem
from release_gate.subjects.testrun import copies
from release_gate.testing import project

pytestmark = pytest.mark.unit


def test_the_measured_files_of_all_processes_are_read(tmp_path: Path) -> None:
    for suffix in ("one", "two"):
        data = coverage.CoverageData(basename=str(tmp_path / "coverage"), suffix=suffix)
        data.add_lines({f"/somewhere/{suffix}.py": [1]})
        data.write()
        data.close()

    assert copies.measured_paths(tmp_path) == {"/somewhere/one.py", "/somewhere/two.py"}


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00 and no more", b"rubbish" * 99])
def test_data_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "coverage.host.1").write_bytes(content)
    with pytest.raises(ToolProblem, match="cannot be read"):
        copies.measured_paths(tmp_path)


@pytest.mark.parametrize(
    ("source", "module"), [(("src",), "pkg/a.py"), ((".",), "src/pkg/a.py"), (("src/pkg",), "a.py")]
)
def test_a_copy_is_found_by_its_module(
    tmp_path: Path, source: tuple[str, ...], module: str
) -> None:
    root = tmp_path / "checkout"
    root.mkdir()
    where = project(root, {"src/pkg/a.py": "x = 1\n"}, source=source)
    copy = tmp_path / "venv" / "site-packages" / module
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"x = 1\r\n")
    measured = [str(copy), str(root / "src/pkg/a.py"), "/elsewhere/site-packages/other.py"]

    assert copies.differing(where, ["src/pkg/a.py"], measured) == []
    copy.write_bytes(b"x = 2\n")
    assert copies.differing(where, ["src/pkg/a.py"], measured) == ["src/pkg/a.py"]
    copy.unlink()
    assert copies.differing(where, ["src/pkg/a.py"], measured) == ["src/pkg/a.py"]
