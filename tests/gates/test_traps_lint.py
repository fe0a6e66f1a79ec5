"""Ways in which ruff says "All checks passed!" of source in which it looked for nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from release_gate.judge.types import Verdict
from release_gate.model import Severity
from release_gate.testing import collect, judge, project
from support.source_gates import load

pytestmark = pytest.mark.gates

GATE = load("lint").GATE
UNUSED = "import os\n"
GOOD = 'NAME = "orders"\n'
SELECTED = 'lint.select = ["F"]\n'


@pytest.mark.parametrize(
    "text",
    [
        "lint.select = []\n",
        'lint.ignore = ["ALL"]\n',
        'lint.select = ["F"]\nlint.ignore = ["F"]\n',
        '[lint.per-file-ignores]\n"*" = ["ALL"]\n',
        '[lint.per-file-ignores]\n"src/**" = ["F", "E"]\n[lint]\nselect = ["F", "E7"]\n',
        'extension = { py = "markdown" }\n',
        'extend = "more.conf"\n',
    ],
    ids=["none", "all", "both", "per-file", "together", "language", "extended"],
)
def test_settings_that_leave_no_rule_are_an_error(tmp_path: Path, text: str) -> None:
    files = {"ruff.toml": text, "more.conf": "lint.select = []\n", "src/a.py": UNUSED}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert result.examined is not None
    assert [item.reason for item in result.examined.skipped] == ["not linted: no rule is in force"]


def test_files_without_a_rule_are_named_beside_those_that_were_linted(tmp_path: Path) -> None:
    files = {
        "ruff.toml": SELECTED + '[lint.per-file-ignores]\n"old_*.py" = ["ALL"]\n',
        "src/a.py": GOOD,
        "src/old_b.py": UNUSED,
        "tools/ruff.toml": "lint.select = []\n",
        "tools/c.py": UNUSED,
    }
    evidence = collect(GATE, tmp_path, files)
    assert evidence.examined.count == 1
    assert [(item.what, item.allowed_by) for item in evidence.examined.skipped] == [
        ("src/old_b.py", "per-file-ignores in ruff.toml"),
        ("tools/c.py", "the selection of rules in tools/ruff.toml"),
    ]


def test_a_rule_that_is_left_is_enough(tmp_path: Path) -> None:
    files = {
        "ruff.toml": 'lint.select = ["F", "E"]\n[lint.per-file-ignores]\n"*" = ["E"]\n',
        "src/a.py": UNUSED,
    }
    assert judge(GATE, tmp_path, files).verdict == Verdict.FAIL


def test_the_selection_of_rules_is_shown_in_the_plan(tmp_path: Path) -> None:
    text = 'exclude = ["x"]\n[lint]\nselect = []\n[lint.per-file-ignores]\n"*" = ["ALL"]\n'
    the_project = project(tmp_path, {"ruff.toml": text, "src/a.py": GOOD})
    origins = GATE.inputs(the_project, GATE.settings()).origins
    assert {
        ("exclude", "x", "ruff.toml"),
        ("lint.select", "none", "ruff.toml"),
        ("lint.per-file-ignores", "*: ALL", "ruff.toml"),
    } <= {(item.name, item.value, item.origin) for item in origins}


def test_evidence_is_not_reused_where_settings_extend_another_file(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"ruff.toml": 'extend = "x.conf"\n', "src/a.py": GOOD})
    assert not GATE.inputs(the_project, GATE.settings()).reusable


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_settings_behind_a_link_are_in_force(tmp_path: Path) -> None:
    (tmp_path / "shared").write_text('lint.select = ["F"]\n')
    root = tmp_path / "project"
    root.mkdir()
    (root / "ruff.toml").symlink_to(tmp_path / "shared")
    assert judge(GATE, root, {"src/a.py": UNUSED}).verdict == Verdict.FAIL
    assert GATE.inputs(project(root, {}), GATE.settings()).origins[0].origin == "ruff.toml"


def test_comments_for_a_whole_file_are_counted(tmp_path: Path) -> None:
    files = {"ruff.toml": SELECTED, "src/a.py": f"# ruff: noqa\n{UNUSED}"}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.PASS
    assert [item.directive for item in result.suppressions] == ["file noqa"]


def test_source_newer_than_the_python_of_the_toolkit_is_linted_and_its_format_checked(
    tmp_path: Path,
) -> None:
    # Each line is a syntax error before Python 3.12, 3.14 or 3.15.
    newer = (
        "lazy import os\n\n\ndef first[T](items: list[T]) -> T:\n"
        "    try:\n        return items[0]\n    except KeyError, IndexError:\n"
        "        return os.name\n"
    )
    files = {"src/a.py": newer, "src/b.py": newer.replace("items[0]", "items [0]")}
    result = judge(GATE, tmp_path, files)
    assert result.problems == ()
    assert result.examined is not None
    assert (result.examined.count, result.examined.skipped) == (2, ())
    assert [(one.finding.path, one.finding.rule_id) for one in result.findings] == [
        ("src/b.py", "unformatted")
    ]


def test_severity_is_that_of_the_rule_and_paths_are_relative(tmp_path: Path) -> None:
    source = "import os\n\n\ndef f() -> None:\n    print(nowhere)\n"
    files = {"ruff.toml": 'lint.select = ["F", "D100"]\n', "src/deep/a.py": source}
    found = collect(GATE, tmp_path, files).findings
    assert {one.rule_id: one.severity for one in found} == {
        "D100": Severity.LOW,
        "F401": Severity.MEDIUM,
        "F821": Severity.HIGH,
    }
    assert {one.path for one in found} == {"src/deep/a.py"}
