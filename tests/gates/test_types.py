"""The types gate with real mypy."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import sysconfig
import textwrap
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Completed, Evidence, Severity, ToolProblem
from release_gate.judge.types import GateResult, Verdict
from release_gate.testing import ThisEnvironment, collect, context, judge, project
from support.source_gates import (
    HOSTILE_NAMES,
    POSIX_NAMES,
    ChangedSince,
    Meddling,
    load,
)

pytestmark = pytest.mark.gates

gate = load("types")
GATE = gate.GATE
GOOD = "def double(x: int) -> int:\n    return 2 * x\n"
WRONG = "def double(x: int) -> int:\n    return str(x)\n"
UNTYPED = "def double(x):\n    return 2 * x\n"


def settings(**keys: Any) -> Any:
    return msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, gate.Types)


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


@pytest.mark.release_check("A02", "green")
def test_typed_source_passes_and_its_files_are_counted(tmp_path: Path) -> None:
    files = {"src/pkg/__init__.py": "", "src/pkg/a.py": GOOD, "src/pkg/b.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert (
        result.verdict,
        result.examined.count,
        result.examined.planned,
    ) == (Verdict.PASS, 3, 3)


@pytest.mark.release_check("A02", "red")
def test_an_error_in_the_types_fails(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": WRONG})
    assert result.verdict == Verdict.FAIL
    assert [item.finding.rule_id for item in result.findings] == ["return-value"]


@pytest.mark.release_check("A02", "red")
def test_without_settings_mypy_is_strict(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"src/a.py": UNTYPED})
    evidence = GATE.collect(context(the_project), settings())
    assert rules(evidence) == [("src/a.py", "no-untyped-def")]
    assert (
        GATE.inputs(the_project, settings()).origins[1].value,
        GATE.inputs(the_project, settings()).origins[1].origin,
    ) == ("strict", "default (no mypy settings)")


def test_a_finding_says_what_where_and_how_to_see_it(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {"src/a b.py": WRONG})
    (finding,) = evidence.findings
    assert (finding.path, finding.line, finding.column) == ("src/a b.py", 2, 12)
    assert finding.identity.key == ("returnstr(x)", "double")
    assert finding.excerpt == "    return str(x)"
    assert finding.reproduce == "release-gate run --gate gate --path 'src/a b.py'"
    assert finding.help_url.endswith("#code-return-value")
    assert finding.severity == Severity.MEDIUM
    assert str(tmp_path) not in repr(evidence)


def test_a_note_is_shown_and_does_not_block(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\n", "src/a.py": "x = 1\nreveal_type(x)\n"}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.PASS
    assert [item.finding.severity for item in result.findings] == [Severity.INFO]


# A yes that means nothing


def test_a_project_without_python_does_not_apply(tmp_path: Path) -> None:
    found = project(tmp_path, {"README.md": "nothing\n"})
    assert GATE.applies(found, settings()) == "the project has no Python file"


def test_a_missing_source_folder_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"lib/a.py": GOOD})
    assert result.verdict == Verdict.ERROR
    assert "there is no Python file to check in src" in told(result)


def test_one_missing_folder_among_several_is_an_error(tmp_path: Path) -> None:
    files = {"src/a.py": GOOD}
    result = judge(GATE, tmp_path, files, settings(paths=["src", "scr"]))
    assert result.verdict == Verdict.ERROR
    assert "scr is to be checked and holds no file" in told(result)


def test_an_unparsable_file_is_an_error_never_a_fail(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": WRONG, "src/bad.py": "def f(:\n"})
    assert result.verdict == Verdict.ERROR
    assert "src/bad.py:1" in told(result)


def test_a_file_deleted_during_the_run_is_an_error(root: Path) -> None:
    runner = meddling(root, before=lambda _: (root / "src/b.py").unlink(missing_ok=True))
    result = judge(GATE, root, {"src/a.py": GOOD, "src/b.py": GOOD}, runner=runner)
    assert result.verdict == Verdict.ERROR
    assert "src/b.py" in told(result)


def test_a_file_deleted_before_the_run_is_an_error(root: Path) -> None:
    the_project = project(root, {"src/a.py": GOOD, "src/b.py": GOOD})
    (root / "src/b.py").unlink()
    evidence = GATE.collect(context(the_project), settings())
    assert [(item.what, item.allowed_by) for item in evidence.examined.skipped] == [
        ("src/b.py", None)
    ]


def test_everything_excluded_is_an_error(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nexclude = ^src/\n", "src/a.py": WRONG}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert "nothing is left for mypy" in told(result)


def test_a_file_that_the_settings_exclude_is_skipped_by_name(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.mypy]\nexclude = ["^src/old/"]\n',
        "src/a.py": GOOD,
        "src/old/b.py": WRONG,
    }
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert result.verdict == Verdict.PASS
    assert [(item.what, item.allowed_by) for item in result.examined.skipped] == [
        ("src/old/b.py", "exclude in pyproject.toml")
    ]


def test_an_exclude_that_is_no_regular_expression_is_an_error(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nexclude = (\n", "src/a.py": GOOD}
    assert judge(GATE, tmp_path, files).verdict == Verdict.ERROR


def test_of_a_module_and_its_stub_the_stub_is_read(tmp_path: Path) -> None:
    files = {"src/a.py": UNTYPED, "src/a.pyi": "def double(x: int) -> int: ...\n"}
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert (result.verdict, result.examined.count) == (Verdict.PASS, 1)
    assert [item.what for item in result.examined.skipped] == ["src/a.py"]


def test_files_that_mypy_cannot_report_on_are_an_error(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "src/a.py": GOOD,
        "src/latin.py": '# -*- coding: latin-1 -*-\nx = "é"\n'.encode("latin-1"),
        "src/rubbish.py": b"\xff\xfex = 1\n",
        "src/@at.py": GOOD,
    }
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert (result.verdict, result.examined.count) == (Verdict.ERROR, 1)
    assert [(item.what, item.reason) for item in result.examined.skipped] == [
        ("src/@at.py", "mypy fails on a module with @ in its name"),
        ("src/latin.py", "mypy cannot report on a file that is not UTF-8"),
        ("src/rubbish.py", "mypy cannot report on a file that is not UTF-8"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take names in UTF-8 only")
def test_a_file_whose_name_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    name = os.fsdecode(b"src/caf\xe9.py")
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, name: GOOD})
    assert result.verdict == Verdict.ERROR
    assert "whose name is not UTF-8" in told(result)


def test_two_modules_of_one_name_are_both_read_without_settings(tmp_path: Path) -> None:
    files = {"tools/a/main.py": GOOD, "tools/b/main.py": WRONG}
    evidence = collect(GATE, tmp_path, files, settings(paths=["tools"]))
    assert (
        rules(evidence),
        evidence.examined.count,
    ) == ([("tools/b/main.py", "return-value")], 2)


def test_two_modules_of_one_name_under_own_settings_are_an_error_with_the_remedy(
    tmp_path: Path,
) -> None:
    files = {"mypy.ini": "[mypy]\n", "src/a/main.py": GOOD, "src/b/main.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert 'Duplicate module named "main"' in told(result)
    assert "explicit_package_bases" in told(result)


def test_a_folder_that_cannot_be_a_package_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\n", "src/my-app/__init__.py": "", "src/my-app/a.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert "Rename the folder" in told(result)


def test_modules_import_one_another_below_the_source_folder(tmp_path: Path) -> None:
    files = {
        "src/pkg/__init__.py": "",
        "src/pkg/a.py": GOOD,
        "src/pkg/b.py": "from pkg.a import double\n\nTEXT: str = double(1)\n",
    }
    assert rules(collect(GATE, tmp_path, files)) == [("src/pkg/b.py", "assignment")]


def test_syntax_newer_than_the_toolkit_is_read(tmp_path: Path) -> None:
    newer = "def first[T](items: list[T]) -> T:\n    return items[0]\n"
    files = {"mypy.ini": "[mypy]\npython_version = 3.13\n", "src/a.py": newer}
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert (result.verdict, result.examined.count) == (Verdict.PASS, 1)


# Settings


def test_the_projects_own_settings_decide(tmp_path: Path) -> None:
    files = {"setup.cfg": "[mypy]\ncheck_untyped_defs = True\n", "src/a.py": UNTYPED}
    the_project = project(tmp_path, files)
    assert rules(GATE.collect(context(the_project), settings())) == []
    assert GATE.inputs(the_project, settings()).origins[1].origin == "setup.cfg"


def test_settings_above_the_root_decide_and_are_shown(tmp_path: Path, root: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mypy.ini").write_text("[mypy]\n", encoding="utf-8")
    the_project = project(root, {"src/a.py": UNTYPED})
    assert rules(GATE.collect(context(the_project), settings())) == []
    assert GATE.inputs(the_project, settings()).origins[1].origin == "../mypy.ini"


def test_settings_of_the_user_are_not_read(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".mypy.ini").write_text("[mypy]\nignore_errors = True\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    (root / ".git").mkdir()
    assert rules(collect(GATE, root, {"src/a.py": WRONG})) == [("src/a.py", "return-value")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mypy.ini", "strict = True\n"),
        ("mypy.ini", b"[mypy]\n# \xff\n"),
        ("pyproject.toml", "[tool.mypy\n"),
    ],
)
def test_settings_that_cannot_be_read_are_an_error(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    the_project = dataclasses.replace(project(tmp_path, {"src/a.py": GOOD}), pyproject={})
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ToolProblem, match=f"{name} cannot be read"):
        GATE.collect(context(the_project), settings())
    assert f"{name} cannot be read" in GATE.inputs(the_project, settings()).warnings[0]


def test_a_setting_that_mypy_does_not_know_is_an_error(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nstrct = True\n", "src/a.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert "Unrecognized option: strct" in told(result)


def test_unused_sections_of_the_settings_are_passed_over(tmp_path: Path) -> None:
    text = "[mypy]\nwarn_unused_configs = True\n[mypy-elsewhere.*]\nignore_errors = True\n"
    result = judge(GATE, tmp_path, {"mypy.ini": text, "src/a.py": GOOD})
    assert result.verdict == Verdict.PASS
    assert result.notes == ("ignore_errors = elsewhere.* (mypy.ini)",)


def test_a_settings_file_that_writes_reports_writes_none_into_the_tree(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\njunit_xml = out.xml\npretty = True\n", "src/a.py": WRONG}
    assert rules(collect(GATE, tmp_path, files)) == [("src/a.py", "return-value")]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["mypy.ini", "src"]


def test_a_module_of_the_project_is_not_imported_in_mypys_place(tmp_path: Path) -> None:
    files = {"mypy.py": 'raise SystemExit("imported")\n', "src/a.py": GOOD}
    assert judge(GATE, tmp_path, files).verdict == Verdict.PASS


# Plug-ins

PLUGIN = "[mypy]\nplugins = only_here_plugin\n"


@pytest.fixture(scope="module")
def with_plugin(tmp_path_factory: pytest.TempPathFactory) -> ThisEnvironment:
    """An environment that has mypy, as the toolkit has it, and a plug-in that only it has."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    where = subprocess.run([python, "-c", ask], capture_output=True, check=True, text=True)
    packages = Path(where.stdout.strip())
    (packages / "toolkit.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (packages / "only_here_plugin.py").write_text(
        textwrap.dedent(
            """
            from mypy.plugin import Plugin

            class OnlyHere(Plugin):
                pass

            def plugin(version):
                return OnlyHere
            """
        ),
        encoding="utf-8",
    )
    return ThisEnvironment(executable=python)


