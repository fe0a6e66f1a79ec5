"""``release-gate watch``: the rules of the canary for a stated time, after all the traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from release_gate.adapters.output import OutputFolder
from release_gate.cli.canary import kit_of, rollout_options
from release_gate.cli.options import json_option
from release_gate.cli.rollout import Wanted, carry_out, new_record
from release_gate.cli.rollout_plan import plan_rollout, refuse_dirty
from release_gate.cli.terminal import say
from release_gate.errors import UsageError
from release_gate.redact import safe_text
from release_gate.run.interrupt import Interrupts
from release_gate.subjects.canary.machine import Machine
from release_gate.subjects.canary.record import Record
from release_gate.subjects.canary.settings import CanarySettings, StepKeys


@click.command("watch")
@click.option("--for", "length", default="1h", metavar="TIME", help='As "30m", "1h"  [1h]')
@click.option("--min-requests", type=click.IntRange(min=1), default=1, help="At least  [1]")
@click.option("--no-rollback", is_flag=True, help="Only say it, where a rollback is configured.")
@click.option("--dry-run", is_flag=True, help="Print what would be asked and done; do nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict's line alone.")
@rollout_options
@json_option
@click.pass_obj
def COMMAND(  # noqa: N802 - click makes it a constant; an argument for each option
    interrupts: Interrupts,
    /,
    *,
    length: str,
    min_requests: int,
    no_rollback: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    output: Path | None,
    **wish: Any,
) -> int:
    """Watch what is in service, and roll back if a rule says so.

    The exit code is 0 if every rule was clear over the whole time, 1 if one was not, 3 if that
    could not be said.
    """
    try:
        step = StepKeys(weight=100, hold=length, min_requests=min_requests)
        step.__post_init__()
    except ValueError as error:
        raise UsageError(f"--for {length}: {error}") from error

    # All the traffic goes to the environment's own target by now.
    in_environment = wish.get("environment") is not None

    def change(settings: CanarySettings) -> CanarySettings:
        return msgspec.structs.replace(
            settings,
            steps=(step,),
            set_weight=None,
            promote=None,
            rollback=None if no_rollback else settings.rollback,
            canary=None if in_environment else settings.canary,
            canary_variable=None if in_environment else settings.canary_variable,
        )

    with kit_of("watch", output, **wish) as kit:
        rollout = plan_rollout(kit, rolls_out=False, change=change)
        if dry_run:
            say(safe_text(kit.redactor.redact("\n".join(rollout.plan.shown))))
            return 0

        refuse_dirty(rollout)

        def begin(folder: OutputFolder) -> Record:
            folder.fresh_logs()
            return new_record(kit, rollout, "watch")

        wanted = Wanted(quiet=quiet, as_json=as_json)
        return carry_out(kit, rollout, interrupts, wanted, begin, Machine.run)
