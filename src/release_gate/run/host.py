"""Gates that are not ours, in a child process each: whatever they do, they do it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from release_gate.errors import ToolProblem
from release_gate.files import read_file
from release_gate.model import Problem
from release_gate.plan.hosted import (
    HostAnswer,
    HostFile,
    HostProblem,
    HostRequest,
    RawSettings,
    decode,
    encode,
)
from release_gate.plan.types import Plan, PlannedGate
from release_gate.ports import Completed, Context, HostRunner, ProjectEnvironment
from release_gate.run.codec import CodecError, restored
from release_gate.run.world import Said

CHILD = ("-P", "-m", "release_gate.cli.host_main")
"""``-P``: a module of the project must not stand in for one of ours or of the library."""

PROGRESS = "release-gate progress: "
"""How a line on the child's standard error begins that is meant for the gate's live line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildHost:
    """Implements :class:`release_gate.run.world.GateHost`.

    Args:
        python: Interpreter of the toolkit environment.
        interpreter: Path of the project environment's interpreter, ``None`` where it would have
            to be built, and how it is found; starts nothing.
    """

    python: Path
    interpreter: Callable[[ProjectEnvironment], tuple[str | None, str]]

    def collect(
        self, plan: Plan, gate: PlannedGate, context: Context, runner: HostRunner, log: Path
    ) -> Said:
        """What the gate's process answered.

        Raises:
            ToolProblem: If there is no usable answer.
        """
        payload = encode(
            request(plan, gate, context, self.interpreter(context.project_environment))
        )
        argv = [str(self.python), *CHILD, str(log)]

        def hear(line: str) -> None:
            if line.startswith(PROGRESS):
                context.progress(line.removeprefix(PROGRESS))

        done, answer = runner.run_with_channel(argv, payload, on_line=hear)
        return understood(gate, done, answer, log)


def request(
    plan: Plan, gate: PlannedGate, context: Context, interpreter: tuple[str | None, str]
) -> HostRequest:
    """All that the child needs.

    Args:
        plan: What every gate reads.
        gate: Whom to ask.
        context: What a gate of ours would get.
        interpreter: Of the project environment, and how it is found.

    Raises:
        ToolProblem: If the gate file cannot be read any more.
    """
    if gate.home == "bundled":
        raise TypeError(f"{gate.gate_id} is ours and needs no host")
    python, environment = interpreter
    project = plan.project
    return HostRequest(
        gate_id=gate.gate_id,
        kind=gate.gate.kind,
        home=gate.home,
        file=gate.file,
        sha256=_digest(project.root, gate.file) if gate.file is not None else None,
        entry_point=gate.gate.kind if gate.home == "entry-point" else None,
        settings=gate.settings.values if isinstance(gate.settings, RawSettings) else {},
        root=str(project.root),
        name=project.name,
        files=tuple(HostFile.of(one) for one in project.files),
        source=project.source,
        requires_python=project.requires_python,
        work=str(context.work),
        artifacts=str(context.artifacts),
        base=plan.base_ref if plan.base is not None else None,
        project_python=python,
        project_environment=environment,
        paths=context.paths,
        deadline_s=gate.common.deadline_s,
        secret_key=context.secret_key,
        deployment=project.deployment,
    )


def understood(gate: PlannedGate, done: Completed, answer: bytes, log: Path) -> Said:
    """What an answer means; anything odd about it is an error.

    Args:
        gate: Who was asked.
        done: How its process ended.
        answer: What came over the channel.
        log: Holds the process' output.

    Raises:
        ToolProblem: If there is no usable answer.
    """
    if not answer:
        raise ToolProblem(
            f"the gate's process ended without an answer, with exit code {done.exit_code}",
            log,
            remedy="its output is in the log; collect must return Evidence and not exit",
        )
    try:
        said = decode(answer, HostAnswer)
        limits = tuple(one.limit() for one in said.limits)
        evidence = None if said.evidence is None else restored(said.evidence)
    except (ValueError, msgspec.ValidationError, RecursionError, CodecError) as error:
        what = f"the gate's process gave an answer that cannot be read: {error}"
        raise ToolProblem(what, log) from error
    if said.gate_id != gate.gate_id:
        raise ToolProblem(f"the answer is that of another gate, {said.gate_id!r}", log)
    if [said.applies, said.evidence, said.problem].count(None) != 2:  # noqa: PLR2004 - one of three
        raise ToolProblem("the answer is contradictory: evidence, problem or neither?", log)
    if done.exit_code:
        what = f"the gate's process answered, but then ended with exit code {done.exit_code}"
        raise ToolProblem(what, log)
    return Said(
        evidence=evidence,
        problem=_problem(said.problem) if said.problem else None,
        inapplicable=said.applies,
        title=said.title,
        limits=limits,
    )


def _problem(said: HostProblem) -> Problem:
    return Problem(what=said.what, remedy=said.remedy, slug=said.slug)


def _digest(root: Path, file: str) -> str:
    try:
        return sha256(read_file(root / file)).hexdigest()
    except OSError as error:
        raise ToolProblem(f"the gate file {file} cannot be read: {error.strerror}") from error