def test_a_plugin_that_only_the_project_has_is_run_there(
    tmp_path: Path, with_plugin: ThisEnvironment
) -> None:
    files = {"mypy.ini": PLUGIN, "src/a.py": GOOD}
    result = judge(GATE, tmp_path, files, project_environment=with_plugin)
    assert result.verdict == Verdict.PASS
    assert result.tools[0].home == "project"
    assert (f"mypy {result.tools[0].version} of the project environment",) == result.notes


def test_a_plugin_that_nobody_has_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"mypy.ini": PLUGIN, "src/a.py": GOOD})
    assert result.verdict == Verdict.ERROR
    assert 'Error importing plugin "only_here_plugin"' in told(result)
    assert "Add mypy to the dependencies of the project environment" in told(result)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> ThisEnvironment:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    return ThisEnvironment(
        executable=folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    )


def test_a_plugin_with_no_mypy_beside_it_is_an_error_with_the_remedy(
    tmp_path: Path, bare: ThisEnvironment
) -> None:
    files = {"mypy.ini": PLUGIN, "src/a.py": GOOD}
    result = judge(GATE, tmp_path, files, project_environment=bare)
    assert result.verdict == Verdict.ERROR
    assert "Add mypy to the dependencies of the project environment" in told(result)


def test_the_projects_mypy_can_be_asked_for(tmp_path: Path, bare: ThisEnvironment) -> None:
    with pytest.raises(ToolProblem, match="mypy does not start in the project environment"):
        collect(
            GATE,
            tmp_path,
            {"src/a.py": GOOD},
            settings(mypy="project"),
            project_environment=bare,
        )


