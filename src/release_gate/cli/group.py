"""A group of commands, each imported only when it is called: ``--help`` stays fast."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

# Command, its module, and its one line, so that help needs no import of any of them.
_COMMANDS: dict[str, tuple[str, str]] = {
    "plan": ("plan", "Say what would run, on what, and why not the rest; runs nothing."),
    "run": ("run", "Run the gates and give one verdict."),
    "canary": ("canary", "Roll out in steps: watch, then promote or roll back."),
    "watch": ("watch", "Watch what is in service, and roll back if a rule says so."),
    "merge": ("merge", "Join parts, and the reports of several phases, into one report."),
    "report": ("report", "Write the outputs again from a stored gate.json."),
    "list": ("list_kinds", "List the kinds of gates that are there."),
    "compare": ("compare", "Say where two reports differ and what caused it."),
    "sign-off": ("sign_off", "Say go or no-go to one item of the checklist."),
    "await": ("await_", "Wait until the checklist's people have decided."),
    "history": ("history", "Show past releases, or note a rollback or an incident."),
    "explain": ("explain", "Explain a rule or a finding."),
    "baseline": ("baseline", "Accept findings as they are, or show what is accepted."),
    "waive": ("waive", "Write a waiver for a finding: an exception with an owner and an end."),
    "waivers": ("waivers", "Show and check waivers, exchange them with other tools."),
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
