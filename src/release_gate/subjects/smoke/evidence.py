"""What came of a suite, as evidence: redacted first, then cut."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from release_gate.api import (
    Artifact,
    Evidence,
    Examined,
    Finding,
    Identity,
    Limitation,
    Problem,
    Severity,
    Skipped,
    Table,
)
from release_gate.subjects.probes.hiding import Hidden
from release_gate.subjects.probes.outcome import Outcome, State, SuiteResult

TOOL = "release-gate"
FILE = "checks.json"
_MESSAGE = 600
_CELL = 300
_EXCERPT_LINES = 20
_EXCERPT = 2000
_TIME_LINES = 20
_ROWS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Teller:
    """Makes evidence.

    Args:
        hidden: Every secret of the run; complete by now.
        gate_id: Whose evidence.
        environment: Chosen one's name.
    """

    hidden: Hidden
    gate_id: str
    environment: str | None

    def evidence(self, result: SuiteResult, artifacts: Path, notes: tuple[str, ...]) -> Evidence:
        """The evidence of a whole run; no secret is left in it.

        Args:
            result: Of the suite.
            artifacts: The gate's folder for what it leaves.
            notes: Facts for the gate's line.
        """
        outcomes = result.outcomes
        told = Evidence(
            examined=_examined(outcomes),
            findings=tuple(sorted(self._findings(outcomes), key=lambda one: one.identity.key)),
            problems=tuple(self._problems(outcomes)),
            limitations=tuple(_limitations(outcomes)),
            tables=tuple(self._tables(outcomes)),
            artifacts=(self._file(result, artifacts),),
            notes=(*notes, *_notes(outcomes)),
        )
        return self.hidden.cleaned(told)

    def short(self, text: str, most: int) -> str:
        """Redacted, then cut: a secret that is cut would not be known any more."""
        clean = self.hidden.redact(text)
        return clean if len(clean) <= most else f"{clean[:most]} …"

    def _findings(self, outcomes: tuple[Outcome, ...]) -> Iterator[Finding]:
        states = {one.check.name: one.state for one in outcomes}
        for one in outcomes:
            blocked = one.state == "not-run" and _blocked(one, states)
            if not one.check.keys.enforce or not (one.state == "failed" or blocked):
                continue
            yield Finding(
                tool=TOOL,
                rule_id=one.check.keys.name,
                severity=Severity(one.check.keys.severity),
                message=self.short(f"{one.check.name}: {one.reason}", _MESSAGE),
                identity=Identity(kind="item", key=(one.check.name,)),
                excerpt=self._excerpt(one),
                fix=self.short(one.remedy, _MESSAGE),
                reproduce=self._reproduce(),
                always_blocks=blocked,
            )

    def _problems(self, outcomes: tuple[Outcome, ...]) -> Iterator[Problem]:
        deciding = [one for one in outcomes if one.check.keys.enforce]
        if outcomes and not deciding:
            yield Problem(
                what="no check decides: all of them are enforce = false",
                remedy="Take enforce = false out of one, or set it for the whole gate.",
                slug="checks-none-decides",
            )
        for one in deciding:
            if one.state == "unjudged":
                yield Problem(
                    what=self.short(f"{one.check.name}: {one.reason}", _MESSAGE),
                    remedy=self.short(one.remedy, _MESSAGE),
                    slug="check-not-judged",
                )

    def _tables(self, outcomes: tuple[Outcome, ...]) -> Iterator[Table]:
        yield Table(
            title="Checks",
            columns=("check", "result", "what", "attempts", "seconds"),
            rows=tuple(self._row(one) for one in outcomes),
        )
        lines = [one for one in outcomes if len(one.attempts) > 1 or one.state == "failed"]
        for one in lines[:_TIME_LINES]:
            attempts = one.attempts
            kept = attempts if len(attempts) <= _ROWS else (*attempts[:10], *attempts[10 - _ROWS :])
            yield Table(
                title=f"Time line of {one.check.name}",
                columns=("second", "what", "meaning"),
                rows=tuple(
                    (f"{each.at_s:.2f}", self.short(each.line, _CELL), each.meaning)
                    for each in kept
                ),
            )

    def _row(self, one: Outcome) -> tuple[str, ...]:
        said = one.reason or (one.attempts[-1].line if one.attempts else "")
        result = one.state if one.check.keys.enforce else f"{one.state} (observed only)"
        return (
            one.check.name,
            result,
            self.short(said, _CELL),
            str(len(one.attempts)),
            f"{one.duration_s:.2f}",
        )

    def _excerpt(self, one: Outcome) -> str:
        asked = one.check.probe.shown(one.check.settings)
        lines = [*asked, "", *one.excerpt[:_EXCERPT_LINES]]
        return self.short("\n".join(lines).strip(), _EXCERPT)

    def _reproduce(self) -> str:
        where = f" --environment {self.environment}" if self.environment else ""
        return f"release-gate run --phase post-deploy --gate {self.gate_id}{where}"

    def _file(self, result: SuiteResult, folder: Path) -> Artifact:
        """Everything, for machines and for later."""
        document = {"version": 1, "checks": [self._stored(one) for one in result.outcomes]}
        content = (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(content)
        return Artifact(
            path=f"artifacts/{self.gate_id}/{FILE}",
            media_type="application/json",
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
        )

    def _stored(self, one: Outcome) -> dict[str, object]:
        return {
            "name": self.hidden.redact(one.check.name),
            "probe": one.check.probe.name,
            "state": one.state,
            "enforced": one.check.keys.enforce,
            "reason": self.short(one.reason, _EXCERPT),
            "asked": [
                self.short(line, _CELL) for line in one.check.probe.shown(one.check.settings)
            ],
            "expectations": [
                {
                    "where": self.hidden.redact(told.where),
                    "operator": told.operator,
                    "result": told.colour,
                    "expected": self.short(told.expected, _EXCERPT),
                    "actual": self.short(told.actual, _EXCERPT),
                }
                for told in one.told
            ],
            "attempts": [
                {
                    "second": round(each.at_s, 3),
                    "what": self.short(each.line, _CELL),
                    "meaning": each.meaning,
                }
                for each in one.attempts
            ],
            "started": round(one.started_s, 3),
            "seconds": round(one.duration_s, 3),
        }


def _blocked(outcome: Outcome, states: Mapping[str, State]) -> bool:
    """Whether it did not run because a check it needs was not passed."""
    return any(states.get(name) != "passed" for name in outcome.check.needs)


def _examined(outcomes: tuple[Outcome, ...]) -> Examined:
    states = {one.check.name: one.state for one in outcomes}
    skipped = []
    for one in outcomes:
        if one.state != "not-run":
            continue
        allowed_by = None
        if not one.check.keys.enforce:
            allowed_by = "enforce = false"
        elif one.check.keys.finally_ and one.check.uses:
            allowed_by = "finally: there was nothing to undo"
        elif _blocked(one, states):
            allowed_by = "needs; it is a finding"
        skipped.append(Skipped(what=one.check.name, reason=one.reason, allowed_by=allowed_by))
    run = sum(one.state != "not-run" for one in outcomes)
    return Examined(unit="checks", count=run, planned=len(outcomes), skipped=tuple(sorted(skipped)))


def _limitations(outcomes: tuple[Outcome, ...]) -> Iterator[Limitation]:
    named: dict[str, list[str]] = {}
    for one in outcomes:
        for name, detail in one.limitations:
            if one.check.keys.enforce and detail not in named.setdefault(name, []):
                named[name].append(detail)
    for name, details in sorted(named.items()):
        yield Limitation(name=name, detail="; ".join(details))


def _notes(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    observed = [one for one in outcomes if not one.check.keys.enforce]
    if observed:
        bad = [one.check.name for one in observed if one.state != "passed"]
        tail = f", not passed: {', '.join(bad)}" if bad else ", all passed"
        yield f"{len(observed)} only observed{tail}"
