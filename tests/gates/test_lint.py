"""The lint gate with real ruff."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Completed, Evidence, Severity, Skipped, ToolProblem
from release_gate.judge.types import GateResult, Verdict
from release_gate.subjects.lint.severity import severity_of
from release_gate.testing import ThisEnvironment, collect, context, judge, project
from support.source_gates import (
    HOSTILE_NAMES,
    POSIX_NAMES,
    ChangedSince,
    Meddling,
    load,
)

pytestmark = pytest.mark.gates

gate = load("lint")
GATE = gate.GATE
GOOD = 'NAME = "orders"\n'
UNUSED = "import os\n"


def settings(**keys: Any) -> Any:
    return msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, gate.Lint)


def meddling(
    root: Path,
    *,
    before: Callable[[Sequence[str]], None] = lambda _argv: None,
    after: Callable[[Completed], Completed] = lambda done: done,
) -> Meddling:
    return Meddling(root=root, log=root.parent / "gate.log", before=before, after=after)


def rules(evidence: Evidence) -> list[tuple[str | None, str]]:
    return [(item.path, item.rule_id) for item in evidence.findings]


def told(result: GateResult) -> str:
    return " | ".join(f"{item.what} {item.remedy}" for item in result.problems)


# Green and red


@pytest.mark.release_check("A01", "green")
def test_clean_and_formatted_source_passes(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, "tests/test_a.py": GOOD})
    assert (result.verdict, result.examined and result.examined.count) == (Verdict.PASS, 2)


@pytest.mark.release_check("A01", "red")
def test_a_lint_finding_fails(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": UNUSED})
    assert result.verdict == Verdict.FAIL
    assert [item.finding.rule_id for item in result.findings] == ["F401"]


@pytest.mark.release_check("A01", "red")
def test_an_unformatted_file_fails(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": "x=1\n"})
    assert result.verdict == Verdict.FAIL
    assert [item.finding.rule_id for item in result.findings] == ["unformatted"]


def test_a_finding_says_what_where_and_how_to_mend_it(tmp_path: Path) -> None:
    source = "def load() -> None:\n    import os\n"
    (finding,) = collect(GATE, tmp_path, {"src/a b.py": source}).findings
    assert (finding.path, finding.line, finding.column) == ("src/a b.py", 2, 12)
    assert finding.identity.key == ("importos", "load")
    assert finding.excerpt == "    import os"
    assert "ruff check --fix --select F401 'src/a b.py'" in finding.fix
    assert finding.reproduce == "release-gate run --gate gate --path 'src/a b.py'"
    assert finding.help_url == "https://docs.astral.sh/ruff/rules/unused-import"


def test_both_parts_of_ruff_are_named_without_a_path_of_this_machine(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {"src/a.py": GOOD})
    assert [run.command[4] for run in evidence.tools] == ["check", "format"]
    assert [(run.command[0], run.command[-1]) for run in evidence.tools] == [
        ("{python}", "{files}")
    ] * 2
    assert str(tmp_path) not in repr(evidence)


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("F821", Severity.HIGH),
        ("F632", Severity.HIGH),
        ("E999", Severity.HIGH),
        ("PLE0101", Severity.HIGH),
        ("invalid-syntax", Severity.HIGH),
        ("S602", Severity.MEDIUM),
        ("F401", Severity.MEDIUM),
        ("F601", Severity.MEDIUM),
        ("B006", Severity.MEDIUM),
        ("SIM102", Severity.LOW),
        ("E501", Severity.LOW),
        ("D100", Severity.LOW),
    ],
)
def test_severity_comes_from_the_rule(rule: str, severity: Severity) -> None:
    assert severity == severity_of(rule)


# A yes that means nothing


def test_a_project_without_python_does_not_apply(tmp_path: Path) -> None:
    found = project(tmp_path, {"README.md": "nothing\n"})
    assert GATE.applies(found, settings()) == "the project has no Python file"


def test_no_file_at_all_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"README.md": "nothing\n"})
    assert result.verdict == Verdict.ERROR


def test_a_run_narrowed_to_nothing_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD}, paths=("docs",))
    assert result.verdict == Verdict.ERROR
    assert "narrowed to docs" in result.problems[0].what


def test_everything_excluded_is_an_error(tmp_path: Path) -> None:
    files = {"ruff.toml": 'extend-exclude = ["src"]\n', "src/a.py": UNUSED, "src/b.py": UNUSED}
    result = judge(GATE, tmp_path, files)
    assert result.verdict == Verdict.ERROR
    assert result.problems[0].what == "nothing was examined: 0 files"


def test_a_file_that_the_settings_exclude_is_skipped_by_name(tmp_path: Path) -> None:
    files = {"ruff.toml": 'extend-exclude = ["b.py"]\n', "src/a.py": GOOD, "src/b.py": UNUSED}
    result = judge(GATE, tmp_path, files)
    assert result.examined is not None
    assert result.verdict == Verdict.PASS
    assert result.examined.count == 1
    assert (
        Skipped(
            what="src/b.py",
            reason="not linted: excluded",
            allowed_by="ruff's extend-exclude in ruff.toml",
        ),
    ) == result.examined.skipped


def test_what_ruff_excludes_by_itself_is_named_as_that(tmp_path: Path) -> None:
    files = {"ruff.toml": "", "src/a.py": GOOD, "dist/b.py": UNUSED}
    evidence = collect(GATE, tmp_path, files)
    assert [item.allowed_by for item in evidence.examined.skipped] == ["ruff's own default exclude"]


@pytest.mark.parametrize("part", ["lint", "format"])
def test_a_file_excluded_from_one_part_is_not_counted_as_read(tmp_path: Path, part: str) -> None:
    files = {"ruff.toml": f'{part}.exclude = ["b.py"]\n', "src/a.py": GOOD, "src/b.py": GOOD}
    evidence = collect(GATE, tmp_path, files)
    assert evidence.examined.count == 1
    assert [("src/b.py", f"{part}.exclude in ruff.toml")] == [
        (item.what, item.allowed_by) for item in evidence.examined.skipped
    ]


def test_without_settings_nothing_is_excluded(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {"dist/b.py": UNUSED})
    assert rules(evidence) == [("dist/b.py", "F401")]


def test_an_unparsable_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, "src/bad.py": "def f(:\n"})
    assert result.examined is not None
    assert result.verdict == Verdict.ERROR
    assert [item.path for item in result.problems] == ["src/bad.py"]
    assert "ruff could not parse src/bad.py:1" in result.problems[0].what
    version = result.tools[0].version
    assert f"a newer Python than ruff {version} knows, install a newer ruff" in told(result)
    assert result.examined.count == 1


def test_a_file_that_is_not_utf8_is_an_error_that_names_it(tmp_path: Path) -> None:
    latin = '# -*- coding: latin-1 -*-\nx = "é"\n'.encode("latin-1")
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, "src/latin.py": latin})
    assert result.verdict == Verdict.ERROR
    assert "ruff could not read src/latin.py" in told(result)


def test_syntax_newer_than_the_toolkit_is_read(tmp_path: Path) -> None:
    newer = (
        "def first[T](items: list[T]) -> T:\n    return items[0]\n\n\n"
        'print(f"{\'a\' if first([1]) else "b"}")\n'
    )
    evidence = collect(GATE, tmp_path, {"src/a.py": newer}, settings(formatter="none"))
    assert (evidence.problems, evidence.findings, evidence.examined.count) == ((), (), 1)


def test_syntax_newer_than_the_project_promises_is_a_finding(tmp_path: Path) -> None:
    newer = "def first[T](items: list[T]) -> T:\n    return items[0]\n"
    the_project = project(tmp_path, {"src/a.py": newer}, requires_python=">=3.11")
    evidence = GATE.collect(context(the_project), settings())
    assert evidence.problems == ()
    assert rules(evidence) == [("src/a.py", "invalid-syntax")]
    assert evidence.findings[0].severity == Severity.HIGH


def test_an_error_of_syntax_that_only_the_linter_sees_is_a_finding(tmp_path: Path) -> None:
    source = "def f(a, a):\n    return a\n"
    evidence = collect(GATE, tmp_path, {"src/a.py": source})
    assert (evidence.problems, rules(evidence)) == ((), [("src/a.py", "invalid-syntax")])


def test_a_file_deleted_during_the_run_is_an_error(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    runner = meddling(root, before=lambda _: (root / "src/b.py").unlink(missing_ok=True))
    result = judge(GATE, root, {"src/a.py": GOOD, "src/b.py": GOOD}, runner=runner)
    assert result.verdict == Verdict.ERROR
    assert "ruff could not read src/b.py" in told(result)


# Settings


def test_without_settings_a_stated_default_decides(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"src/a.py": GOOD})
    origins = GATE.inputs(the_project, settings()).origins
    assert (
        origins[0].name,
        origins[0].value,
        origins[0].origin,
    ) == ("rules", "E4, E7, E9, F", "default (no ruff settings)")
    command = GATE.collect(context(the_project), settings()).tools[0].command
    assert command[-5:-2] == ("--isolated", "--select", "E4,E7,E9,F")


def test_the_default_selection_can_be_set(tmp_path: Path) -> None:
    source = "def f(items=[]):\n    return items\n"
    evidence = collect(GATE, tmp_path, {"src/a.py": source}, settings(select=["B"]))
    assert rules(evidence) == [("src/a.py", "B006")]


def test_the_projects_own_settings_decide(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[tool.ruff.lint]\nselect = ["D100"]\n', "src/a.py": UNUSED}
    the_project = project(tmp_path, files)
    assert rules(GATE.collect(context(the_project), settings())) == [("src/a.py", "D100")]
    origin = GATE.inputs(the_project, settings()).origins[0]
    assert (origin.value, origin.origin) == ("of 1 file", "pyproject.toml")


def test_settings_of_a_folder_decide_there_and_the_default_elsewhere(tmp_path: Path) -> None:
    files = {
        "backend/ruff.toml": 'lint.select = ["D100"]\n',
        "backend/a.py": UNUSED,
        "tools/b.py": UNUSED,
    }
    the_project = project(tmp_path, files)
    found = rules(GATE.collect(context(the_project), settings()))
    assert sorted(found) == [("backend/a.py", "D100"), ("tools/b.py", "F401")]
    assert [item.origin for item in GATE.inputs(the_project, settings()).origins[:2]] == [
        "backend/ruff.toml",
        "default (1 file without ruff settings)",
    ]


def test_settings_above_the_root_decide_and_are_shown(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "ruff.toml").write_text('lint.select = ["D100"]\n', encoding="utf-8")
    root = tmp_path / "service"
    root.mkdir()
    the_project = project(root, {"src/a.py": UNUSED})
    inputs = GATE.inputs(the_project, settings())
    assert (inputs.origins[0].origin, inputs.reusable) == ("../ruff.toml", False)
    assert rules(GATE.collect(context(the_project), settings())) == [("src/a.py", "D100")]


def test_settings_of_the_user_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / "ruff").mkdir(parents=True)
    (home / "ruff/ruff.toml").write_text('exclude = ["*.py"]\n', encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    root = tmp_path / "project"
    root.mkdir()
    assert rules(collect(GATE, root, {"src/a.py": UNUSED})) == [("src/a.py", "F401")]


def test_variables_of_the_user_do_not_move_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "elsewhere.json"))
    monkeypatch.setenv("RUFF_OUTPUT_FORMAT", "github")
    root = tmp_path / "project"
    root.mkdir()
    assert rules(collect(GATE, root, {"src/a.py": UNUSED})) == [("src/a.py", "F401")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("lint.select = [\n", "unclosed array"),
        ('lint.select = ["XX"]\n', "Unknown rule selector"),
        ('required-version = "==0.0.1"\n', "Required version"),
    ],
)
def test_settings_that_ruff_refuses_are_an_error(tmp_path: Path, content: str, said: str) -> None:
    result = judge(GATE, tmp_path, {"ruff.toml": content, "src/a.py": GOOD})
    assert result.verdict == Verdict.ERROR
    assert "ruff" in result.problems[0].what
    assert said in told(result)
    assert "Mend ruff.toml" in told(result)
    assert str(tmp_path) not in told(result)


def test_a_module_of_the_project_is_not_imported_in_ruffs_place(tmp_path: Path) -> None:
    files = {"ruff.py": 'raise SystemExit("imported")\n', "src/a.py": UNUSED}
    assert ("src/a.py", "F401") in rules(collect(GATE, tmp_path, files))


def test_an_unreadable_pyproject_without_ruff_is_passed_over(tmp_path: Path) -> None:
    files = {"sub/pyproject.toml": "[project\n", "sub/a.py": UNUSED}
    assert rules(collect(GATE, tmp_path, files)) == [("sub/a.py", "F401")]


# Suppressions


def test_suppressions_are_counted_and_the_new_ones_named(tmp_path: Path) -> None:
    source = (
        "# ruff: noqa: F403\nimport os  # noqa: F401\nimport re  # noqa\n"
        'TEXT = "# noqa"\nx = [1]  # fmt: skip\n'
    )
    base = ChangedSince(lines={"src/a.py": frozenset({3})})
    evidence = collect(GATE, tmp_path, {"src/a.py": source}, base=base)
    assert [
        (item.line, item.directive, item.rules, item.since_base) for item in evidence.suppressions
    ] == [
        (1, "file noqa", ("F403",), False),
        (2, "noqa", ("F401",), False),
        (3, "noqa", (), True),
        (5, "fmt: off", (), False),
    ]
    assert {item.name: item.value for item in evidence.metrics} == {
        "suppressions": 4,
        "suppressions-new": 1,
    }


def test_new_suppressions_can_be_limited(tmp_path: Path) -> None:
    base = ChangedSince(lines={"src/a.py": frozenset({1})})
    files = {"src/a.py": "import os  # noqa: F401\n"}
    result = judge(GATE, tmp_path, files, settings(max_new_suppressions=0), base=base)
    assert result.verdict == Verdict.FAIL


def test_without_a_base_the_limit_on_new_suppressions_waits(tmp_path: Path) -> None:
    files = {"src/a.py": "import os  # noqa: F401\n"}
    result = judge(GATE, tmp_path, files, settings(max_new_suppressions=0))
    assert result.verdict == Verdict.PASS


def test_all_suppressions_can_be_limited(tmp_path: Path) -> None:
    files = {"src/a.py": "import os  # noqa: F401\n"}
    result = judge(GATE, tmp_path, files, settings(max_suppressions=0))
    assert result.verdict == Verdict.FAIL


def test_a_finding_on_a_changed_line_is_in_the_change(tmp_path: Path) -> None:
    base = ChangedSince(lines={"src/a.py": frozenset({2})})
    files = {"src/a.py": "import os\nimport re\n", "src/b.py": UNUSED}
    found = collect(GATE, tmp_path, files, base=base).findings
    assert [item.in_change for item in found] == [False, True, False]


# Names, line ends, links, size


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_file_with_a_hostile_name_is_read(tmp_path: Path, name: str) -> None:
    evidence = collect(GATE, tmp_path, {name: UNUSED})
    assert [(name, "F401")] == rules(evidence)
    assert (evidence.examined.count, evidence.examined.skipped) == (1, ())


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
@pytest.mark.parametrize("name", POSIX_NAMES)
def test_a_file_with_a_name_that_only_posix_takes_is_read(tmp_path: Path, name: str) -> None:
    evidence = collect(GATE, tmp_path, {name: UNUSED, "ruff.toml": ""})
    assert [(name, "F401")] == rules(evidence)
    assert (evidence.examined.count, evidence.examined.skipped) == (1, ())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take names in UTF-8 only")
def test_a_file_whose_name_is_not_utf8_is_read(tmp_path: Path) -> None:
    name = os.fsdecode(b"src/caf\xe9.py")
    evidence = collect(GATE, tmp_path, {name: UNUSED})
    assert ([(name, "F401")], 1) == (rules(evidence), evidence.examined.count)


def test_line_ends_and_byte_order_marks_do_not_change_identity(tmp_path: Path) -> None:
    files = {
        "src/a.py": b"import os\n",
        "src/b.py": b"import os\r\n",
        "src/c.py": b"\xef\xbb\xbfimport os\n",
    }
    found = [item for item in collect(GATE, tmp_path, files).findings if item.rule_id == "F401"]
    assert [item.identity.key for item in found] == [("importos", "")] * 3


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/loop.py").symlink_to("loop.py")
    (tmp_path / "src/link.py").symlink_to("a.py")
    result = judge(GATE, tmp_path, {"src/a.py": GOOD})
    assert result.examined is not None
    assert result.verdict == Verdict.PASS
    assert [item.what for item in result.examined.skipped] == ["src/link.py", "src/loop.py"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_root_reached_through_a_link_gives_relative_paths(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert rules(collect(GATE, tmp_path / "link", {"src/a.py": UNUSED})) == [("src/a.py", "F401")]


def test_more_files_than_one_command_line_takes_are_all_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "release_gate.subjects.source.batches.batches.__kwdefaults__", {"limit": 60}
    )
    files = {f"src/module_{n}.py": UNUSED for n in range(7)}
    evidence = collect(GATE, tmp_path, files)
    assert (evidence.examined.count, len(evidence.findings)) == (7, 7)
    assert len(evidence.tools) > 2


def test_a_script_without_a_suffix_is_read_when_it_is_named(tmp_path: Path) -> None:
    files = {"bin/tool": "#!/usr/bin/env python\nimport os\n", "src/a.py": GOOD}
    found = rules(collect(GATE, tmp_path, files, settings(also=["bin/*"])))
    assert found == [("bin/tool", "F401")]


def test_a_notebook_is_read_and_its_cell_named(tmp_path: Path) -> None:
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": ["import os\n", "x=1"],
            }
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    evidence = collect(GATE, tmp_path, {"a.ipynb": json.dumps(notebook)})
    assert [(item.rule_id, item.line) for item in evidence.findings] == [
        ("F401", None),
        ("unformatted", None),
    ]
    assert evidence.findings[0].message.endswith("(cell 1, line 1)")


def test_a_broken_notebook_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {"src/a.py": GOOD, "a.ipynb": '{"cells": ['})
    assert (result.verdict, [p.path for p in result.problems]) == (Verdict.ERROR, ["a.ipynb"])


def test_a_password_does_not_appear(tmp_path: Path) -> None:
    files = {"src/a.py": 'password = "hunter2-hunter2"\n'}
    evidence = collect(GATE, tmp_path, files, settings(select=["S105"]))
    assert rules(evidence) == [("src/a.py", "S105")]
    assert "hunter2" not in repr(evidence)
    assert evidence.findings[0].identity.kind == "secret"


# Output that cannot be trusted


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (b"", "wrote nothing"),
        (b'[{"code": "F401", "filena', "cut off"),
        (b'{"results": []}', "another shape"),
        (b'[{"code": 401}]', "another shape"),
        (b"All checks passed!\n", "cut off or damaged"),
    ],
)
def test_output_that_is_not_the_json_of_ruff_is_an_error(
    tmp_path: Path, output: bytes, said: str
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    runner = meddling(root, after=lambda done: dataclasses.replace(done, stdout=output))
    with pytest.raises(ToolProblem, match=said):
        collect(GATE, root, {"src/a.py": GOOD}, runner=runner)


@pytest.mark.parametrize(("code", "source"), [(1, GOOD), (0, UNUSED)])
def test_an_exit_code_at_odds_with_the_output_is_an_error(
    tmp_path: Path, code: int, source: str
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    runner = meddling(root, after=lambda done: dataclasses.replace(done, exit_code=code))
    with pytest.raises(ToolProblem, match="one of them is wrong"):
        collect(GATE, root, {"src/a.py": source}, runner=runner)


def test_an_unknown_exit_code_is_an_error(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    runner = meddling(root, after=lambda done: dataclasses.replace(done, exit_code=-9))
    with pytest.raises(ToolProblem, match="exit code -9"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=runner)


def test_a_log_that_names_no_file_is_an_error(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    runner = meddling(root, after=lambda done: dataclasses.replace(done, stderr=b""))
    result = judge(GATE, root, {"src/a.py": GOOD}, runner=runner)
    assert result.verdict == Verdict.ERROR
    assert "nothing was examined" in told(result)


def test_a_version_that_is_not_told_is_an_error(tmp_path: Path) -> None:
    class Silent(Meddling):
        def run(self, argv: Sequence[str], **options: Any) -> Completed:
            done = Meddling.run(self, argv, **options)
            return dataclasses.replace(done, stdout=b"") if "--version" in argv else done

    root = tmp_path / "project"
    root.mkdir()
    with pytest.raises(ToolProblem, match="names no version"):
        collect(GATE, root, {"src/a.py": GOOD}, runner=Silent(root=root, log=tmp_path / "gate.log"))


# Black

FAKE_BLACK = textwrap.dedent(
    '''
    """Speaks as black 25.1 does with --check --verbose."""
    import pathlib, sys
    arguments = sys.argv[1:]
    if "--version" in arguments:
        print("python -m black, 25.1.0 (compiled: yes)")
        sys.exit(0)
    code = 0
    for name in arguments[arguments.index("--") + 1 :]:
        text = pathlib.Path(name).read_text("utf-8")
        name = name.removeprefix("./")
        if "silent" in name:
            continue
        if "ignored" in name:
            print(f"{name} ignored: matches the --force-exclude", file=sys.stderr)
        elif "(:" in text:
            print(f"error: cannot format {name}: Cannot parse: 1:6: def f(:", file=sys.stderr)
            code = 123
        elif "x=1" in text:
            print(f"would reformat {name}", file=sys.stderr)
            code = code or 1
        else:
            print(f"{name} already well formatted, good job.", file=sys.stderr)
    sys.exit(code)
    '''
)
BLACK = {"pyproject.toml": "[tool.black]\nline-length = 88\n"}


@pytest.fixture(scope="module")
def with_black(tmp_path_factory: pytest.TempPathFactory) -> ThisEnvironment:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    where = subprocess.run([python, "-c", ask], capture_output=True, check=True, text=True)
    Path(where.stdout.strip(), "black.py").write_text(FAKE_BLACK, encoding="utf-8")
    return ThisEnvironment(executable=python)


def test_black_takes_the_formatters_place_where_the_project_uses_it(
    tmp_path: Path, with_black: ThisEnvironment
) -> None:
    files = {**BLACK, "src/a.py": GOOD, "src/-b.py": "x=1\n"}
    evidence = collect(GATE, tmp_path, files, project_environment=with_black)
    assert rules(evidence) == [("src/-b.py", "unformatted")]
    assert [run.name for run in evidence.tools] == ["ruff", "black"]
    assert (evidence.tools[1].version, evidence.tools[1].home) == ("25.1.0", "project")
    assert evidence.examined.count == 2


def test_a_file_that_black_cannot_parse_is_an_error(
    tmp_path: Path, with_black: ThisEnvironment
) -> None:
    files = {**BLACK, "src/a.py": GOOD, "src/b.py": "# (:\n"}
    result = judge(GATE, tmp_path, files, project_environment=with_black)
    assert (result.verdict, [p.path for p in result.problems]) == (Verdict.ERROR, ["src/b.py"])


def test_a_file_that_black_says_nothing_of_is_an_error(
    tmp_path: Path, with_black: ThisEnvironment
) -> None:
    files = {**BLACK, "src/a.py": GOOD, "src/silent.py": GOOD}
    result = judge(GATE, tmp_path, files, project_environment=with_black)
    assert result.verdict == Verdict.ERROR
    assert "black says nothing of it" in told(result)


def test_a_file_that_black_is_told_to_ignore_is_skipped_by_name(
    tmp_path: Path, with_black: ThisEnvironment
) -> None:
    files = {**BLACK, "src/a.py": GOOD, "src/ignored.py": GOOD}
    result = judge(GATE, tmp_path, files, project_environment=with_black)
    assert result.examined is not None
    assert result.verdict == Verdict.PASS
    assert [item.allowed_by for item in result.examined.skipped] == ["black's force-exclude"]


@pytest.mark.parametrize("code", [1, 123])
def test_black_that_fails_without_naming_a_file_is_an_error(
    tmp_path: Path, with_black: ThisEnvironment, code: int
) -> None:
    root = tmp_path / "project"
    root.mkdir()

    def lie(done: Completed) -> Completed:
        return dataclasses.replace(done, exit_code=code) if "black" in done.argv else done

    with pytest.raises(ToolProblem, match="names no file"):
        collect(
            GATE,
            root,
            {**BLACK, "src/a.py": GOOD},
            project_environment=with_black,
            runner=meddling(root, after=lie),
        )


@pytest.mark.skipif(
    importlib.util.find_spec("black") is not None, reason="black is installed beside the tests"
)
def test_black_that_is_not_in_the_project_environment_is_an_error(tmp_path: Path) -> None:
    result = judge(GATE, tmp_path, {**BLACK, "src/a.py": GOOD})
    assert result.verdict == Verdict.ERROR
    assert "black does not start in the project environment" in told(result)
    assert 'formatter = "ruff"' in told(result)


def test_the_formatter_can_be_chosen(tmp_path: Path) -> None:
    files = {**BLACK, "src/a.py": "x=1\n"}
    evidence = collect(GATE, tmp_path, files, settings(formatter="ruff"))
    assert rules(evidence) == [("src/a.py", "unformatted")]


def test_no_formatter_is_said_in_the_evidence(tmp_path: Path) -> None:
    evidence = collect(GATE, tmp_path, {"src/a.py": "x=1\n"}, settings(formatter="none"))
    assert (rules(evidence), evidence.examined.count) == ([], 1)
    assert evidence.notes == ("format not checked: formatter = none",)


@pytest.mark.parametrize(
    ("settings_text", "formatter"),
    [
        ("[tool.black]\n", "black"),
        ("[tool.black]\n[tool.ruff]\n", "black"),
        ("[tool.black]\n[tool.ruff.format]\n", "ruff"),
        ("[tool.ruff]\n", "ruff"),
    ],
)
def test_the_formatter_is_detected_and_shown(
    tmp_path: Path, settings_text: str, formatter: str
) -> None:
    files = {"pyproject.toml": settings_text, "src/a.py": GOOD}
    inputs = GATE.inputs(project(tmp_path, files), settings())
    assert (formatter, "detected") == (inputs.origins[-1].value, inputs.origins[-1].origin)
    assert inputs.reusable is (formatter == "ruff")


@pytest.mark.skipif(importlib.util.find_spec("black") is None, reason="black is not installed")
def test_real_black_speaks_as_expected(tmp_path: Path) -> None:
    files = {**BLACK, "src/a.py": GOOD, "src/-b.py": "x=1\n", "src/c.py": "def f(:\n"}
    evidence = collect(GATE, tmp_path, files)
    assert ("src/-b.py", "unformatted") in rules(evidence)
    assert [item.path for item in evidence.problems] == ["src/c.py", "src/c.py"]
