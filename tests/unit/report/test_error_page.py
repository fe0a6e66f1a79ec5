"""Every slug that a user can be shown has its section in docs/reference/errors.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from release_gate import errors

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "errors.md"


def slugs_in(tree: ast.AST) -> Iterator[str]:
    """Literals that are passed as ``slug=`` or assigned to a name with slug in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "slug":
            yield from literals(node.value)
        if isinstance(node, ast.AnnAssign | ast.Assign):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            if any("slug" in name.lower() for name in names) and node.value is not None:
                yield from literals(node.value)


def literals(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def all_slugs() -> set[str]:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "gates").glob("*.py")]
    found = {slug for file in files for slug in slugs_in(ast.parse(file.read_text("utf-8")))}
    return {slug for slug in found if re.fullmatch("[a-z]+(-[a-z]+)*", slug)}


def sections() -> dict[str, str]:
    parts = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in parts}


def test_the_slugs_are_found() -> None:
    assert {"usage", "evidence-not-whole", "nothing-examined", "dirty-tree"} <= all_slugs()
    assert "report-unreadable" in set(slugs_in(ast.parse("class A:\n slug = 'report-unreadable'")))
    assert sorted(slugs_in(ast.parse("f(slug='a' if x else 'b')"))) == ["a", "b"]


def test_every_slug_has_its_section() -> None:
    assert set() == all_slugs() - set(sections())


def test_no_section_is_about_nothing() -> None:
    assert set() == set(sections()) - all_slugs()


def test_every_section_says_what_happened_and_what_to_do() -> None:
    for slug, text in sections().items():
        assert re.search(r"^\*\*What to do\.\*\* ", text, re.MULTILINE), slug
        assert len(text.split("\n\n")) >= 2, slug


def test_the_page_gives_each_error_its_exit_code() -> None:
    texts = sections()
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.ReleaseGateError):
            assert f"Exit code {kind.exit_code}" in texts[kind.slug], kind.slug


def test_the_index_is_in_order() -> None:
    names = list(sections())
    assert len(names) == len(set(names))
