"""``release-gate plan``: what would run, on what, and why not the rest."""

from __future__ import annotations

import click

from release_gate.cli.options import Wish, json_option, plan_options
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.plan.describe import as_json as json_of
from release_gate.plan.describe import as_text
from release_gate.redact import safe_text


@click.command("plan")
@plan_options
@json_option
def COMMAND(*, wish: Wish, as_json: bool) -> int:  # noqa: N802 - a constant that click makes of a function
    """Say what would run, on what, from which settings; runs nothing."""
    with Kit(wish) as kit:
        plan = kit.plan()
    say(json_of(plan) if as_json else safe_text(as_text(plan)))
    return 0
