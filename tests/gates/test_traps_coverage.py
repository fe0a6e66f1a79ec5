"""Lines and tests that vanish without a word from a run that passes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from release_gate.judge.types import GateResult, Verdict
from release_gate.testing import judge, project
from support.source_gates import load

pytestmark = pytest.mark.gates

GATE = load("coverage").GATE
TEST = "from pkg.a import one\n\n\ndef test_one():\n    assert one() == 1\n"
BROKEN = "\n\ndef test_two():\n    assert one() == 2\n"
FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
    "src/pkg/__init__.py": "",
    "src/pkg/a.py": "def one():\n    return 1\n",
    "tests/test_a.py": TEST,
}
NEVER = "\n\ndef never():{}\n" + "".join(f"    x = {n}\n" for n in range(30)) + "    return x\n"


@pytest.fixture(autouse=True)
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def values(result: GateResult) -> dict[str, float]:
    return {item.metric.name: item.metric.value for item in result.metrics}


def test_lines_that_a_comment_excludes_are_counted(tmp_path: Path) -> None:
    source = FILES["src/pkg/a.py"] + NEVER.format("  # pragma: no cover")
    result = judge(GATE, tmp_path, {**FILES, "src/pkg/a.py": source})
    assert result.verdict == Verdict.PASS
    assert [item.directive for item in result.suppressions] == ["pragma: no cover"]
    assert (values(result)["suppressions"], values(result)["excluded-lines"]) == (1, 32)
    assert "32 lines excluded from coverage" in result.notes


def test_lines_that_the_settings_exclude_are_counted_and_the_pattern_shown(
    tmp_path: Path,
) -> None:
    own = '[tool.coverage.report]\nexclude_also = ["def never"]\n'
    files = {
        **FILES,
        "pyproject.toml": FILES["pyproject.toml"] + own,
        "src/pkg/a.py": FILES["src/pkg/a.py"] + NEVER.format(""),
    }
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.PASS
    assert values(result)["excluded-lines"] == 32
    origins = GATE.inputs(project(tmp_path, {}), GATE.settings()).origins
    assert ("excluded lines", "def never") in {(item.name, item.value) for item in origins}


def test_settings_that_exclude_everything_are_an_error(tmp_path: Path) -> None:
    own = '[tool.coverage.report]\nexclude_also = [".*"]\n'
    files = {**FILES, "pyproject.toml": FILES["pyproject.toml"] + own}
    assert judge(GATE, tmp_path, files).verdict == Verdict.ERROR


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("conftest.py", "collect_ignore = ['tests/test_b.py']\n"),
        ("pytest.ini", "[pytest]\npythonpath = src\naddopts = --ignore tests/test_b.py\n"),
        ("pytest.ini", "[pytest]\npythonpath = src\ntestpaths = tests/test_a.py\n"),
    ],
    ids=["collect_ignore", "ignore", "testpaths"],
)
def test_a_test_file_that_pytest_passes_over_is_named(tmp_path: Path, name: str, text: str) -> None:
    result = judge(GATE, tmp_path, {**FILES, name: text, "tests/test_b.py": TEST + BROKEN})
    assert result.verdict == Verdict.PASS
    assert "no test collected from 1 file named like tests: tests/test_b.py" in result.notes


def test_tests_that_a_hook_drops_are_counted_as_deselected(tmp_path: Path) -> None:
    hook = "def pytest_collection_modifyitems(items):\n    del items[1:]\n"
    result = judge(GATE, tmp_path, {**FILES, "conftest.py": hook, "tests/test_a.py": TEST + BROKEN})
    assert result.verdict == Verdict.PASS
    assert "1 test, 1 deselected" in result.notes
    assert values(result)["tests-deselected"] == 1


def test_expected_failures_are_said(tmp_path: Path) -> None:
    hook = (
        "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n"
        "    items[-1].add_marker(pytest.mark.xfail)\n"
    )
    result = judge(GATE, tmp_path, {**FILES, "conftest.py": hook, "tests/test_a.py": TEST + BROKEN})
    assert result.verdict == Verdict.PASS
    assert "2 tests, 1 xfailed" in result.notes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.py", "print('1 passed')\n"),
        ("coverage.py", "print('1 passed')\n"),
        (
            "conftest.py",
            "import os\n\n\ndef pytest_sessionfinish():\n    os._exit(0)\n",
        ),
        ("conftest.py", "def pytest_runtestloop():\n    return True\n"),
        ("pytest.ini", "[pytest]\npythonpath = src\naddopts = --collect-only\n"),
        ("pytest.ini", "[pytest]\npythonpath = src\naddopts = -p no:release-gate-recorder\n"),
    ],
    ids=["pytest.py", "coverage.py", "exit", "loop", "collect-only", "no-recorder"],
)
def test_a_run_that_only_looks_like_one_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    assert judge(GATE, tmp_path, {**FILES, name: text}).verdict == Verdict.ERROR


def test_files_that_the_settings_omit_are_counted(tmp_path: Path) -> None:
    own = '[tool.coverage.run]\nomit = ["src/pkg/b.py"]\n'
    files = {**FILES, "pyproject.toml": FILES["pyproject.toml"] + own, "src/pkg/b.py": "x = 1\n"}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.PASS
    assert "1 of 3 files omitted by pyproject.toml" in result.notes


def test_source_that_this_python_cannot_parse_is_an_error_that_names_the_interpreter(
    tmp_path: Path,
) -> None:
    result = judge(GATE, tmp_path, {**FILES, "src/pkg/newer.py": "def f[(\n"})
    assert result.verdict == Verdict.ERROR
    (problem,) = [one for one in result.problems if "src/pkg/newer.py" in one.what]
    version = ".".join(map(str, sys.version_info[:2]))
    assert f"the Python of the project environment, {version}." in problem.remedy
