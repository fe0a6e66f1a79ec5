"""``release-gate baseline``: accept findings as they are, and show what is accepted."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import click

from release_gate.cli.accepting import accept, check_free, take_over
from release_gate.cli.live import can_redraw, display
from release_gate.cli.options import Wish, json_option, output_option, plan_options
from release_gate.cli.terminal import is_terminal, say
from release_gate.cli.wiring import Kit, identity_key, tool_info
from release_gate.errors import BaselineError, OutputProblem, UsageError
from release_gate.judge.baseline import Baseline, parse, render
from release_gate.judge.types import Report
from release_gate.plan.types import Plan
from release_gate.redact import safe_text
from release_gate.run.chain import execute
from release_gate.run.interrupt import Interrupts

_SALT_BYTES = 16
_SECRETS = "secrets"


@click.group("baseline")
def COMMAND() -> None:  # noqa: N802 - a constant that click makes of a function
    """Accept findings as they are, or show what is accepted."""


@COMMAND.command("create")
@plan_options
@output_option
@click.option("--force", is_flag=True, help="Replace what was accepted of these gates before.")
@click.option(
    "--import",
    "native",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take over a .secrets.baseline of detect-secrets; runs nothing.",
)
@click.pass_obj
def create(
    interrupts: Interrupts, *, wish: Wish, output: Path | None, force: bool, native: Path | None
) -> int:
    """Accept what the gates find now; from then on only new findings block.

    Without --gate: of every gate. Other gates' entries stay as they are.
    """
    with Kit(wish, output) as kit:
        plan = kit.plan()
        file = plan.project.root / plan.baseline_file
        old = _present(file, plan.baseline_file) or Baseline(salt=secrets.token_hex(_SALT_BYTES))
        if native is None:
            check_free(old, _ids(plan), force=force, file=plan.baseline_file)
            report = _run(kit, plan, old, interrupts)
            new = accept(old, report, force=force, file=plan.baseline_file)
        else:
            new = take_over(
                old,
                native.read_bytes(),
                gate_id=_secrets_gate(plan),
                name=native.name,
                key=identity_key(kit.environment, old, kit.cache),
                file=plan.baseline_file,
                force=force,
            )
        with interrupts.deferred():
            _write(file, render(new))
    say(_written(new, plan.baseline_file))
    return 0


@COMMAND.command("show")
@plan_options
@json_option
def show(*, wish: Wish, as_json: bool) -> int:
    """Show what is accepted, as it lies in the work tree."""
    with Kit(wish) as kit:
        file = kit.root / kit.configuration.keys.baseline
    baseline = _present(file, file.name)
    if baseline is None:
        raise BaselineError(
            "there is no baseline", file=file.name, remedy="release-gate baseline create"
        )
    entries = [one for one in baseline.entries if not wish.gate or one.gate_id in wish.gate]
    if as_json:
        say(json.dumps([asdict(one) for one in entries], indent=2, sort_keys=True))
        return 0
    rows = [
        f"{one.gate_id}  {one.rule_id}  {one.path or '-'}  {one.fingerprint[:12]}  {one.label}"
        for one in entries
    ]
    say(safe_text("\n".join([*rows, f"{len(entries)} accepted in {file.name}"])))
    return 0


def _run(kit: Kit, plan: Plan, old: Baseline, interrupts: Interrupts) -> Report:
    """A run that knows no baseline but hashes secrets as the new one will."""
    with kit.output() as folder:
        folder.fresh_logs(_ids(plan))
        key = identity_key(kit.environment, old, kit.cache)
        world = kit.world(plan, interrupts, key=key, cache=True)
        redraw = can_redraw(kit.environment, terminal=is_terminal(sys.stderr), ci=kit.ci)
        seconds = kit.clock.monotonic
        with display(quiet=False, verbose=False, redraw=redraw, seconds=seconds) as sink:
            return execute(replace(plan, baseline_text=None), world, sink, tool=tool_info())


def _ids(plan: Plan) -> list[str]:
    return [one.gate_id for one in plan.gates]


def _secrets_gate(plan: Plan) -> str:
    found = [one.gate_id for one in plan.gates if one.gate.kind == _SECRETS]
    if len(found) != 1:
        raise UsageError(
            f"{len(found)} gates of kind {_SECRETS} are planned, one is needed",
            remedy="Name it: --gate ID",
        )
    return found[0]


def _present(file: Path, name: str) -> Baseline | None:
    try:
        return parse(file.read_text("utf-8"), name)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"cannot be read: {error}", file=name) from error


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            Path(temporary).chmod(0o644)  # it is meant to be committed
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputProblem(f"{file.name} cannot be written: {error.strerror}") from error


def _written(new: Baseline, name: str) -> str:
    counts = Counter(one.gate_id for one in new.entries)
    each = ", ".join(f"{count} of {gate_id}" for gate_id, count in sorted(counts.items()))
    confirmed = sum(one.label == "confirmed" for one in new.entries)
    lines = [f"{name}: {len(new.entries)} accepted" + (f" ({each})" if each else "")]
    if confirmed:
        lines.append(f"{confirmed} of them are confirmed secrets and keep failing: revoke them")
    lines.append("Commit the file; from now on only new findings block.")
    return "\n".join(lines)
