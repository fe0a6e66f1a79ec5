"""A rule's id first, then a finding's prefix, then the nearest."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from release_gate.cli.explain import explain
from release_gate.cli.own_rules import OWN_RULES
from release_gate.cli.rules import Rule, rule_book
from release_gate.errors import ToolProblem, UsageError
from release_gate.judge.types import JudgedFinding, State
from release_gate.model import Finding, Identity, Severity
from release_gate.ports import Completed
from release_gate.testing import DirectRunner, ThisToolkit

pytestmark = pytest.mark.unit

BOOK = {
    "b602": (Rule(id="B602", tool="bandit", title="shell", url="https://bandit/b602"),),
    "f401": (Rule(id="F401", tool="ruff", title="unused-import", text="## What it does"),),
    "abcdef": (Rule(id="abcdef", tool="mypy", title="an id that looks like a digest"),),
}


def judged(rule: str, fingerprint: str, **more: Any) -> JudgedFinding:
    values: dict[str, Any] = {"path": "src/a.py", "line": 41, **more}
    finding = Finding(
        tool="bandit",
        rule_id=rule,
        severity=Severity.HIGH,
        message="shell=True",
        identity=Identity(kind="code", key=("x",)),
        **values,
    )
    digest = fingerprint.ljust(64, "0")
    return JudgedFinding(finding=finding, fingerprint=digest, state=State.NEW, enforced=True)


FOUND = [
    judged("B602", "123456aaa", why="it runs", fix="use a list", excerpt="call(x)"),
    judged("own-rule", "123456bbb", path=None, line=None, help_url="https://own"),
    judged("B602", "abcdef"),
]


def test_rule_is_explained_in_the_tools_words_with_its_page() -> None:
    shown = explain("F401", BOOK, [])
    assert shown == "ruff F401: unused-import\n## What it does"
    assert "https://bandit/b602" in explain("b602", BOOK, [])


def test_rule_names_where_it_was_found_last() -> None:
    shown = explain("B602", BOOK, FOUND)
    assert "In the last report (2):" in shown
    assert "src/a.py:41 · new · 123456aaa000" in shown


def test_many_places_are_summed_up() -> None:
    shown = explain("B602", BOOK, [judged("B602", f"{number:06}") for number in range(14)])
    assert shown.endswith("and 4 more")


def test_rule_of_a_gate_of_its_own_is_explained_by_its_finding() -> None:
    shown = explain("OWN-RULE", BOOK, FOUND)
    assert "bandit own-rule: shell=True" in shown
    assert "https://own" in shown


def test_rule_comes_before_a_finding() -> None:
    assert explain("abcdef", BOOK, FOUND).startswith("mypy abcdef")


def test_finding_is_found_by_its_first_digits() -> None:
    shown = explain("123456A", BOOK, FOUND)
    assert "bandit B602 high · src/a.py:41 · new" in shown
    assert "| call(x)" in shown
    assert "use a list" in shown
    assert "https://bandit/b602" in shown


def test_finding_of_a_rule_without_a_page_is_shown_alone() -> None:
    assert "own-rule" in explain("123456bbb", BOOK, FOUND)


def test_ambiguous_prefix_lists_the_findings() -> None:
    with pytest.raises(UsageError) as caught:
        explain("123456", BOOK, FOUND)
    assert caught.value.what == "2 findings begin with 123456"
    assert caught.value.remedy == "one of 123456aaa000, 123456bbb000"


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("B603", "did you mean B602"),
        ("F40", "did you mean F401"),
        ("own-rul", "did you mean own-rule"),
        ("zzzzzzzzzzzz", "no known rule"),
        ("99999999", "no finding of the last report begins so"),
        ("12345", "no known rule"),
        ("", "no known rule"),
    ],
)
def test_unknown_is_a_usage_error_with_the_nearest(what: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        explain(what, BOOK, FOUND)


def test_book_knows_the_rules_of_the_real_tools(tmp_path: Path) -> None:
    runner = DirectRunner(root=tmp_path, log=tmp_path / "log")
    book = rule_book(runner, ThisToolkit(python=Path(sys.executable)))
    assert book["f401"][0].title == "unused-import"
    assert book["unused-import"][0].id == "F401"
    assert "shell" in book["b602"][0].url
    assert book["arg-type"][0].url.endswith("#code-arg-type")
    assert book["aws-access-key"][0].title == "AWS Access Key"
    assert "random-looking hex" in book["hex-high-entropy-string"][0].text
    assert explain("Unformatted", book, []) == (
        "release-gate unformatted: the formatter would change the file\n"
        "Gate lint. Run ruff format, or black where the project uses it, and commit the result."
    )
    assert {one.id for one in OWN_RULES} <= set(book)


# The pages with a table of findings.
GATES = ("coverage", "secrets", "dependencies")
PAGES = Path(__file__).resolve().parents[3] / "docs/reference/gates"


@pytest.mark.parametrize("gate", GATES)
def test_every_own_rule_on_a_page_is_in_the_book_and_the_reverse(gate: str) -> None:
    """Rows of the page's table of findings; ``-skipped`` goes on where the id before it began."""
    page = (PAGES / f"{gate}.md").read_text("utf-8").partition("## Findings\n")[2]
    rows = [line.split("|")[1] for line in page.partition("\n## ")[0].splitlines() if "| `" in line]
    named = set()
    for row in rows:
        first, *more = re.findall(r"`([a-z-]+)`", row) if row.startswith(" `") else [""]
        stem = first.rpartition("-")[0]
        named |= {first, *(stem + one if one.startswith("-") else one for one in more)}
    own = {one.id for one in OWN_RULES if one.gate == gate}
    of_a_tool = {"", "base64-high-entropy-string", "hex-high-entropy-string"}
    assert named - of_a_tool == own


def test_every_own_rule_is_one_that_a_gate_reports() -> None:
    code = PAGES.parents[2] / "src/release_gate"
    folders = (PAGES.parents[2] / "gates", code / "subjects", code / "judge")
    source = "".join(one.read_text("utf-8") for root in folders for one in root.rglob("*.py"))
    # Those of required-tests are put together of this and of what the test did, those of a canary
    # of the rule, without the name of the check or the number that it is about.
    words = [one.id.removeprefix("required-test-").removeprefix("canary-") for one in OWN_RULES]
    unknown = [word for word in words if f'"{word}"' not in source and f'"{word} ' not in source]
    assert unknown == []


class Answering:
    def __init__(self, stdout: bytes) -> None:
        self.stdout = stdout

    def run(self, argv: Any, **_: Any) -> Completed:
        return Completed(
            argv=tuple(argv), exit_code=0, stdout=self.stdout, stderr=b"", duration_s=0, log=Path()
        )


@pytest.mark.parametrize(
    "stdout", [b"", b"{}", b"[]", b"[1]", json.dumps([{"code": "F401"}]).encode(), b"[{"]
)
def test_tool_that_does_not_answer_is_an_error(stdout: bytes) -> None:
    with pytest.raises(ToolProblem, match="ruff did not list its rules"):
        rule_book(Answering(stdout), ThisToolkit())
