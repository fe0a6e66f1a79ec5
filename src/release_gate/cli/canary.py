"""``release-gate canary``: a roll-out in steps that decides by itself, and survives a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from release_gate.adapters.output import OutputFolder
from release_gate.cli.options import Wish, json_option, output_option, root_option
from release_gate.cli.project_root import find_root
from release_gate.cli.rollout import Wanted, carry_out, line, new_record, read_state
from release_gate.cli.rollout_plan import Rollout, plan_rollout, refuse_dirty
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.errors import UsageError
from release_gate.plan.project import DEFAULT_OUTPUT
from release_gate.redact import safe_text
from release_gate.run.interrupt import Interrupts
from release_gate.subjects.canary.course import Ended, next_move, open_points, rounds_of
from release_gate.subjects.canary.machine import Machine
from release_gate.subjects.canary.record import Record

F = TypeVar("F", bound=Callable[..., Any])

_CODES = {"promoted": 0, "rolled-back": 1, "tripped": 1}
_UNDECIDED = 3


class StartsByDefault(click.Group):
    """Without a word of its own it starts, so that ``nox -s canary`` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``start`` in front where nothing else stands."""
        if not args or (args[0] not in self.commands and args[0] not in {"--help", "-h"}):
            args = ["start", *args]
        return super().parse_args(ctx, args)


def rollout_options(function: F) -> F:
    """Options of everything that rolls out, watches, or looks at it."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    for option in (
        click.option("--allow-dirty", is_flag=True, help="Roll out a dirty tree in CI too."),
        click.option("--environment", metavar="NAME", help="Environment that it happens in."),
        click.option("--config", type=file, help="Configuration file."),
    ):
        function = option(function)
    return root_option(output_option(function))


def kit_of(name: str, output: Path | None, **wish: Any) -> Kit:
    """The kit of a command that has an output folder of its own.

    Args:
        name: Of the command, and of its folder.
        output: As asked for.
        wish: Values of the options.
    """
    wished = Wish(**wish)
    return Kit(wished, output or find_root(wished) / DEFAULT_OUTPUT / name)


@click.group("canary", cls=StartsByDefault)
def COMMAND() -> None:  # noqa: N802 - a constant that click makes of a function
    """Roll out in steps: watch, then promote or roll back.

    The exit code is 0 once it is promoted, 1 once it is rolled back, 3 if it is held or could
    not be decided, 130 after an interrupt, which is decided and written as well.
    """


@COMMAND.command("start")
@rollout_options
@click.option("--dry-run", is_flag=True, help="Print what would be asked and done; do nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict's line alone.")
@json_option
@click.pass_obj
def _start(
    interrupts: Interrupts,
    /,
    *,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    output: Path | None,
    **wish: Any,
) -> int:
    """Begin a roll-out."""
    with kit_of("canary", output, **wish) as kit:
        rollout = plan_rollout(kit, rolls_out=True)
        if dry_run:
            say(safe_text(kit.redactor.redact("\n".join(rollout.plan.shown))))
            return 0

        refuse_dirty(rollout)

        def begin(folder: OutputFolder) -> Record:
            _refuse_two(read_state(folder.path), rollout)
            folder.fresh_logs()
            return new_record(kit, rollout, "canary")

        wanted = Wanted(quiet=quiet, as_json=as_json)
        return carry_out(kit, rollout, interrupts, wanted, begin, Machine.run)


@COMMAND.command("resume")
@rollout_options
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict's line alone.")
@json_option
@click.pass_obj
def _resume(
    interrupts: Interrupts, /, *, quiet: bool, as_json: bool, output: Path | None, **wish: Any
) -> int:
    """Go on with a roll-out that was killed or held."""
    with kit_of("canary", output, **wish) as kit:
        rollout = plan_rollout(kit, rolls_out=True)
        refuse_dirty(rollout)

        def begin(folder: OutputFolder) -> Record:
            record = _there(read_state(folder.path))
            if record.plan != rollout.plan.digest or record.commit != rollout.subject.commit:
                raise UsageError(
                    "the roll-out was begun with another configuration, address or commit",
                    remedy="Go back to that one, or end it with: release-gate canary abort",
                )
            return record

        wanted = Wanted(quiet=quiet, as_json=as_json)
        return carry_out(kit, rollout, interrupts, wanted, begin, Machine.resume)


@COMMAND.command("abort")
@rollout_options
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict's line alone.")
@json_option
@click.pass_obj
def _abort(
    interrupts: Interrupts, /, *, quiet: bool, as_json: bool, output: Path | None, **wish: Any
) -> int:
    """Roll back a roll-out that has not ended."""
    with kit_of("canary", output, **wish) as kit:
        rollout = plan_rollout(kit, rolls_out=True)

        def begin(folder: OutputFolder) -> Record:
            record = _there(read_state(folder.path))
            move = next_move(rollout.plan.settings, record.entries)
            if isinstance(move, Ended) and move.end != "held":
                raise UsageError(f"the roll-out has ended: {move.end}: nothing is to be aborted")
            return record

        def go(machine: Machine) -> Ended:
            return machine.abort("it was aborted by hand")

        wanted = Wanted(quiet=quiet, as_json=as_json)
        return carry_out(kit, rollout, interrupts, wanted, begin, go)


@COMMAND.command("status")
@rollout_options
def _status(*, output: Path | None, **wish: Any) -> int:
    """Say where a roll-out stands; changes nothing."""
    with kit_of("canary", output, **wish) as kit:
        rollout = plan_rollout(kit, rolls_out=True)
        record = _there(read_state(kit.output_path))
        settings = rollout.plan.settings
        move = next_move(settings, record.entries)
        told = [text for entry in record.entries if (text := line(entry))]
        if isinstance(move, Ended):
            told.append(f"{move.end}: {move.reason}")
        else:
            told.append(f"not ended; next is {type(move).__name__.lower()}, step {move.step + 1}")
            told += open_points(settings, move.step, rounds_of(record.entries))
        say(safe_text(kit.redactor.redact("\n".join(told))))
        return _CODES.get(move.end, _UNDECIDED) if isinstance(move, Ended) else _UNDECIDED


def _there(record: Record | None) -> Record:
    if record is None:
        raise UsageError(
            "no roll-out was begun here",
            remedy="Begin one with: release-gate canary start, or name its folder with --output.",
        )
    return record


def _refuse_two(record: Record | None, rollout: Rollout) -> None:
    if record is None:
        return
    move = next_move(rollout.plan.settings, record.entries)
    if not isinstance(move, Ended) or move.end in {"held", "rollback-failed"}:
        raise UsageError(
            "a roll-out has not ended yet",
            remedy="release-gate canary resume, abort or status; after a rollback that failed, "
            "put it right by hand and remove state.json.",
        )
