"""What ``canary`` and ``watch`` share: the plan, the loop with its state file, the report."""

from __future__ import annotations

import queue
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from release_gate.adapters.environment import find_project_environment
from release_gate.adapters.output import OutputFolder
from release_gate.cli.outputs import final_text, write
from release_gate.cli.rollout_plan import Rollout
from release_gate.cli.terminal import complain, say
from release_gate.cli.wiring import Kit, tool_info
from release_gate.errors import OutputLocked, ReportProblem
from release_gate.files import read_file
from release_gate.judge.decide import decide
from release_gate.judge.types import Docket, DocketGate, PolicyInputs, Report
from release_gate.judge.verdicts import exit_code
from release_gate.model import Collected
from release_gate.ports import Clock, Context, Deployment
from release_gate.redact import safe_text
from release_gate.report.store import to_bytes as report_bytes
from release_gate.run.interrupt import Interrupts
from release_gate.subjects.canary.course import Ended
from release_gate.subjects.canary.doing import Acting
from release_gate.subjects.canary.evidence import by_hand, evidence_of
from release_gate.subjects.canary.looking import Looking
from release_gate.subjects.canary.machine import Machine, Outside
from release_gate.subjects.canary.planned import ACTIONS, action_of
from release_gate.subjects.canary.record import (
    STATE_FILE,
    VERSION,
    Decided,
    Done,
    Entry,
    Intent,
    Record,
    Round,
    from_bytes,
    to_bytes,
)
from release_gate.subjects.probes.planned import Suite
from release_gate.subjects.smoke.session import Session, open_session

Name = Literal["canary", "watch"]
_LONGEST_S = 30 * 24 * 3600.0
_TICK_S = 0.2


