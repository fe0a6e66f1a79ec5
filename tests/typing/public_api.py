"""Not a test of behaviour: mypy in strict mode must agree with every line of this file."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import assert_type

from release_gate.api import (
    Context,
    Evidence,
    Examined,
    Finding,
    Gate,
    Inputs,
    Limit,
    Metric,
    Project,
    Settings,
    percentage,
)
from release_gate.judge.types import GateResult, Verdict
from release_gate.testing import collect, judge


class Own(Settings, frozen=True, kw_only=True):
    """Settings of a third party's gate."""

    most: int = 1


def _collect(ctx: Context, settings: Own) -> Evidence:
    done = ctx.runner.run(["true"])
    assert_type(done.stdout, bytes)
    assert_type(ctx.project.source, tuple[str, ...])
    assert_type(settings.most, int)
    return Evidence(examined=Examined(unit="files", count=1))


def _limits(settings: Own, project: Project) -> tuple[Limit, ...]:
    return (Limit(metric="share", at_least=Fraction(settings.most)),)


GATE = Gate(
    kind="own",
    title="A gate of a third party",
    settings=Own,
    applies=lambda _project, _settings: None,
    collect=_collect,
    limits=_limits,
    inputs=lambda _project, _settings: Inputs(files=()),
)

assert_type(GATE, Gate[Own])
assert_type(GATE.collect, Callable[[Context, Own], Evidence])
assert_type(percentage("share", 1, 2), Metric)


def use(folder: Path) -> tuple[tuple[Finding, ...], Verdict]:
    """What a test of such a gate sees."""
    evidence = collect(GATE, folder, {"a.py": ""})
    assert_type(evidence, Evidence)
    result = judge(GATE, folder, {"a.py": ""})
    assert_type(result, GateResult)
    return evidence.findings, result.verdict
