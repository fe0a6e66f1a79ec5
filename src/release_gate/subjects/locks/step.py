"""All locks of a project against its project file, as findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from release_gate.model import Finding
from release_gate.ports import Project
from release_gate.subjects.locks import asked, in_step
from release_gate.subjects.locks.types import Lock


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What came of the comparison, and what it could not compare."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


NOT_ASKED = Checked(notes=("lock not compared with pyproject.toml: lock-check is off",))


def check(project: Project, locks: Sequence[Lock]) -> Checked:
    """Compare each lock with ``pyproject.toml``.

    Args:
        project: With the parsed project file.
        locks: All locks.

    Raises:
        ConfigError: If the project file's requirements are none.
        LockProblem: If a lock's are none.
    """
    if any(lock.kind == "environment" for lock in locks):
        return Checked(notes=("no lock: the installed environment was audited",))
    if not project.pyproject:
        return Checked(notes=("lock not compared: there is no pyproject.toml",))
    wanted = asked.of(project.pyproject)
    found: list[tuple[Lock, in_step.Deviation]] = []
    for lock in locks:
        if lock.kind == "uv":
            found += [(lock, one) for one in in_step.uv(lock, wanted, project.pyproject)]
        elif lock.kind == "poetry":
            found += [(lock, one) for one in in_step.poetry(lock, project.pyproject)]
    others = [lock for lock in locks if lock.kind in {"pylock", "requirements"}]
    if others:
        found += in_step.pinned(others, wanted)
    return Checked(
        findings=tuple(in_step.finding(lock, one, asked.FILE) for lock, one in found),
        notes=("dependencies are dynamic: not compared",) if wanted.is_dynamic else (),
    )
