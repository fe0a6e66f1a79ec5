"""A group of commands, each imported only when it is called: ``--help`` stays fast."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

# Command, its module, and its one line, so that help needs no import of any of them.
_COMMANDS: dict[str, tuple[str, str]] = {
    "plan": ("plan", "Say what would run, on what, and why not the rest; runs nothing."),
    "run": ("run", "Run the gates and give one verdict."),
    "report": ("report", "Write the outputs again from a stored gate.json."),
    "list": ("list_kinds", "List the kinds of gates that are there."),
    "explain": ("explain", "Explain a rule or a finding."),
    "baseline": ("baseline", "Accept findings as they are, or show what is accepted."),
    "completion": ("completion", "Print the completion script of a shell."),
}


class LazyGroup(click.Group):
    """Looks a command up in a table and imports its module on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of a run."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"release_gate.cli.{_COMMANDS[cmd_name][0]}")
        command: Any = module.COMMAND
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands, from the one-line texts above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])
