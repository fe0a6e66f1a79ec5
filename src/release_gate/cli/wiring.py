"""Where ports meet adapters: the one place that knows them all."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from release_gate import __version__
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.environment import (
    GivenEnvironment,
    InstalledToolkit,
    find_project_environment,
)
from release_gate.adapters.git import GitRepository
from release_gate.adapters.output import OutputFolder
from release_gate.adapters.paths import SECRET_KEY, cache_folder, secret_key
from release_gate.adapters.processes import Processes
from release_gate.adapters.signing import Signatures
from release_gate.cli.canary_tables import check_tables
from release_gate.cli.moments import artifact, moment
from release_gate.cli.options import Wish
from release_gate.cli.project_root import find_root
from release_gate.errors import ConfigError
from release_gate.judge.approvals import RuleBySigned
from release_gate.judge.baseline import Baseline
from release_gate.judge.baseline_parse import parse
from release_gate.judge.types import ToolInfo
from release_gate.model import ArtifactDigest
from release_gate.plan import request as asked
from release_gate.plan.bundled import bundled_gates
from release_gate.plan.configuration import (
    Configuration,
    read_configuration,
)
from release_gate.plan.discovery import discover
from release_gate.plan.make import make_plan
from release_gate.plan.project import DEFAULT_OUTPUT, listed
from release_gate.plan.types import Plan
from release_gate.ports import ProjectEnvironment
from release_gate.redact import Redactor, secrets_of
from release_gate.run.cache import EvidenceCache
from release_gate.run.host import ChildHost
from release_gate.run.interrupt import Interrupts
from release_gate.run.world import World


class Kit:
    """Everything that a command needs of the outside; ends all children on the way out.

    Args:
        wish: What the command line asks for.
        output: Output folder; default: ``build/release-gate`` below the root.
        environment: The process environment; default: that of this process.
    """

    def __init__(
        self,
        wish: Wish,
        output: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.wish = wish
        self._output = output
        self.environment = dict(os.environ if environment is None else environment)
        self.clock = SystemClock()
        self.redactor = Redactor(secrets_of(self.environment))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.processes.end_all()

    @property
    def ci(self) -> bool:
        """Whether this is a job of a CI system, by the variable that they all set."""
        return self.environment.get("CI", "").lower() in {"true", "1"}

    @cached_property
    def processes(self) -> Processes:
        """Every child of this command."""
        return Processes(self.root, self.environment, self.clock, redactor=self.redactor)

    @cached_property
    def repository(self) -> GitRepository:
        """The version control around the root."""
        return GitRepository(self.root, self.environment)

    @cached_property
    def signatures(self) -> Signatures:
        """Signs and verifies with what git is configured with."""
        return Signatures(self.root, self.environment)

    @property
    def output_inside(self) -> str | None:
        """The output folder relative to the root; ``None`` if it lies elsewhere."""
        if not self.output_path.is_relative_to(self.root):
            return None
        return self.output_path.relative_to(self.root).as_posix()

    @cached_property
    def cache(self) -> Path:
        """Folder of what can be made again."""
        return cache_folder(self.environment)

    @cached_property
    def configuration(self) -> Configuration:
        """What the user has configured."""
        return read_configuration(self.root, self.wish.config)

    def templates(self, plan: Plan | None = None) -> Path | None:
        """The user's folder of templates."""
        named = self.configuration.keys.templates if plan is None else plan.templates
        return self.root / named if named else None

    @cached_property
    def output_path(self) -> Path:
        """Absolute path of the output folder."""
        chosen = self._output
        return self.root / DEFAULT_OUTPUT if chosen is None else chosen.absolute()

    def output(self) -> OutputFolder:
        """The output folder, to be entered."""
        return OutputFolder(self.output_path, self.clock)

    @cached_property
    def root(self) -> Path:
        """Absolute path of the project."""
        return find_root(self.wish)

    @cached_property
    def toolkit(self) -> InstalledToolkit:
        """Where the scanners are."""
        return InstalledToolkit()

    def plan(self) -> Plan:
        """What would run."""
        check_tables(self.configuration)
        wish = self.wish
        request = asked.PlanRequest(
            root=self.root,
            config=wish.config.absolute() if wish.config else None,
            phase=wish.phase,
            environment=wish.environment,
            gates=wish.gate,
            paths=wish.path,
            base=wish.base,
            project_python=wish.project_python.absolute() if wish.project_python else None,
            ci=self.ci,
            allow_dirty=wish.allow_dirty,
            output=self.output_inside,
            effective_time=None if wish.effective_time is None else moment(wish.effective_time),
            sign_offs=wish.sign_offs.absolute() if wish.sign_offs else None,
            artifacts=tuple(sorted((artifact(one) for one in wish.artifact), key=_by_name)),
        )
        world = asked.World(
            repository=self.repository,
            toolkit=self.toolkit,
            environment=self.environment,
            clock=self.clock,
            find_environment=self._find_environment,
            rule=RuleBySigned({}),
            authorship=self.repository,
            signatures=self.signatures.doubt,
        )
        return make_plan(request, world)

    def _find_environment(
        self,
        *,
        root: Path,
        pyproject: Mapping[str, Any],
        requested: Path | None,
        configured: str | None,
    ) -> ProjectEnvironment:
        return find_project_environment(
            root,
            pyproject,
            self.environment,
            requested,
            configured,
            self.cache,
            self.processes,
        )

    def world(
        self,
        plan: Plan,
        interrupts: Interrupts,
        *,
        key: bytes,
        cache: bool,
    ) -> World:
        """The outside as the engine sees it.

        Args:
            plan: What will run.
            interrupts: Installed.
            key: Key for hashes that identify secrets.
            cache: Whether evidence may be reused and kept.
        """
        kept = EvidenceCache(
            folder=self.cache / "evidence",
            output=self.output_path,
            version=__version__,
            secret_key=key,
            environment=self.environment,
        )
        return World(
            clock=self.clock,
            runner=self.processes.for_gate,
            end_children=self.processes.end_all,
            output=self.output_path,
            environment=self.environment,
            secret_key=key,
            host=ChildHost(python=plan.toolkit.python, interpreter=interpreter),
            cache=kept if cache else None,
            files_now=lambda: listed(self.repository.files(), self.output_inside),
            interrupts=interrupts,
            hide=self.redactor.learn,
        )

    def key(self, plan: Plan) -> bytes:
        """Key for hashes that identify secrets; see :func:`identity_key`.

        Raises:
            BaselineError: If the plan's baseline cannot be used.
        """
        text = plan.baseline_text
        baseline = None if text is None else parse(text, plan.baseline_file)
        return identity_key(self.environment, baseline, self.cache)


