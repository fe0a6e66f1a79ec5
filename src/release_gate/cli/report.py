"""``release-gate report``: every output again, from the stored gate.json."""

from __future__ import annotations

from pathlib import Path

import click

from release_gate.cli.options import Wish, json_option, output_option, root_option
from release_gate.cli.outputs import final_text, write
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.errors import ReportProblem
from release_gate.judge.verdicts import exit_code
from release_gate.report.store import load, to_bytes


@click.command("report")
@root_option
@output_option
@click.option("-v", "--verbose", is_flag=True, help="Print every gate and finding.")
@json_option
def COMMAND(root: Path | None, output: Path | None, *, verbose: bool, as_json: bool) -> int:  # noqa: N802 - click makes it a constant
    """Write the outputs again from a stored gate.json; nothing is run.

    The exit code is that of the stored verdict.
    """
    with Kit(Wish(root=root), output) as kit:
        stored = kit.output_path / "gate.json"
        report = load(stored)
        if report.partial:
            raise ReportProblem(f"{stored} is the report of a part", remedy="Run all gates.")
        with kit.output() as folder:
            file = write(folder, report, kit.templates())
    if as_json:
        say(to_bytes(report).decode().rstrip("\n"))
    else:
        say(final_text(report, file, kit.environment, verbose=verbose, quiet=False))
    return exit_code(report.verdict)
