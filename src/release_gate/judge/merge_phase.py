"""The reports of one phase in one environment: whether they make a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from release_gate.judge.needs import NamedReport
from release_gate.judge.types import GateResult, Report, Verdict
from release_gate.judge.verdicts import run_verdict, worse
from release_gate.model import Problem
from release_gate.trust import Need


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseGroup:
    """Reports of one phase.

    Args:
        phase: Its name.
        environment: Its environment, if one was chosen.
        reports: At least one, by time.
    """

    phase: str
    environment: str | None
    reports: tuple[NamedReport, ...]

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.phase} in {self.environment}" if self.environment else self.phase

    @property
    def started_at(self) -> str:
        """When the first of them began."""
        return self.reports[0].report.started_at

    def planned(self) -> tuple[str, ...]:
        """Every gate that any of them says is expected, in order."""
        return tuple(dict.fromkeys(gate for one in self.reports for gate in _planned(one.report)))

    def needs(self) -> tuple[Need, ...]:
        """What has to pass before, as any of them says."""
        return tuple(sorted({need for one in self.reports for need in one.report.needs}))

    def gates(self) -> tuple[GateResult, ...]:
        """One result for each gate; of several the worst, of a missing one an error."""
        found: dict[str, GateResult] = {}
        for one in self.reports:
            for gate in one.report.gates:
                if gate.gate_id not in found or _is_worse(gate, found[gate.gate_id]):
                    found[gate.gate_id] = gate
        missing = [one for one in self.planned() if one not in found]
        ordered = [*self.planned(), *(one for one in found if one not in self.planned())]
        every = {**found, **{one: missing_gate(one, self.phase) for one in missing}}
        return tuple(every[one] for one in ordered)

    def whole(self) -> Report:
        """All of them as one report."""
        first, gates = self.reports[0].report, self.gates()
        verdict = run_verdict(gate.verdict for gate in gates if gate.enforce)
        if any(self.problems()):
            verdict = worse(verdict, Verdict.ERROR)
        artifacts = {item for one in self.reports for item in one.report.subject.artifacts}
        return replace(
            first,
            verdict=verdict,
            partial=False,
            gates=gates,
            expected=tuple(gate.gate_id for gate in gates),
            subject=replace(
                first.subject,
                artifacts=tuple(sorted(artifacts, key=lambda one: (one.name, one.sha256))),
            ),
        )

    def problems(self) -> Iterator[Problem]:
        """What is missing, twice or not planned, and what was wrong with each run as a whole."""
        yield from self._missing()
        yield from self._twice()
        yield from self._disagreements()
        yield from self._unplanned()
        for one in self.reports:
            for problem in one.report.problems:
                yield replace(problem, what=f"{one.name}: {problem.what}")

    def _missing(self) -> Iterator[Problem]:
        there = {gate.gate_id for one in self.reports for gate in one.report.gates}
        for gate_id in self.planned():
            if gate_id not in there:
                yield Problem(
                    what=f"there is no part of gate {gate_id}, which {self.name} expects",
                    remedy=f"Its job may have ended early: release-gate run --gate {gate_id}",
                    slug="part-missing",
                )

    def _twice(self) -> Iterator[Problem]:
        by_gate: dict[str, list[NamedReport]] = {}
        for one in self.reports:
            for gate in one.report.gates:
                by_gate.setdefault(gate.gate_id, []).append(one)
        pairs: dict[tuple[str, str], list[str]] = {}
        same = set()
        for gate_id, members in by_gate.items():
            for one, other in pairwise(members):
                pair = (one.name, other.name)
                pairs.setdefault(pair, []).append(gate_id)
                if one.report.started_at == other.report.started_at:
                    same.add(pair)
        for (one_name, other_name), gate_ids in pairs.items():
            why = (
                "the same part twice"
                if (one_name, other_name) in same
                else f"{other_name} began later, as a retry does"
            )
            yield Problem(
                what=f"{', '.join(gate_ids)} of {self.name} stands in {one_name} and in "
                f"{other_name}: {why}",
                remedy="Keep one of them: empty the folder before a job is tried again.",
                slug="part-twice",
            )

    def _disagreements(self) -> Iterator[Problem]:
        reports = [one.report for one in self.reports]
        said: dict[str, set[object]] = {
            "which gates are expected": {tuple(sorted(_planned(one))) for one in reports},
            "the base they were compared with": {one.base.commit for one in reports},
            "the version of release-gate": {one.tool.version for one in reports},
        }
        for what, values in said.items():
            if len(values) > 1:
                names = ", ".join(one.name for one in self.reports)
                yield Problem(
                    what=f"the parts of {self.name} do not agree on {what}: {names}",
                    remedy="Make all of them anew from the same files and options.",
                    slug="foreign-part",
                )

    def _unplanned(self) -> Iterator[Problem]:
        for one in self.reports:
            for gate in one.report.gates:
                if gate.gate_id not in _planned(one.report):
                    yield Problem(
                        what=f"{one.name} holds gate {gate.gate_id}, which {self.name} does not "
                        "expect",
                        remedy="Leave it out, or put the gate on the list of the phase.",
                        slug="foreign-gate",
                    )


def missing_gate(gate_id: str, phase: str) -> GateResult:
    """The result of a gate of which no part came."""
    problem = Problem(what="no part of it came", slug="part-missing")
    return GateResult(
        gate_id=gate_id,
        kind=gate_id,
        title=gate_id,
        phase=phase,
        verdict=Verdict.ERROR,
        reason=problem.what,
        problems=(problem,),
    )


def _planned(report: Report) -> tuple[str, ...]:
    """A whole report of an earlier release says it with its results; a part has to say it."""
    return report.planned or report.expected


def _is_worse(one: GateResult, other: GateResult) -> bool:
    ranks = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.SKIPPED, Verdict.PASS)
    return ranks.index(one.verdict) < ranks.index(other.verdict)
