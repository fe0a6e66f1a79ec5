"""One gate's ``collect``: its context, and what becomes of every way it can end."""

from __future__ import annotations

import os
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from release_gate.errors import Interrupted, ReleaseGateError, ToolProblem
from release_gate.model import Collected, Evidence, Problem
from release_gate.plan.types import Plan, PlannedGate
from release_gate.ports import Context, Runner
from release_gate.run.codec import CodecError, checked
from release_gate.run.world import Said, World


@dataclass(frozen=True, kw_only=True, slots=True)
class Collecting:
    """Turns planned gates into what was collected.

    Args:
        world: The outside.
        plan: What every gate reads.
        temporary: Folder outside the project that work folders are made in.
        said: Filled with what gates that are not ours said of themselves.
        stopping: Whether the run is being ended.
    """

    world: World
    plan: Plan
    temporary: Path
    said: dict[str, Said] = field(default_factory=dict)
    stopping: Callable[[], bool] = lambda: False

    def collect(self, gate: PlannedGate, progress: Callable[[str], None]) -> Collected | None:
        """What came of one gate; ``None`` if the run was interrupted meanwhile.

        Whatever ``collect`` raises becomes a problem: nothing of it is swallowed, and none of
        it reaches another gate.
        """
        started_at = self.world.clock.now().isoformat()
        since = self.world.clock.monotonic()
        evidence, problem, cached = None, None, False
        try:
            evidence, problem, cached = self._outcome(gate, progress)
        except (Interrupted, KeyboardInterrupt):
            return None
        except ReleaseGateError as error:
            problem = self._told(gate, error)
        except BaseException as error:  # noqa: BLE001 - even SystemExit is only this gate's end
            problem = self._crashed(gate, error)
        return Collected(
            gate_id=gate.gate_id,
            evidence=evidence,
            problem=problem,
            started_at=started_at,
            duration_s=self.world.clock.monotonic() - since,
            cached=cached,
        )

    def log_name(self, gate_id: str) -> str | None:
        """The gate's log as results name it; ``None`` if there is none yet."""
        return self._relative(self.world.log(gate_id))

    def staged(self, gate_id: str) -> Path:
        """Where a gate's artifacts wait until the run is over: an earlier report names others."""
        return self.temporary / "artifacts" / gate_id

    def publish(self, collected: Collected) -> Collected:
        """Move what a gate left for people into the output folder, in place of an earlier run's.

        Args:
            collected: What came of the gate; what was reused has its artifacts there already.
        """
        if collected.cached:
            return collected
        target = self.world.artifacts(collected.gate_id)
        staged = self.staged(collected.gate_id)
        try:
            if target.exists():
                shutil.rmtree(target)
            if staged.is_dir() and any(staged.iterdir()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(staged, target)
        except OSError as error:
            what = f"the gate's artifacts could not be written: {error.strerror or error}"
            problem = Problem(what=what, slug="output-folder")
            return replace(collected, evidence=None, problem=collected.problem or problem)
        return collected

    def _outcome(
        self, gate: PlannedGate, progress: Callable[[str], None]
    ) -> tuple[Evidence | None, Problem | None, bool]:
        kept = self.world.cache.load(self.plan, gate) if self.world.cache else None
        if kept is not None:
            return kept, None, True
        log = self.world.log(gate.gate_id)
        runner = self.world.runner(gate.gate_id, log, gate.common.deadline_s)
        context = self._context(gate, runner, progress)
        if gate.home == "bundled":
            return checked(gate.gate.collect(context, gate.settings)), None, False
        said = self.world.host.collect(self.plan, gate, context, runner, log)
        self.said[gate.gate_id] = said
        return said.evidence, self._of_host(gate, said), False

    def _of_host(self, gate: PlannedGate, said: Said) -> Problem | None:
        if said.inapplicable is not None:
            return Problem(what=f"the gate does not apply: {said.inapplicable}")
        if said.problem is None:
            return None
        return replace(
            said.problem,
            what=self._without_paths(said.problem.what),
            remedy=self._without_paths(said.problem.remedy),
            log=self.log_name(gate.gate_id),
        )

    def _context(
        self, gate: PlannedGate, runner: Runner, progress: Callable[[str], None]
    ) -> Context:
        log, artifacts = self.world.log(gate.gate_id), self.staged(gate.gate_id)
        work = self.temporary / "work" / gate.gate_id
        for folder in (log.parent, artifacts, work):
            folder.mkdir(parents=True, exist_ok=True)
        return Context(
            gate_id=gate.gate_id,
            project=self.plan.project,
            base=self.plan.base,
            runner=runner,
            toolkit=self.plan.toolkit,
            project_environment=self.plan.project_environment,
            work=work,
            artifacts=artifacts,
            progress=progress,
            clock=self.world.clock,
            environment=self.world.environment,
            secret_key=self.world.secret_key,
            paths=self.plan.paths,
            hide=self.world.hide,
            stopping=self.stopping,
        )

    def _told(self, gate: PlannedGate, error: ReleaseGateError) -> Problem:
        log = error.log if isinstance(error, ToolProblem) and error.log else None
        return Problem(
            what=self._without_paths(error.what),
            remedy=self._without_paths(error.remedy),
            log=self._relative(log or self.world.log(gate.gate_id)),
            slug=error.slug,
        )

    def _crashed(self, gate: PlannedGate, error: BaseException) -> Problem:
        log = self.world.log(gate.gate_id)
        what = f"collect raised {type(error).__name__}: {error}"
        remedy = "the traceback is in the log"
        if isinstance(error, CodecError):
            what, remedy = str(error), "the gate's code is at fault: see its contract"
        try:
            self._append(log, "".join(traceback.format_exception(error)))
        except OSError as unwritable:
            remedy = f"its log could not be written: {unwritable.strerror}"
        return Problem(
            what=self._without_paths(what),
            remedy=remedy,
            log=self._relative(log),
            slug="gate-crashed",
        )

    def _append(self, log: Path, text: str) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)

    def _relative(self, path: Path) -> str | None:
        if not path.is_file():
            return None
        if path.is_relative_to(self.world.output):
            return path.relative_to(self.world.output).as_posix()
        return self._without_paths(str(path))

    def _without_paths(self, text: str) -> str:
        """Results are the same on every machine: no absolute path of this one."""
        for folder, name in (
            (self.temporary, "{tmp}"),
            (self.world.output, "{output}"),
            (self.plan.project.root, "{root}"),
        ):
            text = text.replace(f"{folder}{os.sep}", f"{name}/").replace(str(folder), name)
        return text
