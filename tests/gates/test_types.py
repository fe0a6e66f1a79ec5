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
    assert (Verdict.PASS, 3, 3) == (
        result.verdict,
        result.examined.count,
        result.examined.planned,
    )


@pytest.mark.release_check("A02", "red")
def test_an_error_in_the_types_fails(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": WRONG})
    assert Verdict.FAIL == result.verdict
    assert ["return-value"] == [item.finding.rule_id for item in result.findings]


@pytest.mark.release_check("A02", "red")
def test_without_settings_mypy_is_strict(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"src/a.py": UNTYPED})
    evidence = GATE.collect(context(the_project), settings())
    assert [("src/a.py", "no-untyped-def")] == rules(evidence)
    assert ("strict", "default (no mypy settings)") == (
        GATE.inputs(the_project, settings()).origins[1].value,
        GATE.inputs(the_project, settings()).origins[1].origin,
    )


def test_a_finding_says_what_where_and_how_to_see_it(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {"src/a b.py": WRONG})
    (finding,) = evidence.findings
    assert ("src/a b.py", 2, 12) == (finding.path, finding.line, finding.column)
    assert ("returnstr(x)", "double") == finding.identity.key
    assert "    return str(x)" == finding.excerpt
    assert "release-gate run --gate gate --path 'src/a b.py'" == finding.reproduce
    assert finding.help_url.endswith("#code-return-value")
    assert Severity.MEDIUM == finding.severity
    assert str(tmp_path) not in repr(evidence)


def test_a_note_is_shown_and_does_not_block(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\n", "src/a.py": "x = 1\nreveal_type(x)\n"}
    result = judge(GATE, tmp_path, files)
    assert Verdict.PASS == result.verdict
    assert [Severity.INFO] == [item.finding.severity for item in result.findings]


# A yes that means nothing


def test_a_project_without_python_does_not_apply(tmp_path: Path) -> None:
    found = project(tmp_path, {"README.md": "nothing\n"})
    assert "the project has no Python file" == GATE.applies(found, settings())


def test_a_missing_source_folder_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"lib/a.py": GOOD})
    assert Verdict.ERROR == result.verdict
    assert "there is no Python file to check in src" in told(result)


def test_one_missing_folder_among_several_is_an_error(tmp_path: Path) -> None:
    files = {"src/a.py": GOOD}
    result = judge(GATE, tmp_path, files, settings(paths=["src", "scr"]))
    assert Verdict.ERROR == result.verdict
    assert "scr is to be checked and holds no file" in told(result)


def test_an_unparsable_file_is_an_error_never_a_fail(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": WRONG, "src/bad.py": "def f(:\n"})
    assert Verdict.ERROR == result.verdict
    assert "src/bad.py:1" in told(result)


def test_a_file_deleted_during_the_run_is_an_error(root: Path) -> None:
    runner = meddling(root, before=lambda _: (root / "src/b.py").unlink(missing_ok=True))
    result = judge(GATE, root, {"src/a.py": GOOD, "src/b.py": GOOD}, runner=runner)
    assert Verdict.ERROR == result.verdict
    assert "src/b.py" in told(result)


def test_a_file_deleted_before_the_run_is_an_error(root: Path) -> None:
    the_project = project(root, {"src/a.py": GOOD, "src/b.py": GOOD})
    (root / "src/b.py").unlink()
    evidence = GATE.collect(context(the_project), settings())
    assert [("src/b.py", None)] == [
        (item.what, item.allowed_by) for item in evidence.examined.skipped
    ]


def test_everything_excluded_is_an_error(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nexclude = ^src/\n", "src/a.py": WRONG}
    result = judge(GATE, tmp_path, files)
    assert Verdict.ERROR == result.verdict
    assert "nothing is left for mypy" in told(result)


def test_a_file_that_the_settings_exclude_is_skipped_by_name(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[tool.mypy]\nexclude = ["^src/old/"]\n',
        "src/a.py": GOOD,
        "src/old/b.py": WRONG,
    }
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert Verdict.PASS == result.verdict
    assert [("src/old/b.py", "exclude in pyproject.toml")] == [
        (item.what, item.allowed_by) for item in result.examined.skipped
    ]


def test_an_exclude_that_is_no_regular_expression_is_an_error(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nexclude = (\n", "src/a.py": GOOD}
    assert Verdict.ERROR == judge(GATE, tmp_path, files).verdict


def test_of_a_module_and_its_stub_the_stub_is_read(tmp_path: Path) -> None:
    files = {"src/a.py": UNTYPED, "src/a.pyi": "def double(x: int) -> int: ...\n"}
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert (Verdict.PASS, 1) == (result.verdict, result.examined.count)
    assert ["src/a.py"] == [item.what for item in result.examined.skipped]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("src/latin.py", '# -*- coding: latin-1 -*-\nx = "é"\n'.encode("latin-1"), "not UTF-8"),
        ("src/rubbish.py", b"\xff\xfex = 1\n", "not UTF-8"),
    ],
)
def test_a_file_that_mypy_cannot_report_on_is_an_error(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, name: content})
    assert Verdict.ERROR == result.verdict
    assert name in told(result)
    assert reason in told(result)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take names in UTF-8 only")
def test_a_file_whose_name_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    name = os.fsdecode(b"src/caf\xe9.py")
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, name: GOOD})
    assert Verdict.ERROR == result.verdict
    assert "whose name is not UTF-8" in told(result)


