"""Two reports side by side: which verdicts differ, and the first cause of each difference.

A cause is something recorded that differs and that the gate depends on. They are named in a
fixed order, the most telling first: who looked (tools), how (settings), against what (base,
policy), at what (files, environment variables, data), and where (platform).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from release_gate.judge.types import GateResult, Report, State, Verdict
from release_gate.model import Fact, Surroundings


class CauseKind(StrEnum):
    """What kind of thing differs, in the order in which causes are named."""

    TOOL = "tool version"
    SETTINGS = "settings"
    BASE = "base"
    POLICY = "policy"
    FILES = "file set"
    VARIABLE = "environment variable"
    DATA = "data"
    PLATFORM = "platform"
    TIME = "effective time"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One recorded thing that differs.

    Args:
        kind: What kind of thing.
        what: Its name and both values, one line.
    """

    kind: CauseKind
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GateDifference:
    """One gate that does not stand the same in both reports.

    Args:
        gate_id: The gate.
        verdicts: In the first and in the second report; ``None``: not in it.
        reasons: Of both verdicts.
        causes: What differs for this gate, the first cause first; never empty.
        only_first: Findings that count in the first report alone, as ``rule path``.
        only_second: Findings that count in the second report alone.
    """

    gate_id: str
    verdicts: tuple[Verdict | None, Verdict | None]
    reasons: tuple[str, str]
    causes: tuple[Cause, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What differs between two reports.

    Args:
        verdicts: Of both runs.
        reasons: Why, of both.
        gates: Gates whose verdicts differ, sorted by id.
        silent: Recorded differences that changed no verdict, by gate.
    """

    verdicts: tuple[Verdict, Verdict]
    reasons: tuple[str, str]
    gates: tuple[GateDifference, ...]
    silent: Mapping[str, tuple[Cause, ...]]

    @property
    def same(self) -> bool:
        """Whether both runs and all their gates have the same verdicts."""
        return not self.gates and self.verdicts[0] is self.verdicts[1]


Listing = Mapping[str, Mapping[str, str]]
"""For each gate, the object id of each file that it was to read, by path."""


def compare(
    first: Report, second: Report, listings: tuple[Listing, Listing] = ({}, {})
) -> Comparison:
    """Which verdicts differ between two reports, and why.

    Args:
        first: For example of the developer's machine.
        second: For example of the CI.
        listings: The files of both, where they were kept; with them a file is named.
    """
    left, right = ({gate.gate_id: gate for gate in report.gates} for report in (first, second))
    differing, silent = [], {}
    for gate_id in sorted(left.keys() | right.keys()):
        pair = (left.get(gate_id), right.get(gate_id))
        files = (listings[0].get(gate_id, {}), listings[1].get(gate_id, {}))
        causes = tuple(_causes((first, second), pair, files))
        if _verdict(pair[0]) is not _verdict(pair[1]):
            differing.append(_difference(gate_id, pair, causes))
        elif causes:
            silent[gate_id] = causes
    return Comparison(
        verdicts=(first.verdict, second.verdict),
        reasons=(first.reason, second.reason),
        gates=tuple(differing),
        silent=silent,
    )


def _difference(
    gate_id: str, pair: tuple[GateResult | None, GateResult | None], causes: tuple[Cause, ...]
) -> GateDifference:
    only_first, only_second = _findings(*pair)
    none = Cause(
        kind=CauseKind.UNKNOWN,
        what="nothing recorded differs: the gate's outcome depends on time, chance or a service",
    )
    return GateDifference(
        gate_id=gate_id,
        verdicts=(_verdict(pair[0]), _verdict(pair[1])),
        reasons=(_reason(pair[0]), _reason(pair[1])),
        causes=causes or (none,),
        only_first=only_first,
        only_second=only_second,
    )


def _verdict(gate: GateResult | None) -> Verdict | None:
    return gate.verdict if gate else None


def _reason(gate: GateResult | None) -> str:
    return gate.reason if gate else "not in this report"


def _findings(
    first: GateResult | None, second: GateResult | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    left, right = _counting(first), _counting(second)
    return (
        tuple(sorted(left[key] for key in left.keys() - right.keys())),
        tuple(sorted(right[key] for key in right.keys() - left.keys())),
    )


def _counting(gate: GateResult | None) -> dict[str, str]:
    findings = gate.findings if gate else ()
    return {
        item.fingerprint: f"{item.finding.rule_id} {item.finding.path or '-'}"
        for item in findings
        if item.state is State.NEW
    }


def _causes(
    reports: tuple[Report, Report],
    pair: tuple[GateResult | None, GateResult | None],
    listed: tuple[Mapping[str, str], Mapping[str, str]],
) -> Iterator[Cause]:
    left, right = pair
    if left is None or right is None:
        yield from _settings_of_runs(*reports)
        return
    yield from _tools(reports, left, right)
    a, b = left.surroundings, right.surroundings
    yield from _facts(CauseKind.SETTINGS, a.settings, b.settings)
    yield from _pair(
        CauseKind.BASE, "base", _commit(reports[0].base.commit), _commit(reports[1].base.commit)
    )
    yield from _pair(
        CauseKind.POLICY,
        "configuration, baseline and waivers",
        reports[0].policy_digest[:12],
        reports[1].policy_digest[:12],
    )
    yield from _files(reports, (a, b), listed)
    yield from _facts(CauseKind.VARIABLE, a.variables, b.variables)
    yield from _facts(CauseKind.DATA, left.data, right.data)
    yield from _places(reports)


def _settings_of_runs(first: Report, second: Report) -> Iterator[Cause]:
    yield from _pair(CauseKind.TOOL, "release-gate", first.tool.version, second.tool.version)
    yield from _pair(CauseKind.SETTINGS, "phase", first.phase, second.phase)
    yield from _pair(
        CauseKind.SETTINGS,
        "environment",
        first.subject.environment or "none",
        second.subject.environment or "none",
    )
    if first.partial or second.partial:
        yield from _pair(CauseKind.SETTINGS, "gates asked for", _extent(first), _extent(second))
    yield from _pair(
        CauseKind.POLICY,
        "configuration, baseline and waivers",
        first.policy_digest[:12],
        second.policy_digest[:12],
    )
    yield from _pair(CauseKind.FILES, "tree", first.subject.tree[:12], second.subject.tree[:12])


def _extent(report: Report) -> str:
    return "some" if report.partial else "all"


def _tools(reports: tuple[Report, Report], left: GateResult, right: GateResult) -> Iterator[Cause]:
    first, second = (
        {(run.name, run.home): run.version for run in gate.tools} for gate in (left, right)
    )
    for key in sorted(first.keys() | second.keys()):
        name = key[0] if key[1] == "toolkit" else f"{key[0]} of the {key[1]} environment"
        yield from _pair(
            CauseKind.TOOL, name, first.get(key, "did not run"), second.get(key, "did not run")
        )
    yield from _pair(
        CauseKind.TOOL, "release-gate", reports[0].tool.version, reports[1].tool.version
    )


def _files(
    reports: tuple[Report, Report],
    pair: tuple[Surroundings, Surroundings],
    listed: tuple[Mapping[str, str], Mapping[str, str]],
) -> Iterator[Cause]:
    if pair[0].files == pair[1].files:
        return
    before, after = listed
    named = sorted(before.keys() | after.keys()) if before and after else []
    differing = [name for name in named if before.get(name) != after.get(name)]
    if differing:
        more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
        said = _said_of(differing[0], before, after)
        yield Cause(kind=CauseKind.FILES, what=f"{differing[0]}: {said}{more}")
        return
    first, second = (_tree(report) for report in reports)
    what = "the files that it read differ" if first == second else f"{first} and {second}"
    yield Cause(kind=CauseKind.FILES, what=what)


def _said_of(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    if name not in before:
        return "only in the second"
    return "other content" if name in after else "only in the first"


def _tree(report: Report) -> str:
    changed = " with changes" if report.subject.dirty else ""
    return f"commit {_commit(report.subject.commit)}{changed}"


def _places(reports: tuple[Report, Report]) -> Iterator[Cause]:
    first, second = (report.tool for report in reports)
    yield from _pair(CauseKind.PLATFORM, "Python", first.python, second.python)
    yield from _pair(CauseKind.PLATFORM, "system", first.platform, second.platform)
    days = [report.effective_time[:10] for report in reports]
    yield from _pair(CauseKind.TIME, "judged at", *days)


def _facts(kind: CauseKind, first: Sequence[Fact], second: Sequence[Fact]) -> Iterator[Cause]:
    left, right = ({fact.name: fact.value for fact in facts} for facts in (first, second))
    for name in sorted(left.keys() | right.keys()):
        yield from _pair(kind, name, left.get(name, "not set"), right.get(name, "not set"))


def _pair(kind: CauseKind, name: str, first: str, second: str) -> Iterator[Cause]:
    if first != second:
        yield Cause(kind=kind, what=f"{name}: {first} in the first, {second} in the second")


def _commit(commit: str | None) -> str:
    return commit[:12] if commit else "none"
