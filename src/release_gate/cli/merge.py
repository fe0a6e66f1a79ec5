"""``release-gate merge``: parts, and the reports of several phases, become one report."""

from __future__ import annotations

from pathlib import Path

import click

from release_gate.cli.merge_last import with_last
from release_gate.cli.options import Wish, json_option, output_option, root_option
from release_gate.cli.outputs import final_text, write
from release_gate.cli.stored import stored_reports
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.errors import UsageError
from release_gate.judge.merge import merge
from release_gate.judge.verdicts import exit_code
from release_gate.report.store import to_bytes


@click.command("merge")
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path))
@root_option
@output_option
@click.option("--base", metavar="REF", help="What the parts took differences against.")
@click.option("--commit", metavar="REF", help="What is released  [default: HEAD, where git is]")
@click.option("-v", "--verbose", is_flag=True, help="Print every gate and finding.")
@json_option
def COMMAND(  # noqa: N802 - click makes it a constant
    *,
    places: tuple[Path, ...],
    root: Path | None,
    output: Path | None,
    base: str | None,
    commit: str | None,
    verbose: bool,
    as_json: bool,
) -> int:
    """Join parts, and the reports of several phases, into one report; nothing is run.

    PLACES are reports, or folders with reports. A gate of which no part came, one that came
    twice, and a report about another commit, policy, environment or artefact are named, and
    the exit code is 3.
    """
    reports = stored_reports(places)
    wish = Wish(root=root, base=base)
    with Kit(wish, output) as kit:
        head = kit.repository.state()
        wanted, committed_at = commit, None
        if head is not None:
            wanted = _commit(kit, commit)
            committed_at = head.committed_at if wanted == head.commit else None
        report = merge(with_last(reports, wish), commit=wanted, committed_at=committed_at)
        with kit.output() as folder:
            file = write(folder, report, kit.templates())
    if as_json:
        say(to_bytes(report).decode().rstrip("\n"))
    else:
        say(final_text(report, file, kit.environment, verbose=verbose, quiet=False))
    return exit_code(report.verdict)


def _commit(kit: Kit, ref: str | None) -> str | None:
    """The full id of a commit that git knows, so that short names and branches can be given."""
    found = kit.repository.resolve(ref or "HEAD")
    if found is None and ref is not None:
        raise UsageError(f"--commit {ref}: there is no such commit", remedy="git fetch origin")
    return found
