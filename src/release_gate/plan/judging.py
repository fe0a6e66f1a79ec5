"""What the gates are given that judge the results of all others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from release_gate.checklists import ChecklistInputs
from release_gate.model import Subject
from release_gate.plan.checklist import FILE, parse_checklist
from release_gate.plan.configuration import Configuration
from release_gate.plan.score import score_rules
from release_gate.plan.sign_off_book import Signing, files_of
from release_gate.ports import Base, FileEntry
from release_gate.scores import ScoreRules
from release_gate.trust import CHECKLIST, POLICY_CHANGE, READINESS


@dataclass(frozen=True, kw_only=True, slots=True)
class Judging:
    """What they are given.

    Args:
        items: The checklist and its sign-offs; ``None`` where there is none.
        holds: Whether it says anything of this phase and environment.
        score: ``None`` where there is none, or no row of it is about a gate of this phase.
    """

    items: ChecklistInputs | None = None
    holds: bool = False
    score: ScoreRules | None = None

    @property
    def checklist(self) -> ChecklistInputs | None:
        """The checklist, where it says anything of this phase and environment."""
        return self.items if self.holds else None

    @property
    def last(self) -> tuple[str, ...]:
        """Ids of those that are expected, in the order in which they judge."""
        return tuple(self._expected())

    def _expected(self) -> Iterator[str]:
        if self.checklist is not None:
            yield CHECKLIST
        if self.score is not None:
            yield READINESS


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What a run is about, as far as they ask.

    Args:
        phase: That runs.
        environment: Chosen; ``None`` without one.
        gate_ids: Ids of all gates that there are.
        planned: Ids of the gates that this phase expects.
        subject: What is judged.
        files: The file list.
        base: What differences are taken against.
    """

    phase: str
    environment: str | None
    gate_ids: Collection[str]
    planned: Sequence[str]
    subject: Subject
    files: tuple[FileEntry, ...]
    base: Base | None


def judging(
    configuration: Configuration, checklist: str | None, signing: Signing, scene: Scene
) -> Judging:
    """What the gates are given that judge the results of all others.

    Args:
        configuration: In force.
        checklist: Text of the checklist in force; ``None`` without one.
        signing: The sign-offs.
        scene: What the run is about.

    Raises:
        ChecklistError: If the checklist cannot be used.
        SignOffError: If a sign-off cannot be used.
        ConfigError: If the rules of the score name a gate that is not there.
    """
    known = {*scene.gate_ids, POLICY_CHANGE}
    inputs, holds = None, False
    if checklist is not None:
        found = parse_checklist(checklist, FILE, files_of(scene.files, scene.base), known)
        inputs = signing.inputs(found, scene.subject)
        holds = found.holds(scene.phase, scene.environment)
    rules = score_rules(configuration, {*known, CHECKLIST})
    here = {*scene.planned, *([CHECKLIST] if holds else [])}
    if rules is not None and not any(row.gate in here for one in rules.themes for row in one.rows):
        rules = None
    return Judging(items=inputs, holds=holds, score=rules)