def test_two_modules_of_one_name_are_both_read_without_settings(tmp_path: Path) -> None:
    files = {"tools/a/main.py": GOOD, "tools/b/main.py": WRONG}
    evidence = collect(GATE, tmp_path, files, settings(paths=["tools"]))
    assert ([("tools/b/main.py", "return-value")], 2) == (
        rules(evidence),
        evidence.examined.count,
    )


def test_two_modules_of_one_name_under_own_settings_are_an_error_with_the_remedy(
    tmp_path: Path,
) -> None:
    files = {"mypy.ini": "[mypy]\n", "src/a/main.py": GOOD, "src/b/main.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert Verdict.ERROR == result.verdict
    assert 'Duplicate module named "main"' in told(result)
    assert "explicit_package_bases" in told(result)


def test_a_folder_that_cannot_be_a_package_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\n", "src/my-app/__init__.py": "", "src/my-app/a.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert Verdict.ERROR == result.verdict
    assert "Rename the folder" in told(result)


def test_modules_import_one_another_below_the_source_folder(tmp_path: Path) -> None:
    files = {
        "src/pkg/__init__.py": "",
        "src/pkg/a.py": GOOD,
        "src/pkg/b.py": "from pkg.a import double\n\nTEXT: str = double(1)\n",
    }
    assert [("src/pkg/b.py", "assignment")] == rules(collect(GATE, tmp_path, files))


def test_syntax_newer_than_the_toolkit_is_read(tmp_path: Path) -> None:
    newer = "def first[T](items: list[T]) -> T:\n    return items[0]\n"
    files = {"mypy.ini": "[mypy]\npython_version = 3.13\n", "src/a.py": newer}
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert (Verdict.PASS, 1) == (result.verdict, result.examined.count)


# Settings


def test_the_projects_own_settings_decide(tmp_path: Path) -> None:
    files = {"setup.cfg": "[mypy]\ncheck_untyped_defs = True\n", "src/a.py": UNTYPED}
    the_project = project(tmp_path, files)
    assert [] == rules(GATE.collect(context(the_project), settings()))
    assert "setup.cfg" == GATE.inputs(the_project, settings()).origins[1].origin


def test_settings_above_the_root_decide_and_are_shown(tmp_path: Path, root: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mypy.ini").write_text("[mypy]\n", encoding="utf-8")
    the_project = project(root, {"src/a.py": UNTYPED})
    assert [] == rules(GATE.collect(context(the_project), settings()))
    assert "../mypy.ini" == GATE.inputs(the_project, settings()).origins[1].origin


def test_settings_of_the_user_are_not_read(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".mypy.ini").write_text("[mypy]\nignore_errors = True\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    (root / ".git").mkdir()
    assert [("src/a.py", "return-value")] == rules(collect(GATE, root, {"src/a.py": WRONG}))


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
    the_project = dataclasses.replace(
        project(tmp_path, {"src/a.py": GOOD}), pyproject={}
    )
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ToolProblem, match=f"{name} cannot be read"):
        GATE.collect(context(the_project), settings())
    assert f"{name} cannot be read" in GATE.inputs(the_project, settings()).warnings[0]


def test_a_setting_that_mypy_does_not_know_is_an_error(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\nstrct = True\n", "src/a.py": GOOD}
    result = judge(GATE, tmp_path, files)
    assert Verdict.ERROR == result.verdict
    assert "Unrecognized option: strct" in told(result)


def test_unused_sections_of_the_settings_are_passed_over(tmp_path: Path) -> None:
    text = "[mypy]\nwarn_unused_configs = True\n[mypy-elsewhere.*]\nignore_errors = True\n"
    result = judge(GATE, tmp_path, {"mypy.ini": text, "src/a.py": GOOD})
    assert Verdict.PASS == result.verdict
    assert ("errors ignored by settings in elsewhere.*",) == result.notes


def test_a_settings_file_that_writes_reports_writes_none_into_the_tree(tmp_path: Path) -> None:
    files = {"mypy.ini": "[mypy]\njunit_xml = out.xml\npretty = True\n", "src/a.py": WRONG}
    assert [("src/a.py", "return-value")] == rules(collect(GATE, tmp_path, files))
    assert ["mypy.ini", "src"] == sorted(item.name for item in tmp_path.iterdir())


def test_a_module_of_the_project_is_not_imported_in_mypys_place(tmp_path: Path) -> None:
    files = {"mypy.py": 'raise SystemExit("imported")\n', "src/a.py": GOOD}
    assert Verdict.PASS == judge(GATE, tmp_path, files).verdict


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
    assert Verdict.PASS == result.verdict
    assert "project" == result.tools[0].home
    assert (f"mypy {result.tools[0].version} of the project environment",) == result.notes


def test_a_plugin_that_nobody_has_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"mypy.ini": PLUGIN, "src/a.py": GOOD})
    assert Verdict.ERROR == result.verdict
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
    assert Verdict.ERROR == result.verdict
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
    assert ("plug-ins", "only_here_plugin", "mypy.ini") == (
        origin.name,
        origin.value,
        origin.origin,
    )


def test_imports_are_resolved_in_the_project_environment(
    tmp_path: Path, bare: ThisEnvironment
) -> None:
    files = {"src/a.py": "import msgspec\n"}
    with_it = collect(GATE, tmp_path, files)
    without = collect(GATE, tmp_path, files, project_environment=bare)
    assert ([], [("src/a.py", "import-not-found")]) == (rules(with_it), rules(without))


# Suppressions


def test_suppressions_are_counted_and_the_new_ones_named(tmp_path: Path) -> None:
    source = (
        "# mypy: disallow-any-expr\nx: int = ''  # type: ignore[assignment]\n"
        "y: int = ''  # type: ignore\nTEXT = '# type: ignore'\n"
    )
    base = ChangedSince(lines={"src/a.py": frozenset({3})})
    evidence = collect(GATE, tmp_path, {"src/a.py": source}, base=base)
    assert [
        (1, "mypy: setting", ("disallow-any-expr",), False),
        (2, "type: ignore", ("assignment",), False),
        (3, "type: ignore", (), True),
    ] == [
        (item.line, item.directive, item.rules, item.since_base) for item in evidence.suppressions
    ]


def test_new_suppressions_can_be_limited(tmp_path: Path) -> None:
    base = ChangedSince(lines={"src/a.py": frozenset({1})})
    files = {"src/a.py": "x: int = ''  # type: ignore[assignment]\n"}
    result = judge(GATE, tmp_path, files, settings(max_new_suppressions=0), base=base)
    assert Verdict.FAIL == result.verdict


# Names and size


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_file_with_a_hostile_name_is_read(tmp_path: Path, name: str) -> None:
    evidence = collect(GATE, tmp_path, {name: WRONG}, settings(paths=["."]))
    assert ([(name, "return-value")], 1) == (rules(evidence), evidence.examined.count)


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
@pytest.mark.parametrize("name", POSIX_NAMES)
def test_a_file_with_a_name_that_only_posix_takes_is_read(tmp_path: Path, name: str) -> None:
    evidence = collect(GATE, tmp_path, {name: WRONG})
    assert ([(name, "return-value")], 1) == (rules(evidence), evidence.examined.count)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_and_byte_order_marks_do_not_change_identity(
    tmp_path: Path, start: bytes, end: bytes
) -> None:
    content = start + WRONG.encode().replace(b"\n", end)
    evidence = collect(GATE, tmp_path, {"src/a.py": content})
    assert [("returnstr(x)", "double")] == [item.identity.key for item in evidence.findings]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/loop.py").symlink_to("loop.py")
    result = judge(GATE, tmp_path, {"src/a.py": GOOD})
    assert result.examined is not None
    assert (Verdict.PASS, ["src/loop.py"]) == (
        result.verdict,
        [item.what for item in result.examined.skipped],
    )


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
def test_more_files_than_one_command_line_takes_are_checked_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release_gate.subjects.mypy.run.LIMIT", 60)
    files = {f"src/module_{n}.py": WRONG for n in range(7)}
    evidence = collect(GATE, tmp_path, {**files, "src/a\nb.py": WRONG})
    assert (8, 8, 1) == (
        evidence.examined.count,
        len(evidence.findings),
        len(evidence.tools),
    )


def test_a_run_narrowed_to_a_file_reports_on_it_alone(tmp_path: Path) -> None:
    files = {"src/a.py": WRONG, "src/b.py": WRONG}
    evidence = collect(GATE, tmp_path, files, paths=("src/b.py",))
    assert ([("src/b.py", "return-value")], 1) == (rules(evidence), evidence.examined.count)


# Output that cannot be trusted


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (b'{"file": "src/a.py", "li', "cut off"),
        (b"src/a.py:1: error: no\n", "cut off or damaged"),
        (b'{"file": "src/a.py"}\n', "another shape"),
    ],
)
def test_output_that_is_not_the_json_of_mypy_is_an_error(
    root: Path, output: bytes, said: str
) -> None:
    runner = meddling(root, after=lambda done: dataclasses.replace(done, stdout=output))
    with pytest.raises(ToolProblem, match=said):
        collect(GATE, root, {"src/a.py": GOOD}, settings(), runner=Telling(runner))


