"""``release-gate plan``: what would run, on what, and why not the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from release_gate.cli.options import Wish, json_option, plan_options
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.plan.describe import describe
from release_gate.redact import safe_text
from release_gate.report.view.gates import amount

_COMMIT = 7


@click.command("plan")
@plan_options
@click.option("-v", "--verbose", is_flag=True, help="Show every gate's settings too.")
@click.option("--requests", is_flag=True, help="Print what the checks would send; sends nothing.")
@json_option
def COMMAND(  # noqa: N802 - click makes it a constant
    *, wish: Wish, verbose: bool, requests: bool, as_json: bool
) -> int:
    """Say what would run, on what, from which settings; runs nothing."""
    with Kit(wish) as kit:
        described = describe(kit.plan())
    if as_json:
        say(json.dumps(described, indent=2, sort_keys=True))
    elif requests:
        say(safe_text("\n".join(sent(described))))
    else:
        say(safe_text("\n".join(lines(described, verbose=verbose))))
    return 0


def lines(plan: Mapping[str, Any], *, verbose: bool) -> Iterator[str]:
    """The plan for people.

    Args:
        plan: As :func:`release_gate.plan.describe.describe` gives it.
        verbose: Also every setting of every gate.
    """
    yield " · ".join(_head(plan))
    yield f"project environment: {plan['project_environment']}"
    yield ""
    for gate in plan["gates"]:
        yield from _gate(gate, verbose=verbose)
    for one in plan["not_applicable"]:
        yield f"  - {one['gate']}: not run: {one['reason']}"
    yield ""
    yield from _settings(plan["settings"], "  ")
    yield from (f"note: {text}" for text in plan["policy"]["changes"])
    yield from (f"note: {text}" for text in plan["notes"])
    yield from (f"warning: {text}" for text in plan["warnings"])


def sent(plan: Mapping[str, Any]) -> Iterator[str]:
    """What the checks would send, for people.

    Args:
        plan: As :func:`release_gate.plan.describe.describe` gives it.
    """
    asking = [gate for gate in plan["gates"] if gate["requests"]]
    for gate in asking:
        yield f"{gate['id']}: {gate['title']}"
        yield from (f"  {line}" for line in gate["requests"])
    if not asking:
        yield f"no gate of phase {plan['phase']} sends requests"


def _head(plan: Mapping[str, Any]) -> Iterator[str]:
    yield f"{plan['project']} {plan['version'] or ''}".strip()
    if plan["commit"]:
        yield f"{plan['commit'][:_COMMIT]} ({'dirty' if plan['dirty'] else 'clean'})"
    yield f"base {plan['base']['ref'] or 'none'}"
    yield f"phase {plan['phase']}"
    if plan["environment"]:
        yield f"environment {plan['environment']}"
    yield f"{amount(len(plan['gates']), 'gates')}, {amount(plan['files'], 'files')}"
    if plan["partial"]:
        yield "PARTIAL"


def _gate(gate: Mapping[str, Any], *, verbose: bool) -> Iterator[str]:
    kind = "" if gate["kind"] == gate["id"] else f" ({gate['kind']})"
    tools = ", ".join(f"{one['name']} {one['version']}" for one in gate["tools"])
    facts = [
        gate["note"] or amount(gate["count"], gate["unit"]),
        tools,
        gate["file"],
        None if gate["enforce"] else "shown only",
        f"skipped: {gate['skip_reason']}" if gate["skip_reason"] else None,
        f"cannot run: {gate['inapplicable']}" if gate["inapplicable"] else None,
    ]
    yield f"  {gate['id']}{kind}: {gate['title']}"
    yield "      " + " · ".join(one for one in facts if one)
    if verbose:
        yield from _settings(gate["settings"], "      ")


def _settings(settings: list[Mapping[str, str]], indent: str) -> Iterator[str]:
    width = max((len(one["name"]) for one in settings), default=0)
    for one in settings:
        yield f"{indent}{one['name'].ljust(width)}  {one['value']}  ({one['origin']})"
