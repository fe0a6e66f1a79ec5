"""The whole audit: every pin asked for, answered and reported, or named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from release_gate.errors import ToolProblem
from release_gate.model import Finding, Limitation, Problem, ToolRun
from release_gate.ports import Context
from release_gate.subjects.advisories import pip_audit, vulnerabilities
from release_gate.subjects.advisories.osv import Advisory
from release_gate.subjects.advisories.pip_audit import Auditor, Key, Question, Vulnerability
from release_gate.subjects.advisories.server import Server
from release_gate.subjects.advisories.sources import VARIABLE, Opened
from release_gate.subjects.advisories.vulnerabilities import Place
from release_gate.subjects.locks.before import Before, before
from release_gate.subjects.locks.types import Lock, Pin, Unpinned
from release_gate.subjects.locks.why import why
from release_gate.subjects.source.text import counted

_UPGRADES = {
    "uv": "uv lock --upgrade-package {name}=={version}",
    "poetry": "poetry update {name}",
    "requirements": "require {name}>={version} and compile the file anew",
}
_ADVICE = (
    f"A scan without data is not a pass. Set {VARIABLE} to an OSV archive, "
    "or allow the live service."
)
Answers = Mapping[Key, tuple[Advisory, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """What came of it.

    Args:
        planned: Different packages in different versions that the locks name, own ones aside.
        audited: How many of them were asked for, answered and reported.
        unaudited: Name and reason of all others.
        own: Packages that are the project itself.
        findings: One for each vulnerability of each pin.
        tools: Every run of pip-audit.
        problems: What makes the result incomplete.
        limitations: What caps the verdict.
        notes: Source and date of the advisories.
    """

    planned: int
    audited: int
    unaudited: tuple[tuple[str, str], ...]
    own: tuple[Unpinned, ...]
    findings: tuple[Finding, ...]
    tools: tuple[ToolRun, ...]
    problems: tuple[Problem, ...]
    limitations: tuple[Limitation, ...]
    notes: tuple[str, ...]


def audit(ctx: Context, locks: Sequence[Lock], opened: Opened) -> Audit:
    """Look up every pin of all locks.

    Args:
        ctx: The gate's context.
        locks: What ships.
        opened: Where advisories come from; closed here.

    Raises:
        ToolProblem: If nothing is pinned, if the source does not answer or has no data, or
            if pip-audit's output cannot be trusted.
    """
    try:
        return _audited(ctx, locks, opened)
    finally:
        opened.close()


def _audited(ctx: Context, locks: Sequence[Lock], opened: Opened) -> Audit:
    pins = _unique(locks)
    unpinned = {one.name: one for lock in locks for one in lock.unpinned}
    if not pins:
        raise ToolProblem(
            f"{', '.join(lock.path for lock in locks)} pins no package that can be looked up",
            remedy="Skip the gate with a skip-reason if that is meant.",
        )
    rounds = pip_audit.rounds(list(pins))
    with Server(opened.source) as server:
        auditor = Auditor(ctx=ctx, version=pip_audit.version_of(ctx), url=server.url)
        results = []
        for number, part in enumerate(rounds, start=1):
            canary = _checked_canary(opened, {name for name, _ in part}, len(pins))
            ctx.progress(f"round {number} of {len(rounds)}: {counted(len(part), 'packages')}")
            try:
                results.append(auditor.audit(part, canary, number))
            except ToolProblem as error:
                raise _explained(error, server, opened, len(pins)) from error
        answers = {pip_audit.normalised(key): found for key, found in server.answers.items()}
    reported = {
        pip_audit.normalised(key): vulns for one in results for key, vulns in one.audited.items()
    }
    skipped = {name: reason for one in results for name, reason in one.skipped.items()}
    done = {
        key: pin
        for key, pin in pins.items()
        if pip_audit.normalised(key) in reported and pip_audit.normalised(key) in answers
    }
    return Audit(
        planned=len(pins) + sum(not one.own for one in unpinned.values()),
        audited=len(done),
        unaudited=(
            *((one.name, one.reason) for one in unpinned.values() if not one.own),
            *(
                (name, skipped.get(name, f"pip-audit did not look up {version}"))
                for name, version in pins
                if (name, version) not in done
            ),
        ),
        own=tuple(one for one in unpinned.values() if one.own),
        findings=_findings(ctx, before(ctx.base, locks), done, reported, answers),
        tools=tuple(one.tool for one in results),
        problems=_unreported(done, reported, answers),
        limitations=opened.limitations,
        notes=(opened.note,),
    )


def _unique(locks: Sequence[Lock]) -> dict[Question, tuple[Lock, Pin]]:
    """Each package in each version once, where it stands first."""
    found: dict[Key, tuple[Lock, Pin]] = {}
    for lock in locks:
        for pin in lock.pins:
            found.setdefault(pip_audit.normalised((pin.name, pin.version)), (lock, pin))
    return {(pin.name, pin.version): (lock, pin) for lock, pin in found.values()}


def _checked_canary(opened: Opened, taken: set[str], count: int) -> Question:
    """A pin that the source knows a vulnerability of; it is asked through pip-audit as well."""
    canary = opened.canary(taken)
    if canary is None:
        raise ToolProblem(
            f"{opened.called} has no advisory besides those for the packages of the lock: "
            f"nothing proves that it was read for {counted(count, 'packages')}",
            remedy=_ADVICE,
        )
    return canary


def _explained(error: ToolProblem, server: Server, opened: Opened, count: int) -> ToolProblem:
    """What the server saw explains most failures of pip-audit better than its own words."""
    if server.failures:
        return ToolProblem(
            f"{opened.called} did not answer for {counted(count, 'packages')}: "
            f"{server.failures[0]}",
            error.log,
            remedy=_ADVICE,
        )
    if not any(server.answers.values()):
        return ToolProblem(
            f"{opened.called} answered for 0 of {counted(count, 'packages')}: it does not know "
            "a release that is known to be vulnerable",
            error.log,
            remedy=_ADVICE,
        )
    return error


def _findings(
    ctx: Context,
    then: Before,
    done: Mapping[Question, tuple[Lock, Pin]],
    reported: Mapping[Key, tuple[Vulnerability, ...]],
    answers: Answers,
) -> tuple[Finding, ...]:
    findings = []
    for (name, version), (lock, pin) in done.items():
        key = pip_audit.normalised((name, version))
        place = Place(
            path=lock.path if lock.kind != "environment" else None,
            line=pin.line,
            why=why(lock, pin),
            upgrade=_UPGRADES.get(lock.kind, ""),
        )
        findings += [
            vulnerabilities.finding(name, version, group, place, gate_id=ctx.gate_id, before=then)
            for group in vulnerabilities.groups(reported[key], answers[key])
        ]
    return tuple(findings)


def _unreported(
    done: Mapping[Question, tuple[Lock, Pin]],
    reported: Mapping[Key, tuple[Vulnerability, ...]],
    answers: Answers,
) -> tuple[Problem, ...]:
    problems = []
    for name, version in done:
        key = pip_audit.normalised((name, version))
        lost = vulnerabilities.unreported(reported[key], answers[key])
        if lost:
            problems.append(
                Problem(
                    what=f"pip-audit left out {', '.join(lost)} of {name} {version}",
                    remedy="Read the gate's log.",
                )
            )
    return tuple(problems)
