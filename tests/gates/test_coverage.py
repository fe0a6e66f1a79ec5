"""The coverage gate with real pytest and real coverage."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Evidence, Finding, Limit
from release_gate.errors import ConfigError, ToolProblem
from release_gate.judge.decide import decide
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import NO_BASE, BaseRef, Collected, Severity
from release_gate.testing import DirectRunner, ThisEnvironment, collect, context, project
from support import judging

pytestmark = pytest.mark.gates

ROOT = Path(__file__).resolve().parents[2]


def _load() -> Any:
    spec = importlib.util.spec_from_file_location(
        "gate_under_test_coverage", ROOT / "gates/coverage.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


gate = _load()
GATE = gate.GATE

PYTEST = "[tool.pytest.ini_options]\npythonpath = ['src']\n"
GOOD = {
    "pyproject.toml": PYTEST,
    "src/pkg/__init__.py": "",
    "src/pkg/a.py": "def double(x):\n    return 2 * x\n",
    "tests/test_a.py": (
        "from pkg.a import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
    ),
}


def settings(**keys: Any) -> Any:
    """Settings as the configuration file would give them."""
    return msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, gate.CoverageSettings)


def lines(count: int, covered: int) -> str:
    """A module of ``count`` statements, ``covered`` of which run on import."""
    top = [f"x{n} = {n}" for n in range(covered - 1)]
    body = [f"    y{n} = {n}" for n in range(count - covered)]
    return "\n".join([*top, "def never():", *body]) + "\n"


@dataclass(frozen=True, kw_only=True)
class ChangedSince:
    """A base with given contents and changed lines."""

    old: Mapping[str, bytes] = field(default_factory=dict)
    lines: Mapping[str, frozenset[int]] = field(default_factory=dict)
    ref: BaseRef = NO_BASE

    def read(self, relative: str) -> bytes | None:
        return self.old.get(relative)

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        return self.lines

    def old_path(self, relative: str) -> str | None:
        return relative if relative in self.old else None


def judged(
    root: Path, files: Mapping[str, str | bytes], chosen: Any = None, **changes: Any
) -> tuple[GateResult, Evidence]:
    """Collect, then decide as the engine would."""
    chosen = chosen or gate.CoverageSettings()
    evidence = collect(GATE, root, files, chosen, **changes)
    return judge(evidence, root, chosen), evidence


def judge(evidence: Evidence, root: Path, chosen: Any) -> GateResult:
    limits: tuple[Limit, ...] = GATE.limits(chosen, project(root, {}))
    report = decide(
        judging.docket(judging.gate("coverage", limits=limits)),
        [Collected(gate_id="coverage", evidence=evidence)],
        judging.INPUTS,
    )
    return report.gates[0]


@pytest.fixture(autouse=True)
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick: plug-ins of the test environment are only loaded where a test is about them."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def installed_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")


def metrics(evidence: Evidence) -> dict[str, float]:
    return {metric.name: metric.value for metric in evidence.metrics}


def rules(evidence: Evidence) -> list[str]:
    return [finding.rule_id for finding in evidence.findings]


def only(evidence: Evidence, rule: str) -> Finding:
    (finding,) = [finding for finding in evidence.findings if finding.rule_id == rule]
    return finding


def problems(evidence: Evidence) -> str:
    return "\n".join(problem.what for problem in evidence.problems)


# --- good runs ------------------------------------------------------------------------------


@pytest.mark.release_check("A03", "green")
@pytest.mark.release_check("A06", "green")
def test_tests_that_pass_and_cover_the_source_pass(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, GOOD)

    assert (result.verdict, evidence.problems) == (Verdict.PASS, ())
    assert evidence.examined.unit == "tests"
    assert (evidence.examined.count, evidence.examined.planned) == (1, 1)
    assert metrics(evidence)["coverage"] == 100.0
    assert evidence.notes == ("1 test", "changed lines not judged: no base")


def test_nothing_is_left_in_the_project(tmp_path: Path) -> None:
    collect(GATE, tmp_path, GOOD)

    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert set(GOOD) == left


def test_no_path_of_this_machine_is_in_the_evidence(tmp_path: Path) -> None:
    failing = {**GOOD, "tests/test_b.py": "def test_b():\n    raise ValueError(__file__)\n"}
    evidence = collect(GATE, tmp_path, failing)

    shown = msgspec.json.encode(evidence).decode()
    assert str(tmp_path) not in shown
    assert sys.prefix not in shown
    assert evidence.tools[0].command[:4] == ("{python}", "-m", "coverage", "run")


def test_tools_are_shown_with_their_own_version_and_home(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, GOOD)

    named = {(tool.name, tool.home, tool.exit_code) for tool in evidence.tools}
    assert named == {("pytest", "project", 0), ("coverage", "project", 0)}
    assert next(t for t in evidence.tools if t.name == "pytest").version == pytest.__version__


def test_the_artefact_holds_the_measured_lines_and_no_time(tmp_path: Path) -> None:
    where = project(tmp_path, GOOD)
    first, second = context(where), context(where)
    evidence = GATE.collect(first, gate.CoverageSettings())
    again = GATE.collect(second, gate.CoverageSettings())

    document = json.loads((first.artifacts / "coverage.json").read_text())
    assert document["files"]["src/pkg/a.py"]["executed_lines"] == [1, 2]
    assert evidence.artifacts == again.artifacts
    assert evidence.artifacts[0].path == "artifacts/gate/coverage.json"


def test_a_narrowed_run_says_that_all_tests_ran(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, GOOD, paths=("src/pkg/a.py",))
    assert "all tests were run: a path does not narrow them" in evidence.notes


def test_progress_counts_tests(tmp_path: Path) -> None:
    slow = {
        **GOOD,
        "tests/test_slow.py": (
            "import time, pytest\n@pytest.mark.parametrize('n', range(4))\n"
            "def test_slow(n):\n    time.sleep(0.4)\n"
        ),
    }
    shown: list[str] = []
    collect(GATE, tmp_path, slow, progress=shown.append)

    assert any(text.endswith("/5 tests") for text in shown)


# --- the exact fraction ---------------------------------------------------------------------


@pytest.mark.release_check("A06", "red")
@pytest.mark.parametrize(
    ("covered", "count", "verdict"),
    [
        (159, 200, Verdict.FAIL),
        (160, 200, Verdict.PASS),
        (15999, 20000, Verdict.FAIL),
    ],
)
def test_the_limit_is_compared_exactly(
    tmp_path: Path, covered: int, count: int, verdict: Verdict
) -> None:
    files = {
        **GOOD,
        "src/pkg/a.py": lines(count, covered),
        "tests/test_a.py": "import pkg.a\ndef test_it(): pass\n",
    }
    result, evidence = judged(tmp_path, files)

    total = next(metric for metric in evidence.metrics if metric.name == "coverage")
    assert total.ratio == (covered, count)
    assert total.exact() == Fraction(100 * covered, count)
    assert result.verdict is verdict


def test_branches_count_where_the_project_asks_for_them(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + "[tool.coverage.run]\nbranch = true\n",
        "src/pkg/a.py": "def double(x):\n    if x:\n        x = 2 * x\n    return x\n",
    }
    evidence = collect(GATE, tmp_path, files)

    shares = {m.name: m.ratio for m in evidence.metrics if m.unit == "%"}
    assert shares == {"coverage": (5, 6), "line-coverage": (4, 4), "branch-coverage": (1, 2)}
    assert evidence.tables[0].columns == (
        "File",
        "Lines",
        "Missing",
        "Branches",
        "Missing branches",
        "Covered",
    )


def test_branches_count_where_the_setting_asks_for_them(tmp_path: Path) -> None:
    files = {**GOOD, "src/pkg/a.py": "def double(x):\n    if x:\n        x = 2 * x\n    return x\n"}
    evidence = collect(GATE, tmp_path, files, settings(branch=True))

    assert metrics(evidence)["branch-coverage"] == 50.0


def test_the_table_starts_with_the_least_covered_file(tmp_path: Path) -> None:
    files = {**GOOD, "src/pkg/b.py": "x = 1\n", "src/pkg/c.py": lines(4, 3)}
    files["tests/test_c.py"] = "import pkg.c\ndef test_it(): pass\n"
    evidence = collect(GATE, tmp_path, files)

    rows = [(row[0], row[-1]) for row in evidence.tables[0].rows]
    assert rows == [
        ("src/pkg/b.py", "0.00 %"),
        ("src/pkg/c.py", "75.00 %"),
        ("src/pkg/__init__.py", "-"),
        ("src/pkg/a.py", "100.00 %"),
    ]


# --- limits ---------------------------------------------------------------------------------


def limit_of(root: Path, pyproject: str, **keys: Any) -> tuple[Fraction | None, str]:
    found = GATE.limits(settings(**keys), project(root, {"pyproject.toml": pyproject}))
    limit = next(limit for limit in found if limit.metric == "coverage")
    return limit.at_least, limit.origin


@pytest.mark.release_check("A06", "green")
@pytest.mark.parametrize(
    ("own", "keys", "expected"),
    [
        ("", {}, (Fraction(80), "default")),
        ("fail_under = 60", {}, (Fraction(80), "default")),
        ("fail_under = 92.5", {}, (Fraction("92.5"), "fail_under in pyproject.toml")),
        ("fail_under = 60", {"fail_under": 50}, (Fraction(60), "fail_under in pyproject.toml")),
        ("fail_under = 60", {"fail_under": 70}, (Fraction(70), "fail-under")),
        ("fail_under = 60", {"fail_under": 70.1}, (Fraction("70.1"), "fail-under")),
        (
            "fail_under = 95",
            {"fail_under": 70, "use_project_fail_under": False},
            (Fraction(70), "fail-under"),
        ),
        ("fail_under = 95", {"use_project_fail_under": False}, (Fraction(80), "default")),
        ("", {"fail_under": 0}, (Fraction(0), "fail-under")),
    ],
)
def test_the_higher_of_both_limits_holds(
    tmp_path: Path, own: str, keys: dict[str, Any], expected: tuple[Fraction, str]
) -> None:
    pyproject = f"[tool.coverage.report]\n{own}\n"
    assert limit_of(tmp_path, pyproject, **keys) == expected


def test_the_projects_own_higher_limit_fails_the_gate(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + "[tool.coverage.report]\nfail_under = 90\n",
        "src/pkg/b.py": lines(10, 8),
        "tests/test_b.py": "import pkg.b\ndef test_it(): pass\n",
    }
    result, _ = judged(tmp_path, files)

    assert (result.verdict, result.reason) == (Verdict.FAIL, "coverage misses its limit")


@pytest.mark.parametrize(
    "keys",
    [
        {"fail_under": 101},
        {"fail_under": -1},
        {"changed_fail_under": 100.5},
        {"max_failed": -1},
        {"min_tests": -1},
        {"command": ["make"], "markers": "slow"},
        {"fail_unter": 80},
        {"required_tests": [{"path": "x"}]},
    ],
)
def test_settings_that_mean_nothing_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings(**keys)


def test_coverage_settings_that_cannot_be_read_are_a_configuration_error(tmp_path: Path) -> None:
    where = project(tmp_path, {**GOOD, ".coveragerc": "[report\nfail_under"})
    with pytest.raises(ConfigError, match=r"\.coveragerc: coverage cannot read its settings"):
        GATE.limits(gate.CoverageSettings(), where)


# --- tests that fail ------------------------------------------------------------------------


@pytest.mark.release_check("A03", "red")
def test_a_failed_test_is_a_finding_with_its_place(tmp_path: Path) -> None:
    failing = {
        **GOOD,
        "tests/test_b.py": (
            "from pkg.a import double\n\n\ndef test_b():\n    assert double(1) == 3\n"
        ),
    }
    result, evidence = judged(tmp_path, failing)

    found = only(evidence, "test-failed")
    assert result.verdict is Verdict.FAIL
    assert (found.path, found.line) == ("tests/test_b.py", 5)
    assert found.message.startswith("tests/test_b.py::test_b: assert 2 == 3")
    assert found.excerpt == "    assert double(1) == 3"
    assert found.reproduce == "pytest tests/test_b.py::test_b"
    assert found.severity is Severity.HIGH
    assert metrics(evidence)["coverage"] == 100.0


def test_a_failing_fixture_is_an_error_of_its_test(tmp_path: Path) -> None:
    failing = {
        **GOOD,
        "tests/test_b.py": (
            "import pytest\n@pytest.fixture\ndef broken():\n    yield\n    raise OSError('gone')\n"
            "def test_b(broken): pass\n"
        ),
    }
    result, evidence = judged(tmp_path, failing)

    assert rules(evidence) == ["test-error"]
    assert result.verdict is Verdict.FAIL
    assert metrics(evidence)["tests-run"] == 2


def test_a_budget_of_failed_tests_makes_them_information(tmp_path: Path) -> None:
    failing = {**GOOD, "tests/test_b.py": "def test_b():\n    assert 0\n"}
    result, evidence = judged(tmp_path, failing, settings(max_failed=1))

    assert only(evidence, "test-failed").severity is Severity.INFO
    assert result.verdict is Verdict.PASS


@pytest.mark.parametrize("style", ["no", "native"])
def test_every_style_of_traceback_gives_the_place(tmp_path: Path, style: str) -> None:
    failing = {**GOOD, "tests/test_b.py": "def test_b():\n    assert 'x' == 'y'\n"}
    evidence = collect(GATE, tmp_path, failing, settings(tests=[f"--tb={style}"]))

    found = only(evidence, "test-failed")
    assert found.path == "tests/test_b.py"
    assert found.line in {1, 2}


def test_a_plugin_that_swallows_the_exit_code_changes_nothing(tmp_path: Path) -> None:
    failing = {
        **GOOD,
        "conftest.py": (
            "import pytest\n@pytest.hookimpl(tryfirst=True)\n"
            "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
        ),
        "tests/test_b.py": "def test_b():\n    assert 0\n",
    }
    result, evidence = judged(tmp_path, failing)

    assert rules(evidence) == ["test-failed"]
    assert result.verdict is not Verdict.PASS


def test_a_session_that_fails_without_a_failed_test_is_an_error(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "conftest.py": (
            "import pytest\n@pytest.hookimpl(tryfirst=True)\n"
            "def pytest_sessionfinish(session):\n    session.exitstatus = 1\n"
        ),
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert "exit 1" in problems(evidence)


def test_expected_failures_are_counted_apart(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "tests/test_x.py": (
            "import pytest\n"
            "@pytest.mark.xfail\ndef test_x(): assert 0\n"
            "@pytest.mark.xfail\ndef test_y(): pass\n"
            "@pytest.mark.xfail(strict=True)\ndef test_z(): pass\n"
        ),
    }
    evidence = collect(GATE, tmp_path, files)

    counts = metrics(evidence)
    assert (counts["tests-xfailed"], counts["tests-xpassed"], counts["tests-failed"]) == (1, 1, 1)
    assert only(evidence, "test-failed").message == "tests/test_x.py::test_z: [XPASS(strict)]"


# --- runs that mean nothing -----------------------------------------------------------------


def test_no_collected_test_is_an_error(tmp_path: Path) -> None:
    files = {**GOOD, "tests/test_a.py": "x = 1\n"}
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert problems(evidence) == "no test was collected"
    assert evidence.examined.count == 0


@pytest.mark.parametrize(
    "skipping",
    [
        "import pytest\n@pytest.mark.skip(reason='later')\ndef test_a(): pass\n",
        "import pytest\npytest.skip('later', allow_module_level=True)\ndef test_a(): pass\n",
    ],
)
def test_all_skipped_is_an_error(tmp_path: Path, skipping: str) -> None:
    result, evidence = judged(tmp_path, {**GOOD, "tests/test_a.py": skipping})

    assert result.verdict is Verdict.ERROR
    assert problems(evidence) == "no test was run: all 1 were skipped"
    assert [row[1] for row in evidence.tables[0].rows] == ["later"]


def test_all_deselected_is_an_error(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, GOOD, settings(tests=["-k", "nothing"]))

    assert result.verdict is Verdict.ERROR
    assert problems(evidence) == "no test was run: all 1 were deselected"


def test_a_run_that_stops_early_is_an_error(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + "addopts = '-x'\n",
        "tests/test_0.py": "def test_0(): assert 0\ndef test_1(): pass\n",
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert problems(evidence) == "the run stopped early: 2 of 3 selected tests were not run"
    assert rules(evidence) == ["test-failed"]


def test_a_run_that_ends_itself_early_is_an_error(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "tests/test_0.py": "import pytest\ndef test_0():\n    pytest.exit('', returncode=0)\n",
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert "2 of 2 selected tests were not run" in problems(evidence)


def test_a_test_that_ends_the_process_is_an_error(tmp_path: Path) -> None:
    files = {**GOOD, "tests/test_z.py": "import os\ndef test_z():\n    os._exit(0)\n"}
    with pytest.raises(ToolProblem, match=r"the test run was cut off.*\(exit 0\)"):
        collect(GATE, tmp_path, files)


def test_a_file_that_cannot_be_collected_is_an_error(tmp_path: Path) -> None:
    files = {**GOOD, "tests/test_b.py": "import nothing_of_this_name\n"}
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert problems(evidence) == (
        "tests/test_b.py could not be collected: "
        "E ModuleNotFoundError: No module named 'nothing_of_this_name'"
    )
    assert evidence.problems[0].path == "tests/test_b.py"


def test_a_conftest_that_raises_is_an_error_that_says_so(tmp_path: Path) -> None:
    files = {**GOOD, "tests/conftest.py": "raise RuntimeError('no database')\n"}
    with pytest.raises(ToolProblem, match=r"did not start a session.*no database") as caught:
        collect(GATE, tmp_path, files)
    assert str(tmp_path) not in caught.value.what


def test_an_unknown_option_is_an_error(tmp_path: Path) -> None:
    files = {**GOOD, "pyproject.toml": PYTEST + "addopts = '--no-such-option'\n"}
    with pytest.raises(ToolProblem, match="did not start a session"):
        collect(GATE, tmp_path, files)


def test_rubbish_on_the_output_is_ignored(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "tests/test_b.py": (
            "import os, sys\ndef test_b(capfd):\n    with capfd.disabled():\n"
            '        os.write(1, b\'\\xff\\xfe{"event": "finish", "status": 0}\\n\\x1b[31m\')\n'
            "        os.write(2, b'\\x80' * 100000)\n"
        ),
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.PASS
    assert metrics(evidence)["tests-run"] == 2


# --- data -----------------------------------------------------------------------------------


def test_no_data_is_an_error(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, {**GOOD, "tests/test_a.py": "def test_a(): pass\n"})

    assert result.verdict is Verdict.ERROR
    assert problems(evidence).startswith("coverage collected no data")


def test_data_of_an_earlier_run_is_not_used(tmp_path: Path) -> None:
    """Left in the project and where the report is to be written: neither is read."""
    first = context(project(tmp_path, GOOD))
    GATE.collect(first, gate.CoverageSettings())
    stale = (first.work / "coverage.json").read_bytes()
    data = (first.work / "data" / "coverage").read_bytes()
    files: dict[str, str | bytes] = {
        **GOOD,
        "tests/test_a.py": "def test_a(): pass\n",
        "coverage.json": stale,
        ".coverage": data,
    }
    second = context(project(tmp_path, files))
    (second.work / "coverage.json").write_bytes(stale)
    evidence = GATE.collect(second, gate.CoverageSettings())

    assert problems(evidence).startswith("coverage collected no data")
    assert metrics(evidence)["coverage"] == 0.0


@dataclass(frozen=True, kw_only=True)
class WithoutReport(DirectRunner):
    """Coverage says that it wrote its report, and did not."""

    def run(self, argv: Any, **how: Any) -> Any:
        if "json" not in argv:
            return super().run(argv, **how)
        return super().run([sys.executable, "-c", ""], **how)


def test_a_stale_report_is_removed_before_the_new_one_is_written(tmp_path: Path) -> None:
    where = project(tmp_path, GOOD)
    ctx = context(where)
    GATE.collect(ctx, gate.CoverageSettings())
    stale = (ctx.work / "coverage.json").read_bytes()
    runner = WithoutReport(root=tmp_path, log=ctx.work / "log")
    again = context(where, runner=runner)
    (again.work / "coverage.json").write_bytes(stale)
    evidence = GATE.collect(again, gate.CoverageSettings())

    assert problems(evidence) == "the report of coverage cannot be used: it was not written"


def test_a_work_folder_with_data_is_refused(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, GOOD))
    GATE.collect(ctx, gate.CoverageSettings())
    with pytest.raises(FileExistsError):
        GATE.collect(ctx, gate.CoverageSettings())


def test_a_never_imported_module_counts_as_not_covered(tmp_path: Path) -> None:
    files = {**GOOD, "src/pkg/b.py": "x = 1\ny = 2\n"}
    result, evidence = judged(tmp_path, files)

    assert metrics(evidence)["coverage"] == 50.0
    assert result.verdict is Verdict.FAIL


def test_tests_do_not_count_as_source(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {**GOOD, "tests/__init__.py": "x = 1\n"})

    assert [row[0] for row in evidence.tables[0].rows] == ["src/pkg/__init__.py", "src/pkg/a.py"]


@pytest.mark.parametrize("own", ["", "[tool.coverage.run]\nsource = ['pkg', 'other']\n"])
def test_a_package_that_was_never_imported_is_an_error(tmp_path: Path, own: str) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + own,
        "src/other/__init__.py": "x = 1\n",
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert "other is to be measured and was never imported" in problems(evidence)


def test_a_package_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    own = "[tool.coverage.run]\nsource = ['pkg', 'gone']\n"
    result, evidence = judged(tmp_path, {**GOOD, "pyproject.toml": PYTEST + own})

    assert result.verdict is Verdict.ERROR
    assert problems(evidence) == "gone is to be measured and was never imported"


@pytest.mark.release_check("A06", "red")
def test_a_module_neither_measured_nor_omitted_is_a_finding(tmp_path: Path) -> None:
    own = "[tool.coverage.run]\nsource = ['pkg']\nomit = ['src/pkg/left_out.py']\n"
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + own,
        "src/pkg/left_out.py": "x = 1\n",
        "src/loose.py": "x = 1\n",
    }
    result, evidence = judged(tmp_path, files)

    assert only(evidence, "unmeasured-module").path == "src/loose.py"
    assert result.verdict is Verdict.FAIL


def test_a_folder_without_init_is_named(tmp_path: Path) -> None:
    files = {**GOOD, "src/pkg/sub/hidden.py": "x = 1\n"}
    evidence = collect(GATE, tmp_path, files)

    assert only(evidence, "unmeasured-module").path == "src/pkg/sub/hidden.py"


def test_namespace_packages_are_measured_where_the_project_says_so(tmp_path: Path) -> None:
    own = "[tool.coverage.report]\ninclude_namespace_packages = true\n"
    files = {**GOOD, "pyproject.toml": PYTEST + own, "src/pkg/sub/hidden.py": "x = 1\n"}
    evidence = collect(GATE, tmp_path, files)

    assert rules(evidence) == []
    assert metrics(evidence)["coverage"] == pytest.approx(200 / 3)


def test_a_file_that_does_not_parse_is_an_error_that_names_it(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, {**GOOD, "src/pkg/bad.py": "def (:\n"})

    assert result.verdict is Verdict.ERROR
    assert "src/pkg/bad.py" in problems(evidence)


def test_a_file_that_does_not_parse_is_not_lost_with_ignore_errors(tmp_path: Path) -> None:
    own = "[tool.coverage.report]\nignore_errors = true\n"
    files = {**GOOD, "pyproject.toml": PYTEST + own, "src/pkg/bad.py": "def (:\n"}
    result, evidence = judged(tmp_path, files)

    assert only(evidence, "unmeasured-module").path == "src/pkg/bad.py"
    assert result.verdict is Verdict.FAIL


def test_an_installed_copy_is_not_the_checkout(tmp_path: Path) -> None:
    copy = "lib/site-packages/pkg"
    files = {
        **GOOD,
        "pyproject.toml": (
            "[tool.pytest.ini_options]\npythonpath = ['lib/site-packages']\n"
            "[tool.coverage.run]\nsource = ['pkg']\n"
        ),
        f"{copy}/__init__.py": "",
        f"{copy}/a.py": GOOD["src/pkg/a.py"],
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is Verdict.ERROR
    assert "not the checkout's: 2 measured files" in problems(evidence)


@pytest.mark.parametrize(
    ("installed", "verdict"),
    [
        (GOOD["src/pkg/a.py"].replace("\n", "\r\n"), Verdict.PASS),
        ("def double(x):\n    return x + x\n", Verdict.ERROR),
    ],
)
def test_an_installed_copy_that_is_mapped_must_be_the_same(
    tmp_path: Path, installed: str, verdict: Verdict
) -> None:
    copy = "lib/site-packages/pkg"
    files = {
        **GOOD,
        "pyproject.toml": (
            "[tool.pytest.ini_options]\npythonpath = ['lib/site-packages']\n"
            "[tool.coverage.run]\nsource = ['pkg']\n"
            "[tool.coverage.paths]\nsource = ['src', '*/site-packages']\n"
        ),
        f"{copy}/__init__.py": "",
        f"{copy}/a.py": installed,
    }
    result, evidence = judged(tmp_path, files)

    assert result.verdict is verdict, problems(evidence)
    if verdict is Verdict.ERROR:
        assert "differs from the checkout in 1 file (src/pkg/a.py, …)" in problems(evidence)


def test_names_that_are_not_ascii_are_measured(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "src/pkg/größe.py": "wert = 'ü'\n",
        "tests/test_größe.py": "import pkg.größe\ndef test_größe(): assert pkg.größe.wert == 'y'\n",
    }
    evidence = collect(GATE, tmp_path, files)

    assert "src/pkg/größe.py" in {row[0] for row in evidence.tables[0].rows}
    assert only(evidence, "test-failed").path == "tests/test_größe.py"


def test_a_single_module_is_measured_by_its_name(tmp_path: Path) -> None:
    files = {"mod.py": "x = 1\n", "test_mod.py": "import mod\ndef test_it(): pass\n"}
    ctx = context(project(tmp_path, files, source=("mod.py",)))
    evidence = GATE.collect(ctx, gate.CoverageSettings())

    assert evidence.problems == ()
    assert [row[0] for row in evidence.tables[0].rows] == ["mod.py"]


# --- the project's own coverage settings ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".coveragerc", "[run]\nsource = src\ndata_file = elsewhere/data\nparallel = true\n"),
        ("setup.cfg", "[coverage:run]\nsource = src\nrelative_files = true\n"),
        ("tox.ini", "[coverage:run]\nsource = src\ndynamic_context = test_function\n"),
        ("pyproject.toml", PYTEST + "[tool.coverage.run]\nsource = ['src']\nbranch = true\n"),
        (
            "pyproject.toml",
            PYTEST + "[tool.coverage.run]\nsource_pkgs = ['pkg']\nconcurrency = ['thread']\n"
            "[tool.coverage.json]\nshow_contexts = true\npretty_print = true\n",
        ),
        ("pyproject.toml", PYTEST + "[tool.coverage.run]\nrelative_files = true\nsigterm = true\n"),
    ],
)
def test_the_projects_settings_hold_and_its_data_file_is_left_alone(
    tmp_path: Path, name: str, content: str
) -> None:
    result, evidence = judged(tmp_path, {**GOOD, name: content})

    assert (result.verdict, problems(evidence)) == (Verdict.PASS, "")
    assert f"--rcfile={name}" in evidence.tools[0].command or "source" not in content
    assert not list(tmp_path.glob("**/.coverage*")) or name == ".coveragerc"
    assert not (tmp_path / "elsewhere").exists()


def test_a_named_settings_file_is_used(tmp_path: Path) -> None:
    files = {**GOOD, "ci/coverage.ini": "[run]\nbranch = true\n[report]\nfail_under = 99\n"}
    chosen = settings(settings_file="ci/coverage.ini")
    evidence = collect(GATE, tmp_path, files, chosen)

    assert "--rcfile=ci/coverage.ini" in evidence.tools[0].command
    assert evidence.tables[0].columns[3] == "Branches"
    assert GATE.limits(chosen, project(tmp_path, {}))[0].at_least == 99


def test_a_named_settings_file_that_is_missing_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ci/none\.ini is not in the project"):
        collect(GATE, tmp_path, GOOD, settings(settings_file="ci/none.ini"))


def test_the_plan_shows_what_is_in_force(tmp_path: Path) -> None:
    own = (
        "[tool.coverage.run]\nomit = ['*/b.py']\nnonsense = 1\n"
        "[tool.coverage.report]\nfail_under = 91\n"
    )
    where = project(tmp_path, {**GOOD, "pyproject.toml": PYTEST + own, "src/pkg/b.py": "x = 1\n"})
    found = GATE.inputs(where, gate.CoverageSettings())

    shown = {origin.name: (origin.value, origin.origin) for origin in found.origins}
    assert shown == {
        "fail-under": ("91", "fail_under in pyproject.toml"),
        "source": ("src", "the project's source"),
        "branch": ("false", "pyproject.toml"),
        "omit": ("*/b.py (1 shipped file)", "pyproject.toml"),
    }
    assert found.files == ("src/pkg/__init__.py", "src/pkg/a.py")
    assert not found.reusable
    assert "nonsense" in found.warnings[0]


def test_a_project_without_python_is_not_applicable(tmp_path: Path) -> None:
    assert GATE.applies(project(tmp_path, {"a.txt": ""}), gate.CoverageSettings()) == (
        "no Python files in the source"
    )
    assert GATE.applies(project(tmp_path, GOOD), gate.CoverageSettings()) is None


SUBTESTS = """\
import unittest