def test_plugins_are_shown_in_the_plan(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"mypy.ini": PLUGIN, "src/a.py": GOOD})
    origin = GATE.inputs(the_project, settings()).origins[-1]
    assert (
        origin.name,
        origin.value,
        origin.origin,
    ) == ("plug-ins", "only_here_plugin", "mypy.ini")


def test_imports_are_resolved_in_the_project_environment(
    tmp_path: Path, bare: ThisEnvironment
) -> None:
    files = {"src/a.py": "import msgspec\n"}
    with_it = collect(GATE, tmp_path, files)
    without = collect(GATE, tmp_path, files, project_environment=bare)
    assert (rules(with_it), rules(without)) == ([], [("src/a.py", "import-not-found")])


# Suppressions


def test_suppressions_are_counted_and_the_new_ones_named(tmp_path: Path) -> None:
    source = (
        "# mypy: disallow-any-expr\nx: int = ''  # type: ignore[assignment]\n"
        "y: int = ''  # type: ignore\nTEXT = '# type: ignore'\n"
    )
    base = ChangedSince(lines={"src/a.py": frozenset({3})})
    evidence = collect(GATE, tmp_path, {"src/a.py": source}, base=base)
    assert [
        (item.line, item.directive, item.rules, item.since_base) for item in evidence.suppressions
    ] == [
        (1, "mypy: setting", ("disallow-any-expr",), False),
        (2, "type: ignore", ("assignment",), False),
        (3, "type: ignore", (), True),
    ]