@pytest.mark.parametrize(("code", "source"), [(1, GOOD), (0, WRONG)])
def test_an_exit_code_at_odds_with_the_output_is_an_error(
    root: Path, code: int, source: str
) -> None:
    runner = meddling(root, after=lambda done: dataclasses.replace(done, exit_code=code))
    with pytest.raises(ToolProblem, match="one of them is wrong"):
        collect(GATE, root, {"src/a.py": source}, runner=Telling(runner))


def test_a_signal_is_an_error(root: Path) -> None:
    runner = meddling(root, after=lambda done: dataclasses.replace(done, exit_code=-11))
    with pytest.raises(ToolProblem, match="exit code -11"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=Telling(runner))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "left no report"),
        (b"", "wrote nothing"),
        (b'{"lines": {"', "cut off"),
        (b'{"files": {}}', "another shape"),
    ],
)
def test_a_report_of_the_files_that_is_not_whole_is_an_error(
    root: Path, content: bytes | None, said: str
) -> None:
    def spoil(done: Completed) -> Completed:
        report = Path(done.argv[done.argv.index("--linecoverage-report") + 1], "coverage.json")
        report.unlink()
        if content is not None:
            report.write_bytes(content)
        return done

    with pytest.raises(ToolProblem, match=said):
        collect(GATE, root, {"src/a.py": GOOD}, runner=Telling(meddling(root, after=spoil)))


def test_a_file_that_the_report_does_not_name_is_an_error(root: Path) -> None:
    def spoil(done: Completed) -> Completed:
        report = Path(done.argv[done.argv.index("--linecoverage-report") + 1], "coverage.json")
        report.write_text('{"lines": {}}', encoding="utf-8")
        return done

    runner = Telling(meddling(root, after=spoil))
    result = judge(GATE, root, {"src/a.py": GOOD}, runner=runner)
    assert Verdict.ERROR == result.verdict


def test_an_interpreter_that_does_not_tell_its_version_is_an_error(root: Path) -> None:
    runner = meddling(root, after=lambda done: dataclasses.replace(done, stdout=b"huh"))
    with pytest.raises(ToolProblem, match="does not tell its version"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=runner)


class Telling:
    """Lets the question for the interpreter's version through, and meddles with mypy alone."""

    def __init__(self, inner: Meddling) -> None:
        self.inner = inner
        self.plain = Meddling(root=inner.root, log=inner.log)

    def run(self, argv: Sequence[str], **options: Any) -> Completed:
        chosen = self.inner if "mypy" in argv else self.plain
        return chosen.run(argv, **options)
