"""No output may say green where another says red."""

from __future__ import annotations

import dataclasses
import itertools
import json
from types import SimpleNamespace

import pytest

from release_gate.judge.types import Report, Verdict
from release_gate.judge.verdicts import exit_code, run_verdict
from release_gate.model import Problem
from release_gate.report.outputs import render_all
from release_gate.report.reporters import console

pytestmark = pytest.mark.unit

ANSWERS = {
    Verdict.PASS: ("GO", 0),
    Verdict.FAIL: ("NO-GO", 1),
    Verdict.ERROR: ("CANNOT SAY", 3),
    Verdict.INCONCLUSIVE: ("CANNOT SAY", 3),
}


def gate_with(samples: SimpleNamespace, name: str, verdict: Verdict) -> object:
    if verdict is Verdict.FAIL:
        return samples.gate(name, verdict=verdict, findings=(samples.finding(),))
    if verdict is Verdict.ERROR:
        problem = Problem(what="the tool said nothing")
        return samples.gate(name, verdict=verdict, problems=(problem,), examined=None)
    return samples.gate(name, verdict=verdict)


def run_of(samples: SimpleNamespace, *verdicts: Verdict, partial: bool = False) -> Report:
    gates = [gate_with(samples, f"g{index}", word) for index, word in enumerate(verdicts)]
    report: Report = samples.report(*gates, verdict=run_verdict(verdicts), partial=partial)
    return report


def screen(report: Report) -> str:
    return console.render(report, colour=False, width=100, verbose=False, report_path="r.html")


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "verdicts",
    [
        (),
        *itertools.combinations_with_replacement(Verdict, 1),
        *itertools.product(Verdict, repeat=2),
    ],
)
def test_every_output_gives_the_same_answer(
    verdicts: tuple[Verdict, ...], partial: bool, samples: SimpleNamespace
) -> None:
    report = run_of(samples, *verdicts, partial=partial)
    answer, code = ANSWERS[report.verdict]
    if partial and report.verdict is Verdict.PASS:
        answer = "PARTIAL PASS"
    files = {name: data.decode() for name, data in render_all(report).items()}
    word = ("PARTIAL " if partial else "") + report.verdict.value.upper()

    assert code == exit_code(report.verdict)
    assert report.verdict.value == json.loads(files["gate.json"])["verdict"]
    assert f"<title>{answer} for orders 1.8.0</title>" in files["report.html"]
    assert f"verdict {word} in 12.4 s · exit code {code}</p>" in files["report.html"]
    assert files["summary.md"].splitlines()[0].split(" ", 2)[2].startswith(f"{answer} for")
    assert f"Verdict {word}, exit code {code}." in files["summary.md"]
    assert screen(report).splitlines()[-1].startswith(f"{word} in 12.4 s")
    assert (f"exit {code}" in screen(report)) == (code != 0 or partial)


def test_a_gate_that_does_not_decide_is_shown_red_and_blocks_nothing(
    samples: SimpleNamespace,
) -> None:
    shown = samples.gate(
        "secrets", verdict=Verdict.FAIL, enforce=False, findings=(samples.finding(),)
    )
    report = samples.report(samples.gate("lint"), shown)
    page = render_all(report)["report.html"].decode()
    assert "GO for orders 1.8.0" in page
    assert "Nothing blocks: 1 gate passed." in page
    assert "secrets (does not decide)" in page
    assert "secrets (does not decide)  B602 high" in screen(report)


def test_a_problem_of_the_run_is_named_everywhere(samples: SimpleNamespace) -> None:
    report = samples.unjudged()
    files = render_all(report)
    for text in (*(data.decode() for data in files.values()), screen(report)):
        assert "lint changed src/orders/a" in text.replace("\\.", ".")
        assert "tree-changed" in text.replace("\\-", "-")


def test_no_output_drops_a_gate(samples: SimpleNamespace) -> None:
    for make in samples.SAMPLES.values():
        report = make()
        if make is samples.hostile:
            continue
        outputs = [data.decode() for data in render_all(report).values()]
        for gate in report.gates:
            for text in (*outputs, screen(report)):
                assert gate.gate_id in text


def test_more_gates_than_a_screen_has_lines_are_still_counted(samples: SimpleNamespace) -> None:
    gates = [samples.gate(f"gate-{index:03d}") for index in range(200)]
    report = dataclasses.replace(samples.report(*gates), reason="200 gates passed")
    assert "200 gates, 96 files" in screen(report)
    assert len(screen(report).splitlines()) <= 15
