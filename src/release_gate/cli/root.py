"""The root of the command line: its name, version and help."""

from __future__ import annotations

import click

from release_gate import __version__
from release_gate.cli.group import LazyGroup


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 could not judge, "
    "130 interrupted.",
)
@click.version_option(__version__, prog_name="release-gate")
def ROOT() -> None:  # noqa: N802 - a constant that click makes of a function
    """May this release go out? One command, one verdict, with evidence."""
