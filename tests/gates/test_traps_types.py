"""Ways in which mypy finds nothing because its settings or the source tell it not to look."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

from release_gate.api import Completed
from release_gate.judge.types import Verdict
from release_gate.testing import ThisEnvironment, judge, project
from support import installing
from support.source_gates import Meddling, load

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


@pytest.mark.parametrize("paths", [("gone",), ("src/gone.py",)])
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, paths: tuple[str, ...]) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": WRONG}, paths=paths)
    assert result.verdict == Verdict.ERROR
    assert f"narrowed to {paths[0]}" in result.problems[0].what


def test_a_source_folder_without_python_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/pkg/py.typed": "", "tests/test_a.py": WRONG})
    assert result.verdict == Verdict.ERROR
    assert "there is no Python file to check in src" in result.problems[0].what


def test_a_clean_run_prints_nothing_and_its_files_are_counted_all_the_same(tmp_path: Path) -> None:
    quiet: list[bytes] = []

    def keep(done: Completed) -> Completed:
        if "mypy" in done.argv:
            quiet.append(done.stdout)
        return done

    root = tmp_path / "project"
    root.mkdir()
    files = {f"src/m{n}.py": f"X: int = {n}\n" for n in range(3)}
    runner = Meddling(root=root, log=tmp_path / "log", after=keep)
    result = judge(GATE, root, files, runner=runner)
    assert quiet == [b""]
    assert result.examined is not None
    assert (result.verdict, result.examined.count) == (Verdict.PASS, 3)


# The plug-in that this happens with most often, in an environment that alone has it.

MODEL = """\
from pydantic import BaseModel


class Order(BaseModel):
    number: int


def order() -> Order:
    return Order(number="three")
"""
PYDANTIC = {
    "pyproject.toml": (
        '[tool.mypy]\nplugins = ["pydantic.mypy"]\n[tool.pydantic-mypy]\ninit_typed = true\n'
    ),
    "src/a.py": MODEL,
}


@pytest.fixture(scope="module")
def with_pydantic(tmp_path_factory: pytest.TempPathFactory) -> ThisEnvironment:
    """An environment with pydantic from the package index; mypy is lent to it."""
    folder = tmp_path_factory.mktemp("pydantic") / "env"
    python = installing.environment(folder)
    uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(python)]
    subprocess.run([*uv, "pydantic"], check=True)
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    (site / "toolkit.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return ThisEnvironment(executable=python)


def test_the_plugin_of_pydantic_is_run_where_it_is_installed(
    tmp_path: Path, with_pydantic: ThisEnvironment
) -> None:
    result = judge(GATE, tmp_path, PYDANTIC, project_environment=with_pydantic)
    assert result.verdict == Verdict.FAIL
    assert [(one.finding.rule_id, one.finding.line) for one in result.findings] == [("arg-type", 9)]
    assert [tool.home for tool in result.tools] == ["project"]
    assert "of the project environment" in result.notes[0]


@pytest.mark.skipif(find_spec("pydantic") is not None, reason="pydantic is beside the tests")
def test_the_plugin_of_pydantic_that_is_not_installed_is_an_error_with_the_remedy(
    tmp_path: Path,
) -> None:
    result = judge(GATE, tmp_path, PYDANTIC)
    assert result.verdict == Verdict.ERROR
    (problem,) = [one for one in result.problems if "pydantic.mypy" in one.what]
    assert "Add mypy to the dependencies of the project environment" in problem.remedy
