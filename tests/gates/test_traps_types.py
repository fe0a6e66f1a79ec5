"""Ways in which mypy finds nothing because its settings or the source tell it not to look."""

from __future__ import annotations

from pathlib import Path

import pytest

from release_gate.judge.types import Verdict
from release_gate.testing import judge, project
from support.source_gates import load

pytestmark = pytest.mark.gates

GATE = load("types").GATE
WRONG = "def double(x: int) -> int:\n    return str(x)\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.mypy]\nignore_errors = true\n"),
        ("mypy.ini", "[mypy]\nignore_errors = True\n"),
        ("setup.cfg", "[mypy]\nignore_errors = yes\n"),
    ],
)
def test_settings_that_ignore_every_error_are_an_error(
    tmp_path: Path, name: str, text: str
) -> None:
    result = judge(GATE, tmp_path, {name: text, "src/a.py": WRONG})
    assert result.verdict == Verdict.ERROR
    assert "nothing is checked" in result.problems[0].what


def test_modules_that_are_switched_on_again_are_checked_and_the_rest_is_said(
    tmp_path: Path,
) -> None:
    text = "[mypy]\nignore_errors = True\n[mypy-a]\nignore_errors = False\n"
    result = judge(GATE, tmp_path, {"mypy.ini": text, "src/a.py": WRONG, "src/b.py": WRONG})
    assert result.verdict == Verdict.FAIL
    assert result.notes == ("ignore_errors = all but a (mypy.ini)",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('disable_error_code = ["return-value"]', "disable_error_code = return-value"),
        ('follow_imports = "skip"', "follow_imports = skip"),
    ],
)
def test_settings_that_take_errors_away_are_said(tmp_path: Path, text: str, said: str) -> None:
    files = {"pyproject.toml": f"[tool.mypy]\n{text}\n", "src/a.py": WRONG}
    assert judge(GATE, tmp_path, files).notes == (f"{said} (pyproject.toml)",)
    origins = GATE.inputs(project(tmp_path, {}), GATE.settings()).origins
    assert said in {f"{item.name} = {item.value}" for item in origins}


@pytest.mark.parametrize("comment", ["# mypy: ignore-errors", "# type: ignore"])
def test_comments_for_a_whole_file_are_counted(tmp_path: Path, comment: str) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": f"{comment}\n{WRONG}"})
    assert result.verdict == Verdict.PASS
    assert len(result.suppressions) == 1
