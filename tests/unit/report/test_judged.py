"""What the judge decides can be stored, read again, and shown."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace

import pytest

from release_gate.judge.decide import decide
from release_gate.judge.types import Docket, DocketGate, PolicyInputs, Report
from release_gate.model import (
    Collected,
    Evidence,
    Examined,
    Limit,
    Limitation,
    Metric,
    Problem,
    Severity,
    percentage,
)
from release_gate.report.outputs import render_all
from release_gate.report.reporters import console
from release_gate.report.store import from_bytes, to_bytes

pytestmark = pytest.mark.unit

FILES = Examined(unit="files", count=3)
LIMIT = Limit(metric="coverage", at_least=Fraction(80))


def evidence(samples: SimpleNamespace) -> dict[str, Evidence | None]:
    new = samples.finding().finding
    info = samples.finding(severity=Severity.INFO).finding
    secret = samples.finding(always_blocks=True).finding
    return {
        "clean": Evidence(examined=FILES, metrics=(percentage("coverage", 4, 5),)),
        "below": Evidence(examined=FILES, metrics=(percentage("coverage", 3, 5),)),
        "no number": Evidence(examined=FILES, metrics=(percentage("coverage", 0, 0),)),
        "no metric": Evidence(examined=FILES),
        "whole number": Evidence(
            examined=FILES, metrics=(Metric(name="coverage", value=90, unit="%"),)
        ),
        "finding": Evidence(examined=FILES, findings=(new, info)),
        "shown only": Evidence(
            examined=FILES, findings=(info,), metrics=(percentage("coverage", 1, 1),)
        ),
        "secret": Evidence(examined=FILES, findings=(secret,)),
        "nothing": Evidence(examined=Examined(unit="files", count=0)),
        "problem": Evidence(examined=FILES, problems=(Problem(what="no output"),)),
        "limitation": Evidence(
            examined=FILES,
            limitations=(Limitation(name="advisories-too-old", detail="too old"),),
            metrics=(percentage("coverage", 1, 1),),
        ),
        "none": None,
    }


def judged(samples: SimpleNamespace, names: tuple[str, ...], *, enforce: bool) -> Report:
    gates = tuple(
        DocketGate(
            gate_id=f"g{index}",
            kind="lint",
            title="t",
            limits=(LIMIT,),
            enforce=enforce or index > 0,
            skip_reason="not now" if name == "skipped" else None,
            inapplicable="no files" if name == "inapplicable" else None,
        )
        for index, name in enumerate(names)
    )
    known = evidence(samples)
    collected = [
        Collected(
            gate_id=f"g{index}",
            evidence=known[name],
            problem=None if known[name] else Problem(what="it crashed"),
        )
        for index, name in enumerate(names)
        if name in known
    ]
    docket = Docket(
        gates=gates,
        subject=samples.passing().subject,
        phase="pre-release",
        tool=samples.passing().tool,
    )
    inputs = PolicyInputs(effective_time=datetime(2026, 1, 2, tzinfo=UTC))
    return decide(docket, collected, inputs)


NAMES = (
    *("clean", "below", "no number", "no metric", "whole number", "finding", "shown only"),
    *("secret", "nothing", "problem", "limitation", "none", "skipped", "inapplicable", "no result"),
)


@pytest.mark.parametrize("enforce", [True, False])
def test_every_verdict_of_the_judge_is_read_as_written(
    enforce: bool, samples: SimpleNamespace
) -> None:
    seen = set()
    for names in [(), *itertools.product(NAMES, repeat=1), *itertools.product(NAMES, repeat=2)]:
        report = judged(samples, names, enforce=enforce)
        again = from_bytes(to_bytes(report))
        assert report.verdict is again.verdict
        assert to_bytes(report) == to_bytes(again)
        seen.add(report.verdict.value)
    assert {"pass", "fail", "error", "inconclusive"} == seen


@pytest.mark.parametrize("name", NAMES)
def test_every_verdict_of_the_judge_can_be_shown(name: str, samples: SimpleNamespace) -> None:
    report = judged(samples, (name, "clean"), enforce=True)
    assert len(render_all(report)) == 3
    text = console.render(report, colour=False, width=80, verbose=True, report_path="r.html")
    assert text.splitlines()[-1].startswith(report.verdict.value.upper())
