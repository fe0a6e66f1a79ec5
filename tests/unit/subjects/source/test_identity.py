"""Identity of a finding in code: what changes it and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.source.identity import SourceFiles, code_identity
from release_gate.testing import project

pytestmark = pytest.mark.unit

SOURCE = "def run(text):\n    return eval(text)\n"


def sources(root: Path, text: str) -> SourceFiles:
    return SourceFiles(project(root, {"a.py": text}))


def test_the_key_is_the_line_without_white_space_and_its_symbol(tmp_path: Path) -> None:
    identity = code_identity(project(tmp_path, {"a.py": SOURCE}), "a.py", 2)
    assert (identity.kind, identity.key) == ("code", ("returneval(text)", "run"))


@pytest.mark.parametrize("above", ["", "import os\n", "X = 1\n\n\n# a comment\n"])
@pytest.mark.parametrize("indent", ["    ", "\t", "  "])
def test_code_that_moves_or_is_indented_anew_keeps_its_identity(
    tmp_path: Path, above: str, indent: str
) -> None:
    text = above + SOURCE.replace("    ", indent)
    line = text.count("\n")
    assert sources(tmp_path, text).identity("a.py", line).key == ("returneval(text)", "run")


def test_another_symbol_makes_another_identity(tmp_path: Path) -> None:
    one = sources(tmp_path, SOURCE).identity("a.py", 2)
    two = sources(tmp_path, SOURCE.replace("run", "walk")).identity("a.py", 2)
    assert one != two


@pytest.mark.parametrize("line", [None, 0, 3, 99])
def test_a_line_that_is_not_there_has_an_empty_key(tmp_path: Path, line: int | None) -> None:
    assert sources(tmp_path, SOURCE).identity("a.py", line).key == ("", "")


def test_a_file_that_went_away_has_an_empty_key_and_no_excerpt(tmp_path: Path) -> None:
    source = sources(tmp_path, SOURCE)
    (tmp_path / "a.py").unlink()
    assert (source.identity("a.py", 1).key, source.excerpt("a.py", 1)) == (("", ""), "")


def test_a_file_is_read_once(tmp_path: Path) -> None:
    source = sources(tmp_path, SOURCE)
    before = source.identity("a.py", 2)
    (tmp_path / "a.py").write_text("changed\n", encoding="utf-8")
    assert (before, "run") == (source.identity("a.py", 2), source.symbol("a.py", 2))


def test_a_symbol_can_be_asked_for_first(tmp_path: Path) -> None:
    assert sources(tmp_path, SOURCE).symbol("a.py", 1) == "run"


def test_a_secret_is_known_by_a_keyed_hash(tmp_path: Path) -> None:
    source = sources(tmp_path, "password = 'hunter2'\n")
    one = source.secret_identity("a.py", 1, b"one")
    two = source.secret_identity("a.py", 1, b"two")
    assert (one.kind, len(one.key[0])) == ("secret", 64)
    assert one != two
    assert "hunter2" not in repr(one)


@given(name=st.sampled_from(["a", "b"]), blank=st.integers(0, 5))
def test_neighbours_do_not_change_identity(
    tmp_path_factory: pytest.TempPathFactory, name: str, blank: int
) -> None:
    root = tmp_path_factory.mktemp("p")
    text = "\n" * blank + f"{name} = eval(1)\n"
    assert (f"{name}=eval(1)", "") == sources(root, text).identity("a.py", blank + 1).key
