"""A gate's verdict and the sentence that explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from release_gate.judge.intervals import sentence, unsettled
from release_gate.judge.types import JudgedFinding, JudgedMetric, State, Verdict
from release_gate.judge.verdicts import worse
from release_gate.model import Limitation, Problem

# What a limitation caps a gate's verdict at; one that is not listed caps it at error.
CAPS: Mapping[str, Verdict] = {
    "advisories-too-old": Verdict.INCONCLUSIVE,
    "advisories-undated": Verdict.INCONCLUSIVE,
    "tls-not-verified": Verdict.INCONCLUSIVE,
    "generator-starved": Verdict.INCONCLUSIVE,
    "in-flight-cap": Verdict.INCONCLUSIVE,
    "load-broken-off": Verdict.INCONCLUSIVE,
    "no-samples": Verdict.INCONCLUSIVE,
    "no-load-baseline": Verdict.INCONCLUSIVE,
    "unlike-load-baseline": Verdict.INCONCLUSIVE,
    "control-unreachable": Verdict.INCONCLUSIVE,
    "outage-without-bounds": Verdict.INCONCLUSIVE,
    "canary-held": Verdict.INCONCLUSIVE,
    "no-history": Verdict.INCONCLUSIVE,
}


def gate_verdict(
    findings: Sequence[JudgedFinding],
    metrics: Sequence[JudgedMetric],
    problems: Sequence[Problem],
    limitations: Sequence[Limitation],
    failures: Sequence[str] = (),
    over: Sequence[str] = (),
    unit: str = "samples",
) -> tuple[Verdict, str]:
    """The verdict of a gate that returned evidence, and why.

    Args:
        findings: With their state; enforced are those that block.
        metrics: With their limits.
        problems: What keeps the evidence from being whole.
        limitations: What caps the verdict.
        failures: What else makes it fail, one phrase each.
        over: What is over its budget, one phrase each.
        unit: What was examined, plural.
    """
    failing = [*_blocking(findings, over), *(_missed(one) for one in metrics if one.met is False)]
    failing += failures
    if problems:
        also = f"; besides, {', '.join(failing)}" if failing else ""
        return Verdict.ERROR, f"{first(problems)}{also}"
    if failing:
        return Verdict.FAIL, ", ".join(failing)
    verdict, reason = Verdict.PASS, _passed(findings)
    for limitation in limitations:
        cap = CAPS.get(limitation.name, Verdict.ERROR)
        if worse(verdict, cap) is not verdict:
            verdict, reason = cap, limitation.detail
    open_ = [sentence(item, unit) for item in metrics if unsettled(item)]
    if open_ and verdict is Verdict.PASS:
        verdict, reason = Verdict.INCONCLUSIVE, "; ".join(open_)
    return verdict, reason


def _blocking(findings: Sequence[JudgedFinding], over: Sequence[str]) -> Iterator[str]:
    count = sum(item.enforced for item in findings)
    if count:
        why = f" ({'; '.join(over)})" if over else ""
        yield f"{_plural(count, 'finding blocks', 'findings block')}{why}"


def _missed(item: JudgedMetric) -> str:
    limit = item.limit
    origin = (
        f" ({limit.origin})" if limit is not None and limit.origin.startswith("ratchet") else ""
    )
    return f"{item.metric.name} misses its limit{origin}"


def _passed(findings: Sequence[JudgedFinding]) -> str:
    counts = Counter(item.state for item in findings)
    accepted = [f"{counts[s]} {s}" for s in (State.KNOWN, State.WAIVED) if counts[s]]
    return ", ".join(["nothing new", *accepted])


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} new {one if count == 1 else many}"


def first(problems: Sequence[Problem]) -> str:
    """The first of several problems, and how many more there are."""
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{problems[0].what}{more}"
