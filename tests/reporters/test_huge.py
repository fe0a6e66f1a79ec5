"""Thirty thousand findings: every output stays readable and within its limits."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from release_gate.model import Table
from release_gate.report.outputs import render_all
from release_gate.report.reporters import console, markdown
from release_gate.report.store import from_bytes
from release_gate.report.templating import Templates

pytestmark = pytest.mark.unit

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def huge(samples: SimpleNamespace) -> Any:
    return samples.huge()


@pytest.fixture(scope="module")
def files(huge: Any) -> dict[str, bytes]:
    return render_all(huge)


def test_gate_json_holds_all(huge: Any, files: dict[str, bytes]) -> None:
    assert huge == from_bytes(files["gate.json"])


def test_the_gravest_come_first_and_the_rest_is_counted(files: dict[str, bytes]) -> None:
    page = files["report.html"].decode()
    assert page.count('<article class="card') == 500
    assert "security: 29,500 more in gate.json" in page
    assert page.count('<span class="chip severity-critical">') == 3
    assert len(files["report.html"]) < MIB


def test_the_summary_stays_below_the_limit_of_github(files: dict[str, bytes]) -> None:
    text = files["summary.md"].decode()
    assert len(files["summary.md"]) < MIB
    assert text.index("finding number 8999") < text.index("finding number 0")
    assert "29,800 more in gate.json" in text


@pytest.mark.parametrize("most", [40_000, 5_000, 400])
def test_the_summary_is_cut_to_any_limit(most: int, huge: Any) -> None:
    page = markdown.render(huge, Templates(), most=most)
    assert len(page) <= most
    assert page.startswith("# ✘ NO-GO".encode())
    assert b"gate.json" in page


def test_a_summary_of_endless_texts_is_cut_too(samples: SimpleNamespace) -> None:
    findings = tuple(
        samples.finding(
            line=line, message="x" * 3_900, why="y" * 3_900, excerpt="\n".join(["z" * 290] * 12)
        )
        for line in range(1, 300)
    )
    gate = samples.gate("security", verdict=samples.Verdict.FAIL, findings=findings)
    page = markdown.render(samples.report(gate, verdict=samples.Verdict.FAIL), Templates())
    assert len(page) <= markdown.MOST_BYTES
    assert b" more in gate.json" in page


def test_the_screen_shows_the_first_and_counts_the_rest(huge: Any) -> None:
    text = console.render(huge, colour=False, width=100, verbose=False, report_path="r.html")
    assert text.count("B602 critical") == 3
    assert "29,980 more in r.html" in text
    assert len(text.splitlines()) < 200


def test_every_failing_gate_is_shown_beside_a_huge_one(samples: SimpleNamespace, huge: Any) -> None:
    low = samples.finding(rule_id="E501", severity=samples.Severity.LOW)
    lint = samples.gate("lint", verdict=samples.Verdict.FAIL, findings=(low,))
    both = dataclasses.replace(huge, gates=(huge.gates[0], lint))
    text = console.render(both, colour=False, width=100, verbose=False, report_path="r.html")
    assert "E501 low" in text


def test_long_tables_are_cut(samples: SimpleNamespace) -> None:
    rows = tuple((f"file{index}", "1") for index in range(10_000))
    table = Table(title="Coverage per file", columns=("file", "lines"), rows=rows)
    page = render_all(samples.report(samples.gate("coverage", tables=(table,))))["report.html"]
    assert "9,800 more in gate.json" in page.decode()


def test_an_endless_text_is_cut_in_views_only(samples: SimpleNamespace) -> None:
    gate = samples.gate("lint", reason="r" * 100_000)
    files = render_all(samples.report(gate))
    assert len(files["report.html"]) < 100_000
    assert b"r" * 100_000 in files["gate.json"]
