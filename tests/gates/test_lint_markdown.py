"""Python in Markdown: the formatter reads it, as it does when it is run by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from release_gate.api import AnyGate
from release_gate.judge.types import Verdict
from release_gate.testing import collect, judge
from support.source_gates import load

pytestmark = pytest.mark.gates

GATE: AnyGate = load("lint").GATE
BAD = "# Use\n\n```python\nx  =  1\n```\n"
FILES = {"src/a.py": "x = 1\n", "README.md": BAD, "docs/plain.md": "No code.\n"}


@pytest.mark.release_check("A01", "red")
def test_an_unformatted_example_in_markdown_fails_with_its_line(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, FILES)
    assert result.verdict is Verdict.FAIL
    assert [(one.finding.path, one.finding.line) for one in result.findings] == [("README.md", 4)]
    assert result.examined is not None
    assert result.examined.count == 3


def test_ruff_run_by_hand_counts_the_same(tmp_path: Path) -> None:
    collect(GATE, tmp_path, FILES)
    command = [sys.executable, "-m", "ruff", "format", "--check", "--isolated", "--no-cache", "."]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "1 file would be reformatted, 2 files already formatted" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.ruff]\ninclude = ["*.py"]\n',
        '[tool.ruff]\nextend-exclude = ["*.md"]\n',
        '[tool.ruff.format]\nexclude = ["README.md", "docs"]\n',
    ],
)
def test_markdown_that_the_settings_leave_out_is_left_out(tmp_path: Path, settings: str) -> None:
    result = judge(GATE, tmp_path, {**FILES, "pyproject.toml": settings})
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


def test_markdown_that_is_not_utf_8_is_an_error_that_names_it(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {**FILES, "README.md": b"caf\xe9\n"})
    assert result.verdict is Verdict.ERROR
    assert "README.md" in result.reason


def test_without_ruff_as_the_formatter_markdown_is_not_read(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, FILES, GATE.settings(formatter="none"))
    assert result.verdict is Verdict.PASS
    assert result.examined is not None
    assert result.examined.count == 1