def _by_name(one: ArtifactDigest) -> tuple[str, str]:
    return one.name, one.sha256


def interpreter(environment: ProjectEnvironment) -> tuple[str | None, str]:
    """Where the project's interpreter is, without starting or building anything."""
    if isinstance(environment, GivenEnvironment):
        return str(environment.executable), environment.told_by
    return None, environment.origin()


def identity_key(environment: Mapping[str, str], baseline: Baseline | None, cache: Path) -> bytes:
    """Key for hashes that identify secrets.

    The CI secret ``RELEASE_GATE_SECRET_KEY`` where it is set; else the salt of the baseline, so
    that all who share it see the same; else a key of this user.
    """
    if baseline is None or SECRET_KEY in environment:
        return secret_key(environment, cache)
    return baseline.salt.encode()


def tool_info() -> ToolInfo:
    """Who judges."""
    return ToolInfo(
        name="release-gate",
        version=__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
    )


def gate_titles(root: Path) -> Mapping[str, str]:
    """Title by id of every gate that can be asked for; no code of the project is run.

    With a configuration that cannot be used only the built-in ones: a run will say why.
    """
    try:
        configuration = read_configuration(root)
        catalogue = discover(root, configuration)
    except ConfigError:
        return {kind: gate.title for kind, gate in bundled_gates().items()}
    kinds = {kind: kind for kind in catalogue.names()}
    kinds |= {gate_id: table.kind for gate_id, table in configuration.tables.items()}
    found = {gate_id: catalogue.find(kind) for gate_id, kind in sorted(kinds.items())}
    return {gate_id: kind.gate.title for gate_id, kind in found.items() if kind is not None}


def has_canary(root: Path) -> bool:
    """Whether a roll-out is configured, in any environment; every session says what is broken."""
    try:
        keys = read_configuration(root).keys
    except ConfigError:
        return False
    return bool(keys.canary) or any(one.canary for one in keys.environments.values())
