"""What a project's own files say, read as text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import pytest

from release_gate.plan.facts import Facts, literal, python_is_too_old, read_facts

pytestmark = pytest.mark.unit


def facts(pyproject: str = "", files: Mapping[str, str] | None = None) -> Facts:
    return read_facts(tomllib.loads(pyproject), (files or {}).get)


HATCH = "[tool.hatch.version]\npath = 'src/shop/__about__.py'\n"


@pytest.mark.parametrize(
    ("pyproject", "files", "version"),
    [
        ("", {}, None),
        ("[project]\nversion = '1.2'\n", {}, "1.2"),
        ("[project]\nversion = 3\n", {}, None),
        ("project = 3\n", {}, None),
        ("[tool.poetry]\nversion = '2.0'\n", {}, "2.0"),
        (HATCH, {"src/shop/__about__.py": "x = 1\n__version__ = 'v1.5'\n"}, "1.5"),
        (HATCH, {"src/shop/__about__.py": '__version__: str = "1.5"\n'}, "1.5"),
        (HATCH, {"src/shop/__about__.py": "__version__ = compute()\n"}, None),
        (HATCH, {}, None),
        (HATCH + "pattern = 'V=(?P<version>.+)'\n", {"src/shop/__about__.py": "V=7"}, "7"),
        (HATCH + "pattern = 'V=(.+)'\n", {"src/shop/__about__.py": "V=7"}, None),
        (HATCH + "pattern = '('\n", {"src/shop/__about__.py": "V=7"}, None),
        ("[tool.pdm.version]\nsource='file'\npath='v.py'\n", {"v.py": "__version__='8'"}, "8"),
        ("[tool.pdm.version]\nsource='scm'\npath='v.py'\n", {"v.py": "__version__='8'"}, None),
        (
            "[tool.setuptools.dynamic]\nversion = { attr = 'shop.VERSION' }\n",
            {"src/shop/__init__.py": "import os\nVERSION: str = '4'\n"},
            "4",
        ),
        (
            "[tool.setuptools.dynamic]\nversion = { attr = 'shop.meta.VERSION' }\n",
            {"shop/meta.py": "VERSION = '5'\n"},
            "5",
        ),
        ("[tool.setuptools.dynamic]\nversion = { attr = 'shop.VERSION' }\n", {}, None),
        ("[tool.setuptools.dynamic]\nversion = { file = 'V' }\n", {"V": "\n6\n"}, "6"),
        ("[tool.setuptools.dynamic]\nversion = { file = ['V'] }\n", {"V": "6\n7"}, "6"),
        ("[tool.setuptools.dynamic]\nversion = { file = [] }\n", {"V": "6"}, None),
        ("[tool.setuptools.dynamic]\nversion = { file = 'V' }\n", {"V": " \n"}, None),
        ("", {"setup.cfg": "[metadata]\nversion = 9\n"}, "9"),
        ("", {"setup.cfg": "[metadata]\nversion = attr: a.V\n", "a.py": "V = '10'"}, "10"),
        ("", {"setup.cfg": "[metadata]\nversion = file: V\n", "V": "11"}, "11"),
        ("", {"setup.cfg": "no section\n"}, None),
    ],
)
def test_version(pyproject: str, files: dict[str, str], version: str | None) -> None:
    assert facts(pyproject, files).version == version


@pytest.mark.parametrize(
    ("pyproject", "files", "name"),
    [
        ("", {}, None),
        ("[project]\nname = 'shop'\n", {}, "shop"),
        ("[tool.poetry]\nname = 'shop'\n", {}, "shop"),
        ("", {"setup.cfg": "[metadata]\nname = shop\n"}, "shop"),
        ("[project]\nname = ' '\n", {}, None),
    ],
)
def test_name(pyproject: str, files: dict[str, str], name: str | None) -> None:
    assert facts(pyproject, files).name == name


@pytest.mark.parametrize(
    ("pyproject", "files", "python"),
    [
        ("", {}, None),
        ("[project]\nrequires-python = '>=3.11'\n", {}, ">=3.11"),
        ("[tool.poetry.dependencies]\npython = '^3.11'\n", {}, ">=3.11,<4"),
        ("[tool.poetry.dependencies]\npython = '~3.11.4'\n", {}, ">=3.11,<3.12"),
        ("[tool.poetry.dependencies]\npython = '>=3.10,<4'\n", {}, ">=3.10,<4"),
        ("", {"setup.cfg": "[options]\npython_requires = >=3.9\n"}, ">=3.9"),
    ],
)
def test_requires_python(pyproject: str, files: dict[str, str], python: str | None) -> None:
    assert facts(pyproject, files).requires_python == python


@pytest.mark.parametrize(
    ("python", "requires", "expected"),
    [
        ((3, 11), ">=3.11", False),
        ((3, 11), ">=3.11.4", False),
        ((3, 11), ">=3.12", True),
        ((3, 13), "<3.12", False),
        ((3, 11), "!=3.11.*,>=3.11", True),
        ((3, 11), "==3.12.*", True),
        ((3, 11), "nonsense", None),
        ((3, 11), ">=2.7", False),
        ((3, 11), "<3", False),
    ],
)
def test_an_interpreter_older_than_any_allowed_one(
    python: tuple[int, int], requires: str, expected: object
) -> None:
    assert python_is_too_old(python, requires) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("V = '1'", "1"),
        ("V = 1", None),
        ("V = '1' + '2'", None),
        ("def f(): V = '1'", None),
        ("V: str", None),
        ("a.V = '1'", None),
        ("(", None),
        ("\0", None),
        ("", None),
    ],
)
def test_only_a_literal_at_the_top_counts(source: str, expected: str | None) -> None:
    assert literal(source, "V") == expected
