"""Settings of bandit that keep tests from running are said in the evidence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from release_gate.api import FileEntry
from release_gate.judge.types import Verdict
from release_gate.model import Severity
from release_gate.testing import FolderProject, collect, context, judge, project
from support.source_gates import load

pytestmark = pytest.mark.gates

GATE = load("security").GATE
EVAL = "def run(text):\n    return eval(text)\n"


def test_tests_that_the_settings_skip_are_said(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[tool.bandit]\nskips = ["B307"]\n', "src/a.py": EVAL}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.PASS
    assert result.notes == ("skips: B307 ([tool.bandit] in pyproject.toml)",)


def test_an_empty_list_of_tests_means_all(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[tool.bandit]\ntests = []\n", "src/a.py": EVAL}
    assert judge(GATE, tmp_path, files).verdict == Verdict.FAIL


@pytest.mark.parametrize("name", ["setup.cfg", "tox.ini", ".bandit"])
def test_settings_that_bandit_finds_by_itself_change_nothing(tmp_path: Path, name: str) -> None:
    files = {name: "[bandit]\nskips = B307\nexclude = src\n", "src/a.py": EVAL}
    assert judge(GATE, tmp_path, files).verdict == Verdict.FAIL


def test_a_submodule_in_the_source_is_named(tmp_path: Path) -> None:
    plain = project(tmp_path, {"src/a.py": 'NAME = "orders"\n'})
    entry = FileEntry(path="src/vendored", tracked=True, size=0, kind="submodule")
    with_module = FolderProject(root=tmp_path, files=(*plain.files, entry))
    examined = GATE.collect(context(with_module), GATE.settings()).examined
    assert (examined.count, [item.what for item in examined.skipped]) == (1, ["src/vendored"])


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_linked_folder_in_the_source_is_named(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.py").write_text(EVAL)
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src" / "more").symlink_to(tmp_path / "elsewhere")
    result = judge(GATE, root, {"src/a.py": 'NAME = "orders"\n'})
    assert result.examined is not None
    assert [item.what for item in result.examined.skipped] == ["src/more"]


def test_a_package_outside_of_the_source_is_named(tmp_path: Path) -> None:
    files = {
        "src/a/__init__.py": "",
        "server/__init__.py": "",
        "server/api/__init__.py": EVAL,
        "tests/__init__.py": "",
    }
    result = judge(GATE, tmp_path, files)
    said = ("server not scanned: outside of the source",)
    assert (result.verdict, result.notes) == (Verdict.PASS, said)
    assert GATE.inputs(project(tmp_path, {}), GATE.settings()).warnings == said


def test_no_flag_of_bandit_keeps_anything_back_and_folders_are_entered(tmp_path: Path) -> None:
    files = {"src/a.py": "assert input()\n", "src/a/b/c/d.py": "assert input()\n"}
    evidence = collect(GATE, tmp_path, files)
    assert [(one.path, one.rule_id, one.severity) for one in evidence.findings] == [
        ("src/a.py", "B101", Severity.LOW),
        ("src/a/b/c/d.py", "B101", Severity.LOW),
    ]
    (tool,) = evidence.tools
    # Quiet, and into a file: past fifty files a progress bar stands before the document.
    assert {"-q", "-o"} <= set(tool.command)
    options = [word for word in tool.command if word.startswith("-")]
    assert options == ["-P", "-m", "-q", "-f", "-o", "-n", "-x", "--"]
    assert tool.exit_code == 1


def test_levels_in_settings_of_the_project_are_not_bandits_to_apply(tmp_path: Path) -> None:
    text = "[bandit]\nlevel = 3\nconfidence = 3\nexit-zero = true\n"
    files = {".bandit": text, "setup.cfg": text, "src/a.py": "assert input()\n"}
    assert judge(GATE, tmp_path, files).verdict == Verdict.FAIL


@pytest.mark.parametrize("paths", [("gone",), ("src/gone",), ("src/gone.py",)])
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, paths: tuple[str, ...]) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": EVAL}, paths=paths)
    assert result.verdict == Verdict.ERROR
    assert f"narrowed to {paths[0]}" in result.problems[0].what
