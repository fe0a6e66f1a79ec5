"""``release-gate run``: the whole chain, one verdict, one exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from release_gate.cli.history import read, record
from release_gate.cli.live import can_redraw, display
from release_gate.cli.options import Wish, json_option, output_option, plan_options
from release_gate.cli.outputs import final_text, write
from release_gate.cli.stored import needed_reports
from release_gate.cli.terminal import is_terminal, say
from release_gate.cli.wiring import Kit, tool_info
from release_gate.judge.verdicts import exit_code
from release_gate.report.store import to_bytes
from release_gate.report.templating import Templates
from release_gate.run.chain import execute
from release_gate.run.interrupt import Interrupts
from release_gate.run.surroundings import listings


@click.command("run")
@plan_options
@output_option
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Gates at one time.")
@click.option(
    "--history",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep a line for each release in FILE, and judge by those before.",
)
@click.option("--no-cache", is_flag=True, help="Reuse nothing of earlier runs, and keep nothing.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Report of what has to pass before; repeatable.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict's line alone.")
@click.option("-v", "--verbose", is_flag=True, help="Print every gate and finding.")
@json_option
@click.pass_obj
def COMMAND(  # noqa: N802, PLR0913 - click makes it a constant; an argument for each option
    interrupts: Interrupts,
    *,
    wish: Wish,
    output: Path | None,
    jobs: int | None,
    no_cache: bool,
    reports: tuple[Path, ...],
    history: Path | None,
    quiet: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """Run the gates and give one verdict.

    With --gate or --path the run is partial: it writes a part and never replaces the report.
    """
    with Kit(wish, output) as kit:
        plan = kit.plan()
        earlier = needed_reports(plan, reports, kit.output_path)
        past = None if history is None else read(history)
        Templates(kit.templates(plan))  # what cannot be shown at the end is better not begun
        with kit.output() as folder:
            folder.fresh_logs(tuple(one.gate_id for one in plan.gates) if plan.partial else None)
            key = kit.key(plan)
            world = kit.world(plan, interrupts, key=key, cache=not no_cache)
            redraw = can_redraw(kit.environment, terminal=is_terminal(sys.stderr), ci=kit.ci)
            with display(
                quiet=quiet, verbose=verbose, redraw=redraw, seconds=kit.clock.monotonic
            ) as sink:
                report = execute(
                    plan, world, sink, tool=tool_info(), jobs=jobs, earlier=earlier, history=past
                )
            with interrupts.deferred():
                if history is not None and not report.partial:
                    record(history, past or (), report)
                file = write(folder, report, kit.templates(plan), plan.paths, files=listings(plan))
    if as_json:
        say(to_bytes(report).decode().rstrip("\n"))
    else:
        say(final_text(report, file, kit.environment, verbose=verbose, quiet=quiet))
    return exit_code(report.verdict)
