"""The gate of the how-to page, taken from the page, runs as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "own-gate.md"


def examples(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


@pytest.mark.parametrize(("word", "code", "verdict"), [("FIXME", 0, "pass"), ("TODO", 1, "fail")])
def test_the_gate_of_the_page_runs_as_it_says(
    scratch: object, word: str, code: int, verdict: str
) -> None:
    root: Path = scratch.root  # type: ignore[attr-defined]  # the fixture's class is not importable
    (root / "gates").mkdir()
    (root / "gates" / "todo.py").write_text(examples("python")[0])
    (root / "src").mkdir()
    (root / "src" / "a.py").write_text("x = 1  # TODO later\n")
    (toml,) = examples("toml")
    table = toml.replace("[tool.release-gate]\n", '[tool.release-gate]\nexpected = ["todo"]\n')
    (root / "pyproject.toml").write_text(table.replace("FIXME", word))
    done = scratch.run("run", "--no-cache")  # type: ignore[attr-defined]  # as above
    assert done.returncode == code, done.stdout + done.stderr
    (gate,) = scratch.report()["gates"]  # type: ignore[attr-defined]  # as above
    assert (gate["verdict"], gate["examined"]["count"]) == (verdict, 1)


def test_the_test_of_the_page_passes(tmp_path: Path) -> None:
    space: dict[str, object] = {}
    gate, test = examples("python")
    exec(compile(gate, "todo.py", "exec"), space)  # noqa: S102 - our own page
    exec(compile(test, "test_todo.py", "exec"), space)  # noqa: S102 - our own page
    run = space["test_an_open_end_fails"]
    assert callable(run)
    run(tmp_path)