class Stop:
    """Set by a signal; wakes whoever waits."""

    def __init__(self) -> None:
        self._set = False
        # The only queue whose ``put`` is safe in a signal handler.
        self._inbox: queue.SimpleQueue[None] = queue.SimpleQueue()

    def notify(self) -> None:
        """In a signal handler."""
        self._set = True
        self._inbox.put(None)

    def is_set(self) -> bool:
        """Whether a signal came."""
        return self._set

    def sleep(self, seconds: float) -> None:
        """Wait, or until a signal comes."""
        until = time.monotonic() + seconds
        while not self._set and (left := until - time.monotonic()) > 0:
            try:
                self._inbox.get(timeout=min(left, _TICK_S))
            except queue.Empty:
                continue


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How a command ends.

    Args:
        quiet: The verdict's line alone.
        as_json: Print the report for programs.
    """

    quiet: bool = False
    as_json: bool = False


def read_state(folder: Path) -> Record | None:
    """What is written down; ``None`` if nothing is.

    Args:
        folder: Output folder of the command.

    Raises:
        ReportProblem: If it cannot be read.
    """
    try:
        return from_bytes(read_file(folder / STATE_FILE))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReportProblem(f"{STATE_FILE} cannot be read: {error.strerror}") from error


def new_record(kit: Kit, rollout: Rollout, name: Name) -> Record:
    """A record in which nothing has happened yet."""
    return Record(
        version=VERSION,
        command=name,
        plan=rollout.plan.digest,
        run=secrets.token_hex(8),
        commit=rollout.subject.commit,
        environment=rollout.subject.environment,
        started_at=kit.clock.now().isoformat(),
    )


def carry_out(
    kit: Kit,
    rollout: Rollout,
    interrupts: Interrupts,
    wanted: Wanted,
    begin: Callable[[OutputFolder], Record],
    go: Callable[[Machine], Ended],
) -> int:
    """Run a canary or a watch to its end, write its report, and say how it ended.

    Args:
        kit: The outside.
        rollout: As planned.
        interrupts: Installed.
        wanted: What is printed.
        begin: The record to go on with, once the folder is locked.
        go: What is asked of the machine.

    Returns:
        The exit code of the verdict.

    Raises:
        Interrupted: After a signal, once what it decides is written.
    """
    stop = Stop()
    with ExitStack() as stack:
        folder = _entered(kit, stack)
        stack.enter_context(interrupts.listening(stop.notify))
        record = begin(folder)
        work = Path(tempfile.mkdtemp(prefix="release-gate-"))
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        contexts = _Contexts(kit=kit, rollout=rollout, name=record.command, work=work)
        machine = Machine(
            rollout.plan.settings, record, _outside(contexts, folder, stop, wanted, stack)
        )
        ended = go(machine)
        report = _report(kit, rollout, machine.record, ended)
        file = write(folder, report, kit.templates())
        if wanted.as_json:
            say(report_bytes(report).decode().rstrip("\n"))
        else:
            say(final_text(report, file, kit.environment, verbose=False, quiet=wanted.quiet))
        if ended.end == "rollback-failed":
            what = f"THE ROLLBACK FAILED: {ended.reason}\n  {by_hand(rollout.plan)}"
            complain(safe_text(kit.redactor.redact(what)))
    return exit_code(report.verdict)


def _entered(kit: Kit, stack: ExitStack) -> OutputFolder:
    """The output folder, locked: with another folder two would roll out at once."""
    try:
        return stack.enter_context(kit.output())
    except OutputLocked as held:
        remedy = "Wait for it, or end it with Ctrl-C or SIGTERM: it decides and writes that."
        raise OutputLocked(held.what, remedy=remedy) from held


@dataclass(frozen=True, kw_only=True, slots=True)
class _Contexts:
    """Makes sessions."""

    kit: Kit
    rollout: Rollout
    name: str
    work: Path

    def session(
        self, suite: Suite, place: Deployment | None, stopping: Callable[[], bool]
    ) -> Session:
        kit, project = self.kit, self.rollout.project
        context = Context(
            gate_id=self.name,
            project=replace(project, deployment=place),
            base=None,
            runner=kit.processes.for_gate(
                self.name, kit.output_path / "logs" / f"{self.name}.log", _LONGEST_S
            ),
            toolkit=kit.toolkit,
            project_environment=find_project_environment(
                kit.root, project.pyproject, kit.environment, None, None, kit.cache, kit.processes
            ),
            work=self.work,
            artifacts=self.work,
            progress=lambda _text: None,
            clock=kit.clock,
            environment=kit.environment,
            secret_key=b"",
            hide=kit.redactor.learn,
            stopping=stopping,
        )
        return open_session(context, suite, rate=self.rollout.plan.settings.rate)


def _outside(
    contexts: _Contexts, folder: OutputFolder, stop: Stop, wanted: Wanted, stack: ExitStack
) -> Outside:
    plan, clock = contexts.rollout.plan, contexts.kit.clock
    asking = [plan.canary] if plan.control is None else [plan.canary, plan.control]
    sessions = [
        stack.enter_context(closing(contexts.session(plan.suite, place, stop.is_set)))
        for place in asking
    ]
    actions = {name: action_of(plan.settings, name) for name in ACTIONS}
    redact = contexts.kit.redactor.redact
    silent = wanted.quiet or wanted.as_json
    return Outside(
        clock=clock,
        save=lambda record: _saved(folder, record),
        doer=Acting(
            clock=clock,
            actions={name: one for name, one in actions.items() if one is not None},
            place=plan.acting,
            # What was decided is carried out, signal or not.
            opened=lambda suite: contexts.session(suite, plan.acting, lambda: False),
        ),
        looker=Looking(
            clock=clock,
            settings=plan.settings,
            canary=sessions[0],
            control=sessions[1] if plan.control else None,
        ),
        sleep=stop.sleep,
        stopping=stop.is_set,
        tell=lambda entry: None if silent else _tell(entry, redact, clock),
    )


def _saved(folder: OutputFolder, record: Record) -> None:
    folder.write(STATE_FILE, to_bytes(record))


def _tell(entry: Entry, redact: Callable[[str], str], clock: Clock) -> None:
    text = line(entry)
    if text:
        complain(safe_text(redact(f"{clock.now():%H:%M:%S} {text}")))


def line(entry: Entry) -> str:
    """An entry in one line; empty for a round that passed.

    Args:
        entry: Of a record.
    """
    if isinstance(entry, Round):
        if entry.canary.passed:
            return ""
        bad = "; ".join(f"{name}: {why}" for name, why in sorted(entry.canary.bad.items()))
        return f"step {entry.step + 1}: a round failed: {bad or 'no check was asked'}"
    if isinstance(entry, Intent):
        return f"step {entry.step + 1}: {entry.action}, weight {entry.weight:g} %"
    if isinstance(entry, Done):
        return f"{'done' if entry.ok else 'FAILED'}: {entry.what}"
    if isinstance(entry, Decided):
        return f"step {entry.step + 1}: {entry.choice} ({entry.rule}): {entry.reason}"
    return "resumed"


def _report(kit: Kit, rollout: Rollout, record: Record, ended: Ended) -> Report:
    """The report by the one place where evidence becomes a verdict."""
    now = kit.clock.now()
    duration_s = max(0.0, (now - datetime.fromisoformat(record.started_at)).total_seconds())
    gate = DocketGate(
        gate_id=record.command,
        kind=record.command,
        title="The roll-out, step by step" if record.command == "canary" else "Watched in service",
        phase=record.command,
    )
    collected = Collected(
        gate_id=record.command,
        evidence=evidence_of(rollout.plan, record, ended),
        started_at=record.started_at,
        duration_s=duration_s,
    )
    return decide(
        Docket(
            gates=(gate,),
            subject=rollout.subject,
            phase=record.command,
            tool=tool_info(),
            started_at=record.started_at,
            duration_s=duration_s,
            planned=(record.command,),
        ),
        (collected,),
        PolicyInputs(
            effective_time=now,
            dirty_is_error=rollout.dirty_is_error,
            policy_digest=rollout.policy_digest,
            environment=rollout.subject.environment,
        ),
    )