from pkg.a import double


class Tests(unittest.TestCase):
    def test_skipped_after_parts_that_passed(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertEqual(double(number), 2 * number)
        self.skipTest("no highlighter")

    def test_with_a_part_that_is_skipped(self):
        for number in range(3):
            with self.subTest(number=number):
                if number == 1:
                    self.skipTest("no parser")
                self.assertEqual(double(number), 2 * number)
"""


def test_parts_of_a_test_never_make_it_better(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {**GOOD, "tests/test_b.py": SUBTESTS})

    counts = metrics(evidence)
    assert problems(evidence) == ""
    # The second of these tests passes; of its parts one is skipped, as pytest itself counts it.
    assert (counts["tests-run"], counts["tests-skipped"]) == (2, 2)
    (table,) = (table for table in evidence.tables if table.title == "Skipped tests")
    assert [row[1] for row in table.rows] == ["no highlighter", "no parser"]


def test_a_part_that_fails_fails_its_test(tmp_path: Path) -> None:
    broken = SUBTESTS.replace("2 * number)\n        self.skip", "0)\n        self.skip")
    evidence = collect(GATE, tmp_path, {**GOOD, "tests/test_b.py": broken})

    finding = only(evidence, "test-failed")
    assert "test_skipped_after_parts_that_passed" in finding.message
    assert (finding.path, finding.line) == ("tests/test_b.py", 10)


def test_a_named_test_with_a_skipped_part_is_red(tmp_path: Path) -> None:
    files = {**GOOD, "tests/test_b.py": SUBTESTS}
    named = "tests/test_b.py::Tests::test_with_a_part_that_is_skipped"
    evidence = collect(GATE, tmp_path, files, settings(required_tests=[named]))

    assert (
        "was skipped 0 of 1 and 1 subtest: no parser"
        in only(evidence, "required-test-skipped").message
    )


# --- plug-ins and processes -----------------------------------------------------------------


@pytest.mark.usefixtures("installed_plugins")
def test_workers_of_xdist_are_measured_and_counted(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + "addopts = '-n 2 -q'\n",
        "tests/test_b.py": (
            "import pytest\ndef test_b(): assert 0\n@pytest.mark.skip(reason='no')\n"
            "def test_c(): pass\n"
        ),
    }
    evidence = collect(GATE, tmp_path, files)

    counts = metrics(evidence)
    assert problems(evidence) == ""
    assert (counts["tests-run"], counts["tests-failed"], counts["tests-skipped"]) == (2, 1, 1)
    assert counts["coverage"] == 100.0
    assert only(evidence, "test-failed").line == 2


@pytest.mark.usefixtures("installed_plugins")
def test_a_crash_of_a_worker_is_not_lost(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "tests/test_b.py": "import os\ndef test_b(): os._exit(0)\n",
    }
    result, evidence = judged(tmp_path, files, settings(tests=["-n", "2"]))

    assert result.verdict is not Verdict.PASS
    assert "test-failed" in rules(evidence)


@pytest.mark.usefixtures("installed_plugins")
def test_xdist_that_cannot_collect_is_an_error(tmp_path: Path) -> None:
    files = {**GOOD, "tests/test_b.py": "import nothing_of_this_name\n"}
    result, evidence = judged(tmp_path, files, settings(tests=["-n", "2"]))

    assert result.verdict is Verdict.ERROR
    assert "tests/test_b.py could not be collected" in problems(evidence)


def test_subprocesses_are_combined_where_the_project_measures_them(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST
        + "[tool.coverage.run]\nsource = ['src']\npatch = ['subprocess']\n",
        "src/pkg/b.py": "x = 1\ny = 2\n",
        "tests/test_b.py": (
            "import os, subprocess, sys\ndef test_b():\n"
            "    env = {**os.environ, 'PYTHONPATH': 'src'}\n"
            "    subprocess.run([sys.executable, '-c', 'import pkg.b'], env=env, check=True)\n"
        ),
    }
    evidence = collect(GATE, tmp_path, files)

    assert metrics(evidence)["coverage"] == 100.0
    assert not list(tmp_path.glob(".coverage*"))


def test_multiprocessing_is_measured_where_the_project_says_so(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "pyproject.toml": PYTEST + "[tool.coverage.run]\nsource = ['src']\n"
        "concurrency = ['multiprocessing', 'thread']\n",
        "src/pkg/b.py": "def work():\n    return 1\n",
        "tests/test_b.py": (
            "import multiprocessing\nfrom pkg.b import work\ndef test_b():\n"
            "    process = multiprocessing.get_context('spawn').Process(target=work)\n"
            "    process.start()\n    process.join()\n    assert process.exitcode == 0\n"
        ),
    }
    evidence = collect(GATE, tmp_path, files)

    assert metrics(evidence)["coverage"] == 100.0


@pytest.mark.parametrize("addopts", ["-p no:cacheprovider", "--lf"])
def test_blocked_plugins_do_not_break_the_run(tmp_path: Path, addopts: str) -> None:
    files = {**GOOD, "pyproject.toml": PYTEST + f"addopts = '{addopts} --strict-config'\n"}
    result, evidence = judged(tmp_path, files)

    assert (result.verdict, problems(evidence)) == (Verdict.PASS, "")


def test_options_of_someones_shell_do_not_reach_the_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    monkeypatch.setenv("COVERAGE_RCFILE", str(tmp_path / "none"))
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(tmp_path / "none"))
    result, _ = judged(tmp_path, GOOD)

    assert result.verdict is Verdict.PASS


def test_variables_reach_the_tests(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "tests/test_b.py": "import os\ndef test_b(): assert os.environ['STAGE'] == 'test'\n",
    }
    evidence = collect(GATE, tmp_path, files, settings(variables={"STAGE": "test"}))

    assert rules(evidence) == []


# --- environments ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv of this interpreter with pytest and without coverage."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = next(p for p in (folder / "bin/python", folder / "Scripts/python.exe") if p.exists())
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    here = Path(pytest.__file__).parents[1]
    for wanted in ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments"):
        for found in (*here.glob(wanted), *here.glob(f"{wanted}-*.dist-info")):
            (site / found.name).symlink_to(found)
    return python


def test_coverage_is_lent_where_the_project_has_none(
    tmp_path: Path, bare_environment: Path
) -> None:
    environment = ThisEnvironment(executable=bare_environment)
    result, evidence = judged(tmp_path, GOOD, project_environment=environment)

    assert result.verdict is Verdict.PASS
    assert "lent: the project environment has none" in evidence.notes[1]
    assert {tool.name: tool.home for tool in evidence.tools} == {
        "pytest": "project",
        "coverage": "toolkit",
    }


@dataclass(frozen=True, kw_only=True)
class OlderToolkit:
    """A toolkit on another Python than the project's."""

    python: Path = Path(sys.executable)
    python_version: tuple[int, int] = (3, 5)

    def version(self, distribution: str) -> str | None:
        return None


def test_coverage_of_another_python_is_not_lent(tmp_path: Path, bare_environment: Path) -> None:
    environment = ThisEnvironment(executable=bare_environment)
    with pytest.raises(ToolProblem, match="has no coverage") as caught:
        collect(GATE, tmp_path, GOOD, project_environment=environment, toolkit=OlderToolkit())
    assert "Add coverage to the project's test dependencies" in caught.value.remedy


@pytest.fixture(scope="session")
def pytest_cov_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with pytest-cov, from the package index."""
    folder = tmp_path_factory.mktemp("cov") / "env"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    python = next(p for p in (folder / "bin/python", folder / "Scripts/python.exe") if p.exists())
    subprocess.run([*uv, "pip", "install", "-q", "--python", str(python), "pytest-cov"], check=True)
    return python


@pytest.mark.parametrize("more", ["", " -p no:pytest_cov -o addopts="])
@pytest.mark.usefixtures("installed_plugins")
def test_pytest_cov_in_addopts_does_not_measure_a_second_time(
    tmp_path: Path, pytest_cov_environment: Path, more: str
) -> None:
    own = (
        "addopts = '--cov=pkg --cov-fail-under=100 --cov-report=xml'\nfilterwarnings = ['error']\n"
    )
    files = {**GOOD, "pyproject.toml": PYTEST + own, "src/pkg/b.py": lines(20, 19)}
    files["tests/test_b.py"] = "import pkg.b\ndef test_it(): pass\n"
    environment = ThisEnvironment(executable=pytest_cov_environment)
    result, evidence = judged(
        tmp_path, files, settings(tests=more.split()), project_environment=environment
    )

    assert (result.verdict, problems(evidence)) == (Verdict.PASS, "")
    assert metrics(evidence)["coverage"] == pytest.approx(100 * 21 / 22)
    assert not (tmp_path / "coverage.xml").exists()


def test_options_of_pytest_cov_in_the_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="would measure a second time"):
        collect(GATE, tmp_path, GOOD, settings(tests=["--cov=pkg"]))


def test_an_interpreter_that_answers_nothing_is_an_error(tmp_path: Path) -> None:
    silent = tmp_path.parent / f"{tmp_path.name}-silent"
    silent.write_text("#!/bin/sh\nexit 0\n")
    silent.chmod(0o755)
    with pytest.raises(ToolProblem, match="did not say what it holds"):
        collect(GATE, tmp_path, GOOD, project_environment=ThisEnvironment(executable=silent))


# --- budgets and named tests ----------------------------------------------------------------

MANY = {
    **GOOD,
    "pyproject.toml": PYTEST + "markers = ['integration: slow']\n",
    "tests/test_many.py": textwrap.dedent(
        """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_many(n):
            pass

        @pytest.mark.skip(reason="no broker")
        def test_broker():
            pass

        @pytest.mark.integration
        def test_whole():
            pass

        @pytest.mark.xfail
        def test_hope():
            assert 0
        """
    ),
}


@pytest.mark.release_check("A03", "green")
@pytest.mark.release_check("A03", "red")
def test_budgets_hold(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, MANY, settings(markers="not integration"))

    def reason(**keys: Any) -> tuple[Verdict, str]:
        result = judge(evidence, tmp_path, settings(**keys))
        return result.verdict, result.reason

    assert reason(min_tests=5, max_skipped=1, max_deselected=1)[0] is Verdict.PASS
    assert reason(min_tests=6) == (Verdict.FAIL, "tests-run misses its limit")
    assert reason(max_skipped=0) == (Verdict.FAIL, "tests-skipped misses its limit")
    assert reason(max_deselected=0) == (Verdict.FAIL, "tests-deselected misses its limit")


@pytest.mark.release_check("A04", "green")
def test_named_tests_that_ran_and_passed_are_green(tmp_path: Path) -> None:
    named = [
        "tests/test_a.py",
        "tests/test_many.py::test_many",
        "tests/test_many.py::test_many[1]",
        {"id": "tests", "min-passed": 5, "max-skipped": 1},
    ]
    result, evidence = judged(
        tmp_path, {**MANY, "tests/test_many.py": _without_hope()}, settings(required_tests=named)
    )

    assert (rules(evidence), result.verdict) == ([], Verdict.PASS)


def _without_hope() -> str:
    return MANY["tests/test_many.py"].split("@pytest.mark.xfail")[0]


@pytest.mark.release_check("A04", "red")
def test_named_tests_that_did_not_run_and_pass_are_red(tmp_path: Path) -> None:
    named = [
        "tests/test_gone.py",
        "tests/test_a.py::test_renamed",
        "tests/test_many.py::test_broker",
        "tests/test_many.py::test_hope",
        "tests/test_many.py::test_whole",
        {"id": "tests/test_many.py::test_many", "min-passed": 4},
    ]
    chosen = settings(required_tests=named, markers="not integration")
    result, evidence = judged(tmp_path, MANY, chosen)

    assert rules(evidence) == [
        "required-test-missing",
        "required-test-missing",
        "required-test-skipped",
        "required-test-not-passed",
        "required-test-deselected",
        "required-test-too-few",
    ]
    assert result.verdict is Verdict.FAIL


@pytest.mark.release_check("A04", "red")
def test_a_named_file_that_is_skipped_as_a_whole_is_red(tmp_path: Path) -> None:
    files = {
        **GOOD,
        "tests/test_b.py": "import pytest\npytest.importorskip('no_such_module')\n",
    }
    result, evidence = judged(tmp_path, files, settings(required_tests=["tests/test_b.py"]))

    assert rules(evidence) == ["required-test-skipped"]
    assert "no_such_module" in evidence.findings[0].message
    assert result.verdict is Verdict.FAIL


@pytest.mark.release_check("A05", "green")
def test_tests_with_a_marker_are_run(tmp_path: Path) -> None:
    files = {
        **MANY,
        "tests/test_a.py": GOOD["tests/test_a.py"].replace(
            "def test", "import pytest\n@pytest.mark.integration\ndef test"
        ),
    }
    result, evidence = judged(tmp_path, files, settings(markers="integration", min_tests=2))

    assert result.verdict is Verdict.PASS
    assert metrics(evidence)["tests-deselected"] == 5


@pytest.mark.release_check("A05", "red")
def test_a_marker_that_no_test_has_is_an_error(tmp_path: Path) -> None:
    result, _ = judged(tmp_path, GOOD, settings(markers="integration"))

    assert result.verdict is Verdict.ERROR


# --- another command ------------------------------------------------------------------------

UNITTEST = {
    "src/pkg/__init__.py": "",
    "src/pkg/a.py": GOOD["src/pkg/a.py"],
    "tests/test_a.py": (
        "import sys, unittest\nsys.path.insert(0, 'src')\nfrom pkg.a import double\n"
        "class Case(unittest.TestCase):\n    def test_a(self):\n"
        "        self.assertEqual(double(2), 4)\n"
    ),
}
DISCOVER = ["python", "-W", "default", "-m", "unittest", "discover", "-s", "tests"]


def test_a_command_of_the_users_is_measured(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, UNITTEST, settings(command=DISCOVER))

    assert (result.verdict, problems(evidence)) == (Verdict.PASS, "")
    assert (evidence.examined.unit, evidence.examined.count) == ("files", 2)
    assert evidence.notes[0] == "tests not counted"
    assert [tool.name for tool in evidence.tools] == ["coverage"]


@pytest.mark.skipif(os.name == "nt", reason="env is a program of POSIX")
@pytest.mark.parametrize("parallel", ["", "parallel = true\n"])
def test_any_program_is_measured_through_its_processes(tmp_path: Path, parallel: str) -> None:
    files = {**UNITTEST, ".coveragerc": f"[run]\nsource = src\n{parallel}"}
    command = ["env", "STAGE=test", sys.executable, *DISCOVER[3:]]
    result, evidence = judged(tmp_path, files, settings(command=command))

    assert (result.verdict, problems(evidence)) == (Verdict.PASS, "")
    assert evidence.tools[0].command[:2] == ("env", "STAGE=test")


def test_a_command_that_fails_is_a_finding(tmp_path: Path) -> None:
    files = {**UNITTEST, "tests/test_a.py": UNITTEST["tests/test_a.py"].replace("4)", "5)")}
    result, evidence = judged(tmp_path, files, settings(command=DISCOVER))

    found = only(evidence, "test-command-failed")
    assert found.message == ("python -W default -m unittest discover -s tests ended with exit 1")
    assert result.verdict is Verdict.FAIL


def test_a_command_that_runs_no_test_is_an_error(tmp_path: Path) -> None:
    command = [*DISCOVER, "-k", "nothing"]
    result, evidence = judged(tmp_path, UNITTEST, settings(command=command, fail_under=0))

    assert result.verdict is Verdict.ERROR
    assert "ran 0 tests" in problems(evidence)


def test_a_budget_that_a_command_cannot_answer_is_an_error(tmp_path: Path) -> None:
    result, _ = judged(tmp_path, UNITTEST, settings(command=DISCOVER, min_tests=1))

    assert result.verdict is Verdict.ERROR


def test_a_command_that_measures_nothing_is_an_error(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, UNITTEST, settings(command=["python", "-c", "pass"]))

    assert result.verdict is Verdict.ERROR
    assert evidence.examined.count == 0


# --- since the base -------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "verdict"), [(50, Verdict.PASS), (50.1, Verdict.FAIL)])
def test_coverage_of_the_changed_lines(tmp_path: Path, limit: float, verdict: Verdict) -> None:
    files = {
        **GOOD,
        "src/pkg/a.py": (
            "def double(x):\n    return 2 * x\n\n\ndef half(x):\n    y = x / 2\n    return y\n"
        ),
    }
    base = ChangedSince(
        lines={"src/pkg/a.py": frozenset({1, 2, 3, 4, 6, 7}), "README": frozenset({1})}
    )
    chosen = settings(fail_under=0, changed_fail_under=limit)
    result, evidence = judged(tmp_path, files, chosen, base=base)

    share = next(m for m in evidence.metrics if m.name == "changed-line-coverage")
    found = only(evidence, "changed-line-not-covered")
    assert share.ratio == (2, 4)
    assert (found.path, found.line, found.severity) == ("src/pkg/a.py", 6, Severity.INFO)
    assert found.message == "lines 6 to 7 changed and no test runs them"
    assert found.excerpt == "    y = x / 2\n    return y"
    assert found.in_change is True
    assert evidence.notes[-1] == "changed lines 50.00 %"
    assert result.verdict is verdict


def test_without_a_changed_line_there_is_nothing_to_limit(tmp_path: Path) -> None:
    result, evidence = judged(tmp_path, GOOD, settings(changed_fail_under=100), base=ChangedSince())

    assert evidence.notes[-1] == "no measured line changed"
    assert result.verdict is Verdict.PASS


@pytest.mark.release_check("A06", "red")
def test_settings_that_ask_for_less_than_at_the_base_are_shown(tmp_path: Path) -> None:
    old = b"[run]\nsource = src, more\nomit = a.py\n[report]\nfail_under = 95\n"
    new = "[run]\nsource = src\nomit = a.py, b.py\n[report]\nfail_under = 90.5\n"
    base = ChangedSince(old={".coveragerc": old})
    evidence = collect(GATE, tmp_path, {**GOOD, ".coveragerc": new}, base=base)

    assert [(f.rule_id, f.message, f.severity) for f in evidence.findings] == [
        (
            "threshold-lowered",
            "fail_under was 95 at the base and is 90.5",
            Severity.INFO,
        ),
        ("omission-added", "omit has a new entry: b.py", Severity.INFO),
        ("source-removed", "source no longer names more", Severity.INFO),
    ]


def test_settings_of_the_base_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    base = ChangedSince(old={".coveragerc": b"[run"})
    evidence = collect(GATE, tmp_path, GOOD, base=base)

    assert "the base's coverage settings cannot be read: not compared" in evidence.notes
