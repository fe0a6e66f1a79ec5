"""``release-gate completion``: the script that teaches a shell our options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from release_gate.cli.terminal import say

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_RELEASE_GATE_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def COMMAND(shell: str) -> None:  # noqa: N802 - a constant that click makes of a function
    """Print the completion script of SHELL.

    For bash: release-gate completion bash > ~/.local/share/bash-completion/completions/release-gate
    """
    from release_gate.cli.root import ROOT  # noqa: PLC0415 - the root imports this module on use

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - click knows these three
        raise click.UsageError(f"click knows no completion for {shell}")
    say(kind(ROOT, {}, "release-gate", _VARIABLE).source())
