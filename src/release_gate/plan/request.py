"""What a plan is asked for, and what of the outside world it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from release_gate.model import ArtifactDigest
from release_gate.plan.discovery import EntryPoints, installed_entry_points
from release_gate.plan.project import DEFAULT_OUTPUT
from release_gate.ports import (
    Authorship,
    Clock,
    ProjectEnvironment,
    Repository,
    SignatureCheck,
    Toolkit,
)
from release_gate.trust import Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRequest:
    """What the command line asks for.

    Args:
        root: Absolute path of the project.
        config: Configuration file in place of the root's own.
        phase: Phase to run; default ``pre-release``.
        environment: Environment to gate for.
        gates: Ids of the only gates to run; empty: all that are expected.
        paths: The only files or folders to look at, relative to the root or absolute.
        base: What differences are taken against.
        project_python: Interpreter of the project environment.
        ci: Whether this runs in CI, where a dirty tree is not judged.
        allow_dirty: Whether a dirty tree may be judged all the same.
        output: Output folder relative to the root; ``None`` if it lies elsewhere.
        effective_time: The moment to judge at, aware; default: now.
        artifacts: What is released, besides the commit; sorted by name.
        sign_offs: File of sign-offs that whoever runs this vouches for; default: the root's own.
    """

    root: Path
    config: Path | None = None
    phase: str | None = None
    environment: str | None = None
    gates: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    base: str | None = None
    project_python: Path | None = None
    ci: bool = False
    allow_dirty: bool = False
    output: str | None = DEFAULT_OUTPUT
    effective_time: datetime | None = None
    artifacts: tuple[ArtifactDigest, ...] = ()
    sign_offs: Path | None = None


class FindEnvironment(Protocol):
    """Finds the project environment; builds nothing."""

    def __call__(
        self,
        *,
        root: Path,
        pyproject: Mapping[str, Any],
        requested: Path | None,
        configured: str | None,
    ) -> ProjectEnvironment:
        """The environment.

        Args:
            root: Absolute path of the project.
            pyproject: Parsed; empty where there is none.
            requested: ``--project-python``.
            configured: The key ``project-python``.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """The outside world of a plan.

    Args:
        repository: Around the root.
        toolkit: Where the scanners are.
        environment: The process environment.
        clock: Injected.
        find_environment: Finds the project environment.
        entry_points: Gates of installed packages.
        authorship: Who wrote what; ``None``: nobody can say.
        rule: Rules on changes of policy.
        signatures: Verifies signatures of sign-offs; ``None``: nothing can.
    """

    repository: Repository
    toolkit: Toolkit
    environment: Mapping[str, str]
    clock: Clock
    find_environment: FindEnvironment
    rule: Rule
    entry_points: EntryPoints = field(default=installed_entry_points)
    authorship: Authorship | None = None
    signatures: SignatureCheck | None = None
