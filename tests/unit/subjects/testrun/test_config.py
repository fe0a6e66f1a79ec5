"""The project's own coverage settings."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from release_gate.errors import ConfigError
from release_gate.subjects.testrun import config, scope
from release_gate.subjects.testrun.config import CoverageConfig
from release_gate.testing import project

pytestmark = pytest.mark.unit

RC = "[run]\nbranch = true\n"
TOML = "[tool.coverage.run]\nbranch = true\n"
INI = "[coverage:run]\nbranch = true\n"


def test_without_settings_everything_is_default(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[project]\nname = 'x'\n", "setup.cfg": "[flake8]\nx = 1\n"}
    assert config.of_project(project(tmp_path, files), "") == CoverageConfig()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".coveragerc": "", "pyproject.toml": TOML}, ".coveragerc"),
        ({"setup.cfg": INI, "pyproject.toml": TOML}, "setup.cfg"),
        ({"tox.ini": INI, "pyproject.toml": TOML}, "tox.ini"),
        (
            {"setup.cfg": "[metadata]\n", "tox.ini": "[tox]\n", "pyproject.toml": TOML},
            "pyproject.toml",
        ),
        ({".coveragerc.toml": "[run]\n", "setup.cfg": INI}, ".coveragerc.toml"),
    ],
)
def test_the_file_in_force_is_the_one_coverage_takes(
    tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    assert config.of_project(project(tmp_path, files)).file == expected


def test_every_setting_is_read(tmp_path: Path) -> None:
    text = """
[tool.coverage.run]
branch = true
source = ["src"]
source_pkgs = ["pkg"]
omit = ["*/a.py"]
include = ["b*"]
plugins = ["some_plugin"]
strange = 1
[tool.coverage.report]
fail_under = 79.95
omit = ["*/a.py", "*/c.py"]
include = ["d*"]
include_namespace_packages = true
"""
    found = config.of_project(project(tmp_path, {"pyproject.toml": text}))

    assert found == CoverageConfig(
        file="pyproject.toml",
        source=("src",),
        packages=("pkg",),
        include=("b*",),
        report_include=("d*",),
        omit=("*/a.py", "*/c.py"),
        branch=True,
        namespaces=True,
        fail_under=Fraction("79.95"),
        plugins=("some_plugin",),
        remarks=found.remarks,
    )
    assert len(found.remarks) == 1
    assert "strange" in found.remarks[0]
    assert str(tmp_path) not in found.remarks[0]
    assert found.names_source


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", "[tool.coverage"),
        ("setup.cfg", "no section\n"),
        ("tox.ini", b"[coverage:run]\n\xff\xff"),
        (".coveragerc", "[run]\nbranch = perhaps\n"),
        (".coveragerc", "[report]\nexclude_lines = (\n"),
        (".coveragerc", "[report]\nfail_under = high\n"),
        (".coveragerc", "[run]\nconcurrency = magic\n"),
    ],
)
def test_settings_that_cannot_be_read_are_refused(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    where = project(tmp_path, {name: content}, pyproject={})
    with pytest.raises(ConfigError) as caught:
        config.of_project(where)
    assert caught.value.file == name
    assert caught.value.exit_code == 2


def test_a_file_outside_of_the_list_is_not_read(tmp_path: Path) -> None:
    where = project(tmp_path, {"a.py": ""})
    (tmp_path / ".coveragerc").write_text(RC)

    assert config.of_project(where).file is None


def test_settings_of_another_commit_leave_no_copy(tmp_path: Path) -> None:
    assert config.of_text("pyproject.toml", TOML.encode(), tmp_path).branch
    assert config.of_text("setup.cfg", INI.encode(), tmp_path).branch
    assert list(tmp_path.iterdir()) == []


def scope_of(tmp_path: Path, found: CoverageConfig, source: tuple[str, ...]) -> scope.Scope:
    files = {"src/p/a.py": "", "src/p/sub/b.py": "", "src/p/data.txt": "", "tests/t.py": ""}
    return scope.of(project(tmp_path, files, source=source), found)


def test_the_source_is_named_only_where_the_project_does_not(tmp_path: Path) -> None:
    assert scope_of(tmp_path, CoverageConfig(), ("src",)).source == ("src",)
    assert scope_of(tmp_path, CoverageConfig(), ("src/p/a.py",)).source == ("a",)
    assert scope_of(tmp_path, CoverageConfig(packages=("p",)), ("src",)).source == ()


@pytest.mark.parametrize(
    ("omit", "expected"),
    [
        ((), ()),
        (("b.py",), ("src/p/sub/b.py",)),
        (("src/p/a.py",), ("src/p/a.py",)),
        (("./src/p/a.py",), ("src/p/a.py",)),
        (("*/sub/*",), ("src/p/sub/b.py",)),
        (("src/*",), ("src/p/a.py", "src/p/sub/b.py")),
        (("p/a.py",), ()),
    ],
)
def test_omitted_files_are_those_that_coverage_leaves_out(
    tmp_path: Path, omit: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert scope_of(tmp_path, CoverageConfig(omit=omit), ("src",)).omitted == expected


def test_a_pattern_with_the_whole_path_is_understood(tmp_path: Path) -> None:
    omit = (f"{tmp_path.as_posix()}/src/p/sub/*",)
    found = scope_of(tmp_path, CoverageConfig(omit=omit), ("src",))
    assert found.omitted == ("src/p/sub/b.py",)


def test_files_that_are_not_included_are_left_out(tmp_path: Path) -> None:
    report = scope_of(tmp_path, CoverageConfig(report_include=("*/a.py",)), ("src",))
    run = scope_of(tmp_path, CoverageConfig(include=("*/a.py",)), ("src",))
    ignored = scope_of(tmp_path, CoverageConfig(include=("*/a.py",), source=("src",)), ("src",))

    assert report.omitted == run.omitted == ("src/p/sub/b.py",)
    assert ignored.omitted == ()


def test_a_pattern_that_coverage_refuses_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot use a pattern"):
        scope_of(tmp_path, CoverageConfig(omit=("src/x**",)), ("src",))
