"""The tools' own settings, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest

from release_gate.plan.tool_settings import tool_files, tool_files_above, tool_settings

pytestmark = pytest.mark.unit


def settings(**files: str) -> dict[str, Any]:
    contents = {name.replace("__", "."): text.encode() for name, text in files.items()}
    return dict(tool_settings(tool_files(contents), contents.get))


def test_the_files_are_looked_for_at_the_root_and_ruffs_everywhere() -> None:
    paths = ["setup.cfg", "a/setup.cfg", "a/ruff.toml", "a/pyproject.toml", "README.md", ".bandit"]

    assert tool_files(paths) == (".bandit", "a/pyproject.toml", "a/ruff.toml", "setup.cfg")


def test_the_same_setting_reads_the_same_in_toml_and_ini() -> None:
    toml = settings(pyproject__toml="[tool.coverage.report]\nfail_under = 80\nomit = ['a', 'b']\n")
    ini = settings(__coveragerc="[report]\nfail_under = 80\nomit =\n  a\n  b\n")
    shared = settings(setup__cfg="[coverage:report]\nfail_under = 80\nomit =\n  a\n  b\n")

    wanted = {"report": {"fail_under": 80, "omit": ["a", "b"]}}
    assert list(toml.values()) == list(ini.values()) == list(shared.values()) == [wanted]
    assert {name.rpartition(" ")[2] for name in (*toml, *ini, *shared)} == {"coverage"}


def test_sections_of_other_programs_are_left_alone() -> None:
    assert settings(setup__cfg="[metadata]\nname = x\n", tox__ini="[tox]\nenvlist = py\n") == {}


def test_sections_of_mypy_and_pytest_are_found() -> None:
    found = settings(
        setup__cfg="[mypy]\nstrict = yes\n[mypy-numpy.*]\nignore_errors = on\n"
        "[tool:pytest]\naddopts = -q\n",
        pytest__ini="[pytest]\naddopts = -x\n",
        mypy__ini="[mypy]\nstrict = False\n",
    )

    assert found["setup.cfg mypy"] == {
        "strict": True,
        "overrides": {"numpy.*": {"ignore_errors": True}},
    }
    assert found["setup.cfg pytest"] == {"ini_options": {"addopts": "-q"}}
    assert found["pytest.ini pytest"] == {"ini_options": {"addopts": "-x"}}
    assert found["mypy.ini mypy"] == {"strict": False}


def test_below_the_root_only_ruff_reads_a_pyproject() -> None:
    text = b"[tool.ruff]\nignore = ['A']\n[tool.mypy]\nstrict = false\n"

    assert list(tool_settings(["a/pyproject.toml"], lambda _name: text)) == [
        "a/pyproject.toml [tool.ruff] ruff"
    ]


@pytest.mark.parametrize("text", ["[tool.ruff", "x = = 1"])
def test_a_file_that_does_not_parse_is_one_setting(text: str) -> None:
    one, other = settings(ruff__toml=text), settings(ruff__toml=text + "\n")

    assert list(one) == ["ruff.toml "]
    assert one != other


def test_line_ends_say_nothing() -> None:
    text = "[report]\nomit =\n  a\n  b\n"
    assert settings(__coveragerc=text) == settings(__coveragerc=text.replace("\n", "\r\n"))


SECRETS = '{"version": "1.5.0", "generated_at": "T", "plugins_used": [], "results": %s}'
ENTRY = '{"type": "AWS", "hashed_secret": "h", "line_number": %d, "is_secret": %s}'


def test_of_a_baseline_of_detect_secrets_lines_times_and_versions_say_nothing() -> None:
    def read(entry: str, version: str = "1.5.0") -> dict[str, Any]:
        text = SECRETS % f'{{"a.py": [{entry}]}}'
        return settings(__secrets__baseline=text.replace("1.5.0", version))

    assert read(ENTRY % (3, "false")) == read(ENTRY % (9, "false"), version="1.6.0")
    assert read(ENTRY % (3, "false")) != read(ENTRY % (3, "true"))


@pytest.mark.parametrize("text", ["[]", '{"results": []}', "{", "\udcff"])
def test_a_broken_baseline_of_detect_secrets_is_one_setting(text: str) -> None:
    content = text.encode("utf-8", "surrogateescape")

    found = tool_settings([".secrets.baseline"], lambda _name: content)
    assert list(found) == [".secrets.baseline "]


def test_what_a_file_of_ruff_extends_is_read_as_well_and_circles_end() -> None:
    files = {
        "pyproject.toml": b"[tool.ruff]\nextend = 'conf/base.toml'\n",
        "conf/base.toml": b"extend = '../pyproject.toml'\n[lint]\nignore = ['F401']\n",
    }

    found = tool_settings(tool_files(files), files.get)

    assert found["conf/base.toml ruff"]["lint"] == {"ignore": ["F401"]}
    assert len(found) == 2


def test_above_the_root_every_tool_may_look() -> None:
    files = {"../pyproject.toml": b"[tool.mypy]\nstrict = false\n", "../../ruff.toml": b"a = 1\n"}

    assert tool_files_above(0) == ()
    assert set(tool_settings(tool_files_above(2), files.get)) == {
        "../pyproject.toml [tool.mypy] mypy",
        "../../ruff.toml ruff",
    }


@pytest.mark.parametrize("name", ["pytest.toml", ".pytest.toml"])
def test_pytests_own_toml_files_are_settings(name: str) -> None:
    content = b"[pytest]\naddopts = ['-k', 'not slow']\n"

    found = tool_settings(tool_files([name]), lambda _name: content)

    assert found == {f"{name} pytest": {"pytest": {"addopts": ["-k", "not slow"]}}}