def test_new_suppressions_can_be_limited(tmp_path: Path) -> None:
    base = ChangedSince(lines={"src/a.py": frozenset({1})})
    files = {"src/a.py": "x: int = ''  # type: ignore[assignment]\n"}
    result = judge(GATE, tmp_path, files, settings(max_new_suppressions=0), base=base)
    assert result.verdict == Verdict.FAIL


# Names and size


def test_files_with_hostile_names_are_read(tmp_path: Path) -> None:
    names = [name for name in HOSTILE_NAMES if "@" not in name]
    names += [] if os.name == "nt" else POSIX_NAMES
    evidence = collect(GATE, tmp_path, dict.fromkeys(names, WRONG), settings(paths=["."]))
    assert sorted((name, "return-value") for name in names) == sorted(rules(evidence))
    assert len(names) == evidence.examined.count


def test_line_ends_and_byte_order_marks_do_not_change_identity(tmp_path: Path) -> None:
    unix, mark = WRONG.encode(), b"\xef\xbb\xbf"
    windows = unix.replace(b"\n", b"\r\n")
    files = {"a.py": unix, "b.py": windows, "c.py": mark + unix, "d.py": mark + windows}
    evidence = collect(GATE, tmp_path, {f"src/{name}": files[name] for name in files})
    assert [item.identity.key for item in evidence.findings] == [("returnstr(x)", "double")] * 4


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


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
def test_more_files_than_one_command_line_takes_are_checked_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release_gate.subjects.mypy.run.LIMIT", 60)
    files = {f"src/module_{n}.py": WRONG for n in range(7)}
    evidence = collect(GATE, tmp_path, {**files, "src/a\nb.py": WRONG})
    assert (
        evidence.examined.count,
        len(evidence.findings),
        len(evidence.tools),
    ) == (8, 8, 1)


def test_a_run_narrowed_to_a_file_reports_on_it_alone(tmp_path: Path) -> None:
    files = {"src/a.py": WRONG, "src/b.py": WRONG}
    evidence = collect(GATE, tmp_path, files, paths=("src/b.py",))
    assert (rules(evidence), evidence.examined.count) == ([("src/b.py", "return-value")], 1)


# Output that cannot be trusted: more of it in tests/unit/subjects/mypy


def test_a_file_that_the_report_does_not_name_is_an_error(root: Path) -> None:
    def spoil(done: Completed) -> Completed:
        if "mypy" in done.argv:
            folder = done.argv[done.argv.index("--linecoverage-report") + 1]
            Path(folder, "coverage.json").write_text('{"lines": {}}', encoding="utf-8")
        return done

    result = judge(GATE, root, {"src/a.py": GOOD}, runner=meddling(root, after=spoil))
    assert result.verdict == Verdict.ERROR
    assert "nothing was examined" in told(result)


def test_an_interpreter_that_does_not_tell_its_version_is_an_error(root: Path) -> None:
    runner = meddling(root, after=lambda done: dataclasses.replace(done, stdout=b"huh"))
    with pytest.raises(ToolProblem, match="does not tell its version"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=runner)


def test_a_signal_is_an_error(root: Path) -> None:
    def end(done: Completed) -> Completed:
        return dataclasses.replace(done, exit_code=-11) if "mypy" in done.argv else done

    with pytest.raises(ToolProblem, match="exit code -11"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=meddling(root, after=end))
