"""The screen: short when all is well, to the point when it is not."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from release_gate.report.reporters import console

pytestmark = pytest.mark.unit


def screen(report: Any, *, width: int = 100, colour: bool = False, verbose: bool = False) -> str:
    return console.render(
        report, colour=colour, width=width, verbose=verbose, report_path="build/report.html"
    )


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 11, 50])
def test_a_pass_has_at_most_fifteen_lines(count: int, samples: SimpleNamespace) -> None:
    gates = [samples.gate(f"gate-{index}") for index in range(count)]
    left_out = tuple(
        samples.NotApplicable(gate_id=f"other-{index}", reason="no") for index in range(40)
    )
    notes = tuple(f"note {index}" for index in range(9))
    text = screen(samples.report(*gates, not_applicable=left_out, notes=notes))
    assert len(text.splitlines()) <= 15


def test_failing_gates_come_before_all_others(samples: SimpleNamespace) -> None:
    lines = screen(samples.failing()).splitlines()
    assert [line.strip()[0] for line in lines[2:7]] == ["✘", "✘", "‼", "✘", "✔"]


def test_a_failing_finding_says_what_where_since_when_why_and_what_to_do(
    samples: SimpleNamespace,
) -> None:
    block = screen(samples.failing()).split("\n\n")[2]
    assert block == (
        "security  B602 high · src/orders/export.py:41:5 · new since origin/main (9d1e0fb)\n"
        "    subprocess call with shell=True identified, security issue.\n"
        "    41 │     subprocess.call(cmd, shell=True)\n"
        "    why   shell=True with a value from outside runs whatever the caller sends.\n"
        '    fix   pass a list: subprocess.run(["zip", path], check=True)\n'
        "    but   W-2025-017: ended on 2026-01-01\n"
        "    see   release-gate explain B602 · reproduce: "
        "release-gate run --gate security --path src/orders/export.py"
    )


def test_colour_changes_nothing_but_colour(samples: SimpleNamespace) -> None:
    for make in samples.SAMPLES.values():
        plain = screen(make())
        assert "\x1b" not in plain
        coloured = screen(make(), colour=True)
        if make is not samples.hostile:
            bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
            assert plain == "\n".join(line.rstrip() for line in bare.split("\n"))


@pytest.mark.parametrize("width", [0, 20, 40, 80, 1_000])
def test_prose_keeps_to_the_width(width: int, samples: SimpleNamespace) -> None:
    text = screen(samples.failing(), width=width)
    at_most = max(40, min(width, 120))
    prose = [line for line in text.splitlines() if line.startswith(("    A scan", "    allow"))]
    assert prose
    assert all(len(line) <= at_most for line in prose)


def test_commands_are_never_broken(samples: SimpleNamespace) -> None:
    text = screen(samples.failing(), width=40)
    assert "release-gate run --gate security --path src/orders/export.py" in text


def test_verbose_gives_every_gate_a_row(samples: SimpleNamespace) -> None:
    gates = [samples.gate(f"gate-{index}") for index in range(30)]
    lines = screen(samples.report(*gates), verbose=True).splitlines()
    assert sum("96 files" in line and "✔" in line for line in lines) == 30


def test_a_rule_that_a_shell_would_read_gets_no_command(samples: SimpleNamespace) -> None:
    one = samples.finding(rule_id="$(rm -rf .)", reproduce="")
    gate = samples.gate("security", verdict=samples.Verdict.FAIL, findings=(one,))
    text = screen(samples.report(gate, verdict=samples.Verdict.FAIL))
    assert "explain" not in text
    assert "see " not in text


def test_columns_line_up_with_wide_characters(samples: SimpleNamespace) -> None:
    lines = screen(samples.report(samples.gate("検査"), samples.gate("lint"))).splitlines()
    assert lines[2] == "  ✔ 検査  96 files  0.3 s"
    assert lines[3] == "  ✔ lint  96 files  0.3 s"
