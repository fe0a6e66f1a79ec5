"""The security gate with real bandit."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Completed, Evidence, Severity, ToolProblem
from release_gate.judge.baseline import Baseline, BaselineEntry
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.types import GateResult, State, Verdict
from release_gate.testing import collect, context, judge, project
from support.source_gates import (
    HOSTILE_NAMES,
    POSIX_NAMES,
    ChangedSince,
    Meddling,
    load,
)

pytestmark = pytest.mark.gates

gate = load("security")
GATE = gate.GATE
GOOD = 'NAME = "orders"\n'
EVAL = "def run(text):\n    return eval(text)\n"


def settings(**keys: Any) -> Any:
    return msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, gate.Security)


def meddling(
    root: Path,
    *,
    before: Callable[[Sequence[str]], None] = lambda _argv: None,
    after: Callable[[Completed], Completed] = lambda done: done,
) -> Meddling:
    return Meddling(root=root, log=root.parent / "gate.log", before=before, after=after)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def rules(evidence: Evidence) -> list[tuple[str | None, str]]:
    return [(item.path, item.rule_id) for item in evidence.findings]


def told(result: GateResult) -> str:
    return " | ".join(f"{item.what} {item.remedy}" for item in result.problems)


# Green and red


@pytest.mark.release_check("A08", "green")
def test_harmless_source_passes(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, "src/b.py": GOOD, "tests/c.py": EVAL})
    assert (result.verdict, result.examined and result.examined.count) == (Verdict.PASS, 2)


@pytest.mark.release_check("A08", "red")
def test_a_finding_fails(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": EVAL})
    assert result.verdict == Verdict.FAIL
    assert [item.finding.rule_id for item in result.findings] == ["B307"]


def test_a_finding_says_what_where_and_how_to_see_it(tmp_path: Path) -> None:
    source = (
        "import subprocess\n\n\ndef pack(cmd):\n"
        "    subprocess.call(\n        cmd,\n        shell=True,\n    )\n"
    )
    evidence = collect(GATE, tmp_path, {"src/export it.py": source})
    finding = next(item for item in evidence.findings if item.rule_id == "B602")
    assert (finding.path, finding.line, finding.column) == ("src/export it.py", 7, 5)
    assert finding.severity == Severity.HIGH
    assert "shell=True" in finding.excerpt
    assert finding.identity.key == ("shell=True,", "pack")
    assert finding.reproduce == "release-gate run --gate gate --path 'src/export it.py'"
    assert "b602" in finding.help_url
    assert finding.why.startswith("CWE-78; subprocess_popen_with_shell_equals_true, confidence")
    assert str(tmp_path) not in repr(evidence)


# A yes that means nothing


def test_a_project_without_python_does_not_apply(tmp_path: Path) -> None:
    found = project(tmp_path, {"README.md": "nothing\n"})
    assert GATE.applies(found, settings()) == "the project has no Python file"


def test_a_missing_source_folder_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"lib/a.py": GOOD})
    assert result.verdict == Verdict.ERROR
    assert "there is no Python file to check in src" in told(result)


def test_one_missing_folder_among_several_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD}, settings(paths=["src", "scr"]))
    assert result.verdict == Verdict.ERROR
    assert "scr is to be checked and holds no file" in told(result)


def test_an_unparsable_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, "src/bad.py": "def f(:\n"})
    assert result.examined is not None
    assert (result.verdict, result.examined.count) == (Verdict.ERROR, 1)
    assert [item.path for item in result.problems] == ["src/bad.py"]
    assert "bandit could not scan src/bad.py: syntax error" in told(result)
    assert [tool.exit_code for tool in result.tools] == [0]


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="no newer syntax is known")
def test_source_newer_than_the_toolkit_is_an_error_that_names_the_interpreter(
    tmp_path: Path,
) -> None:
    # Each is a syntax error before the Python that brought it.
    newer = "def f[T](x: T) -> T:\n    return x\n"
    if sys.version_info >= (3, 12):
        newer = "try:\n    f()\nexcept A, B:\n    pass\n"
    if sys.version_info >= (3, 14):
        newer = "lazy import os\n"
    the_project = project(tmp_path, {"src/a.py": newer}, requires_python=">=3.15")
    (problem,) = GATE.collect(context(the_project), settings()).problems
    version = ".".join(map(str, sys.version_info[:2]))
    assert problem.path == "src/a.py"
    assert f"the Python it runs on, {version}" in problem.remedy
    assert "requires-python: >=3.15" in problem.remedy


def test_a_file_deleted_during_the_run_is_an_error(root: Path) -> None:
    runner = meddling(root, before=lambda _: (root / "src/b.py").unlink())
    result = judge(GATE, root, {"src/a.py": GOOD, "src/b.py": GOOD}, runner=runner)
    assert result.verdict == Verdict.ERROR
    assert "bandit could not scan src/b.py: No such file" in told(result)


def test_everything_excluded_is_an_error(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[tool.bandit]\nexclude_dirs = ["src"]\n', "src/a.py": EVAL}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert "nothing was examined: 0 files" in told(result)


def test_a_file_that_the_settings_exclude_is_skipped_by_name(tmp_path: Path) -> None:
    # Bandit takes an excluded folder for a part of any name.
    files = {
        "pyproject.toml": '[tool.bandit]\nexclude_dirs = ["test"]\n',
        "src/a.py": GOOD,
        "src/latest.py": EVAL,
    }
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert result.verdict == Verdict.PASS
    assert [(item.what, item.allowed_by) for item in result.examined.skipped] == [
        ("src/latest.py", "exclude_dirs in pyproject.toml")
    ]


@pytest.mark.parametrize("name", ["src/CVS_reader.py", "src/x.egg/a.py", "src/.tox/a.py"])
def test_a_name_that_bandit_excludes_by_itself_is_scanned(tmp_path: Path, name: str) -> None:
    assert [(name, "B307")] == rules(collect(GATE, tmp_path, {name: EVAL}))


def test_more_than_fifty_files_are_scanned(tmp_path: Path) -> None:
    files = {f"src/module_{n}.py": GOOD for n in range(60)}
    result = judge(GATE, tmp_path, files)
    assert (result.verdict, result.examined and result.examined.count) == (Verdict.PASS, 60)


# Limits on severity and confidence


def test_findings_of_low_severity_count_by_default(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": "assert input()\n"})
    assert (
        result.verdict,
        [item.finding.severity for item in result.findings],
    ) == (Verdict.FAIL, [Severity.LOW])


@pytest.mark.parametrize("keys", [{"min_severity": "high"}, {"min_confidence": "high"}])
def test_what_is_below_a_limit_is_counted_and_not_shown(
    tmp_path: Path, keys: dict[str, str]
) -> None:
    source = 'import os\n\n\ndef f(key):\n    return "SELECT * FROM t WHERE k = %s" % key\n'
    evidence = collect(GATE, tmp_path, {"src/a.py": source}, settings(**keys))
    assert (
        rules(evidence),
        next(item.value for item in evidence.metrics if item.name == "below-limits"),
    ) == ([], 1.0)


# Settings


def test_the_projects_settings_are_passed_and_shown(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[tool.bandit]\nskips = ["B307"]\n', "src/a.py": EVAL}
    the_project = project(tmp_path, files)
    evidence = GATE.collect(context(the_project), settings())
    assert (rules(evidence), evidence.tools[0].command[-4:-2]) == ([], ("-c", "pyproject.toml"))
    origin = GATE.inputs(the_project, settings()).origins[-1]
    assert (
        origin.name,
        origin.value,
        origin.origin,
    ) == ("skips", "B307", "[tool.bandit] in pyproject.toml")


def test_without_settings_all_tests_run_and_that_is_shown(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"src/a.py": EVAL})
    origin = GATE.inputs(the_project, settings()).origins[-1]
    assert (origin.name, origin.value) == ("tests", "all")
    assert "-c" not in GATE.collect(context(the_project), settings()).tools[0].command


def test_a_settings_file_of_choice_is_passed_and_shown(tmp_path: Path) -> None:
    files = {"bandit.yaml": "skips: [B307]\n", "src/a.py": EVAL}
    the_project = project(tmp_path, files)
    chosen = settings(config="bandit.yaml")
    assert rules(GATE.collect(context(the_project), chosen)) == []
    assert GATE.inputs(the_project, chosen).origins[-1].value == "bandit.yaml"
    assert "bandit.yaml" in GATE.inputs(the_project, chosen).files


def test_a_settings_file_of_choice_that_is_missing_is_an_error(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"src/a.py": EVAL})
    with pytest.raises(ToolProblem, match=r"config names bandit\.yaml, and there is no such file"):
        GATE.collect(context(the_project), settings(config="bandit.yaml"))
    assert GATE.inputs(the_project, settings(config="bandit.yaml")).warnings


def test_a_dot_bandit_file_is_named_and_not_read(tmp_path: Path) -> None:
    files = {"src/.bandit": "[bandit]\nskips = B307\n", "src/a.py": EVAL}
    the_project = project(tmp_path, files)
    evidence = GATE.collect(context(the_project), settings())
    said = "src/.bandit is not read: bandit's settings belong in [tool.bandit] of pyproject.toml"
    assert ([("src/a.py", "B307")], (said,)) == (rules(evidence), evidence.notes)
    assert (said,) == GATE.inputs(the_project, settings()).warnings


def test_settings_that_name_an_unknown_test_are_an_error(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[tool.bandit]\ntests = ["B307", "B999"]\n', "src/a.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert "B999" in told(result)


def test_settings_of_the_wrong_type_are_an_error(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[tool.bandit]\nexclude_dirs = "src"\n', "src/a.py": EVAL}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert "exclude_dirs in pyproject.toml is not a list" in told(result)


def test_settings_that_bandit_refuses_are_an_error(tmp_path: Path) -> None:
    files = {"bandit.yaml": "skips: [\n", "src/a.py": EVAL}
    result = judge(GATE, tmp_path, files, settings(config="bandit.yaml"))
    assert result.verdict == Verdict.ERROR
    assert "bandit ended with exit code 2" in told(result)


def test_a_module_of_the_project_is_not_imported_in_bandits_place(tmp_path: Path) -> None:
    files = {"yaml.py": 'raise SystemExit("imported")\n', "src/a.py": EVAL}
    assert rules(collect(GATE, tmp_path, files)) == [("src/a.py", "B307")]


# Suppressions


def test_suppressions_are_counted_and_the_new_ones_named(tmp_path: Path) -> None:
    source = (
        "def f(x):\n    eval(x)  # nosec\n    eval(x)  # nosec B307\n    return '# nosec'\n"
        "eval(1)  # nosecurity is meant by nobody\n"
    )
    base = ChangedSince(lines={"src/a.py": frozenset({3})})
    evidence = collect(GATE, tmp_path, {"src/a.py": source}, base=base)
    assert [(item.line, item.rules, item.since_base) for item in evidence.suppressions] == [
        (2, (), False),
        (3, ("B307",), True),
        (5, (), False),
    ]
    assert {item.name: item.value for item in evidence.metrics} == {
        "suppressions": 3,
        "suppressions-new": 1,
        "nosec-hidden": 3,
        "below-limits": 0,
    }


def test_new_suppressions_can_be_limited(tmp_path: Path) -> None:
    base = ChangedSince(lines={"src/a.py": frozenset({1})})
    files = {"src/a.py": "eval(1)  # nosec\n"}
    result = judge(GATE, tmp_path, files, settings(max_new_suppressions=0), base=base)
    assert result.verdict == Verdict.FAIL


# Baseline: ours, and it counts


def test_a_twin_beyond_the_accepted_ones_is_new(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "after").mkdir()
    twice = EVAL + "    return eval(text)\n"
    accepted = collect(GATE, tmp_path / "before", {"src/a.py": EVAL}).findings
    baseline = Baseline(
        salt="s",
        entries=tuple(
            BaselineEntry(gate_id="security", rule_id="B307", path="src/a.py", fingerprint=one)
            for one in fingerprints(accepted)
        ),
    )
    result = judge(GATE, tmp_path / "after", {"src/a.py": twice}, baseline=baseline)
    assert sorted(item.state for item in result.findings) == [State.KNOWN, State.NEW]
    assert result.verdict == Verdict.FAIL


# A secret is never shown


@pytest.mark.parametrize(
    "source",
    [
        'password = "hunter2-hunter2"\n',
        'connect(password="hunter2-hunter2")\n',
        'def connect(password="hunter2-hunter2"):\n    pass\n',
    ],
)
def test_a_password_does_not_appear(tmp_path: Path, source: str) -> None:
    evidence = collect(GATE, tmp_path, {"src/a.py": source})
    (finding,) = evidence.findings
    assert "hunter2" not in repr(evidence)
    assert finding.identity.kind == "secret"
    assert finding.message == "Possible hardcoded password"


def test_another_password_in_place_of_an_accepted_one_is_another_finding(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = collect(GATE, tmp_path / "a", {"src/a.py": 'password = "example"\n'}).findings[0]
    two = collect(GATE, tmp_path / "b", {"src/a.py": 'password = "hunter2"\n'}).findings[0]
    assert one.identity != two.identity


# Names, line ends, links, size


def test_files_with_hostile_names_are_scanned(tmp_path: Path) -> None:
    names = [*HOSTILE_NAMES, *(() if os.name == "nt" else POSIX_NAMES)]
    if sys.platform == "linux":
        names.append(os.fsdecode(b"src/caf\xe9.py"))
    evidence = collect(GATE, tmp_path, dict.fromkeys(names, EVAL), settings(paths=["."]))
    assert sorted((name, "B307") for name in names) == sorted(
        (item.path or "", item.rule_id) for item in evidence.findings
    )
    assert (len(names), ()) == (evidence.examined.count, evidence.examined.skipped)


def test_line_ends_and_byte_order_marks_do_not_change_identity(tmp_path: Path) -> None:
    unix, mark = EVAL.encode(), b"\xef\xbb\xbf"
    files = {
        "src/a.py": unix,
        "src/b.py": unix.replace(b"\n", b"\r\n"),
        "src/c.py": mark + unix,
        "src/d.py": "# -*- coding: latin-1 -*-\nX = 'é'\n".encode("latin-1") + unix,
    }
    evidence = collect(GATE, tmp_path, files)
    assert [item.identity.key for item in evidence.findings] == [("returneval(text)", "run")] * 4


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/loop.py").symlink_to("loop.py")
    result = judge(GATE, tmp_path, {"src/a.py": GOOD})
    assert result.examined is not None
    assert (
        result.verdict,
        [item.what for item in result.examined.skipped],
    ) == (Verdict.PASS, ["src/loop.py"])


def test_more_files_than_one_command_line_takes_are_all_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "release_gate.subjects.source.batches.batches.__kwdefaults__", {"limit": 70}
    )
    evidence = collect(GATE, tmp_path, {f"src/module_{n}.py": EVAL for n in range(5)})
    assert (evidence.examined.count, len(evidence.findings)) == (5, 5)
    assert len(evidence.tools) > 1


def test_a_script_without_a_suffix_is_scanned_when_it_is_named(tmp_path: Path) -> None:
    files = {"src/tool": EVAL, "src/a.py": GOOD}
    assert rules(collect(GATE, tmp_path, files, settings(also=["src/tool"]))) == [
        ("src/tool", "B307")
    ]


# Output that cannot be trusted: more of it in tests/unit/subjects/bandit


def test_a_file_that_the_report_does_not_name_is_an_error(root: Path) -> None:
    def spoil(done: Completed) -> Completed:
        report = Path(done.argv[done.argv.index("-o") + 1])
        text = report.read_text("utf-8").replace("src/b.py", "src/c.py")
        report.write_text(text, encoding="utf-8")
        return done

    files = {"src/a.py": GOOD, "src/b.py": GOOD}
    result = judge(GATE, root, files, runner=meddling(root, after=spoil))
    assert result.verdict == Verdict.ERROR
    assert "bandit does not say that it read it" in told(result)


def test_an_unknown_exit_code_is_an_error(root: Path) -> None:
    runner = meddling(root, after=lambda done: dataclasses.replace(done, exit_code=139))
    with pytest.raises(ToolProblem, match="exit code 139"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=runner)
