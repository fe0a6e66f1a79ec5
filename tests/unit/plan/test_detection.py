"""Which folders ship, where nobody says so."""

from __future__ import annotations

import pytest

from release_gate.plan.detection import detect_source
from release_gate.ports import FileEntry

pytestmark = pytest.mark.unit


def entries(*paths: str) -> list[FileEntry]:
    return [FileEntry(path=path, tracked=True, size=1) for path in paths]


@pytest.mark.parametrize(
    ("paths", "source"),
    [
        ([], ()),
        (["README.md", "docs/conf.py", "setup.py", "tests/test_a.py"], ()),
        (["src/shop/__init__.py", "tools/x.py", "other/__init__.py"], ("src",)),
        (["src/shop.py"], ("src",)),
        (["src/main.rs", "shop/__init__.py"], ("shop",)),
        (["shop/__init__.py", "tests/__init__.py", "docs/__init__.py"], ("shop",)),
        (["b/__init__.py", "a/__init__.py", "a/c/__init__.py"], ("a", "b")),
        (["shop.py", "noxfile.py", "conftest.py", "test_shop.py", "shop_test.py"], ("shop.py",)),
        (["app/__init__.py", "main.py"], ("app", "main.py")),
        (["app/main.py", "tests/test_main.py", "migrations/env.py"], ("app",)),
        ([".github/x.py", "_internal/__init__.py", "scripts/run.py"], ()),
        (["shop/__init__.pyi"], ("shop",)),
    ],
)
def test_source_by_layout(paths: list[str], source: tuple[str, ...]) -> None:
    assert detect_source(entries(*paths)).paths == source


def test_test_folders_are_named() -> None:
    found = detect_source(entries("src/a.py", "tests/test_a.py", "test/data.txt"))

    assert found.tests == ("tests",)


def test_what_is_no_regular_file_does_not_count() -> None:
    link = FileEntry(path="shop/__init__.py", tracked=True, size=1, kind="symlink")

    assert detect_source([link]).paths == ()
