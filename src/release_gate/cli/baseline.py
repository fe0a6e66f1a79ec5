"""``release-gate baseline``: accept findings as they are, show, shrink and take over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import click

from release_gate.cli.accepting import accept, accept_chosen, check_free, check_whole, take_over
from release_gate.cli.baseline_file import demanded, fresh, present, write
from release_gate.cli.baseline_run import gate_ids, judged, reached
from release_gate.cli.baseline_words import changes, missing, rows, written
from release_gate.cli.importing import choose
from release_gate.cli.options import Wish, json_option, output_option, plan_options
from release_gate.cli.terminal import say
from release_gate.cli.updating import Growth, Reached, Update, tightened, updated
from release_gate.cli.wiring import Kit, identity_key
from release_gate.errors import BaselineError, ToolProblem, UsageError
from release_gate.judge.baseline import LABELS, Baseline
from release_gate.plan.policy import baseline_file
from release_gate.plan.types import Plan
from release_gate.redact import safe_text
from release_gate.run.interrupt import Interrupts
from release_gate.subjects.accepted.formats import FORMATS, Format, detected

_LEAST_WORDS = 2


@click.group("baseline")
def COMMAND() -> None:  # noqa: N802 - a constant that click makes of a function
    """Accept findings as they are, show them, shrink them, take them over."""


@COMMAND.command("create")
@plan_options
@output_option
@click.option("--force", is_flag=True, help="Replace what was accepted of these gates before.")
@click.pass_obj
def create(interrupts: Interrupts, *, wish: Wish, output: Path | None, force: bool) -> int:
    """Accept what the gates find now; from then on only new findings block.

    Without --gate: of every gate. Other gates' entries stay as they are.
    """
    with Kit(wish, output) as kit:
        plan = _whole(kit)
        old = _replaceable(plan, force=force and not wish.gate)
        check_free(old, gate_ids(plan), force=force, file=plan.baseline_file)
        report = judged(kit, plan, old, interrupts, knows=False)
        new = accept(old, report, force=force, file=plan.baseline_file)
        new = replace(new, marks=tightened(new.marks, list(reached(plan, report))))
        _write(plan, new, interrupts)
    say(written(new, plan.baseline_file))
    return 0


@COMMAND.command("show")
@plan_options
@json_option
def show(*, wish: Wish, as_json: bool) -> int:
    """Show what is accepted, as it lies in the work tree."""
    with Kit(wish) as kit:
        file = baseline_file(kit.configuration)
        baseline = demanded(kit.root, file)
    entries = [one for one in baseline.entries if not wish.gate or one.gate_id in wish.gate]
    marks = [one for one in baseline.marks if not wish.gate or one.gate_id in wish.gate]
    if as_json:
        shown = {
            "entries": [asdict(one) for one in entries],
            "ratchets": [asdict(one) for one in marks],
        }
        say(json.dumps(shown, indent=2, sort_keys=True))
        return 0
    lines = [*rows(entries), *(f"{one.gate_id}  {one.metric} {one.value}" for one in marks)]
    say(safe_text("\n".join([*lines, f"{len(entries)} accepted in {file}"])))
    return 0


@COMMAND.command("update")
@plan_options
@output_option
@click.option("--allow-new", is_flag=True, help="Accept what is new as well; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why more is accepted than before.")
@click.option(
    "--label",
    type=click.Choice(LABELS),
    default="accepted",
    show_default=True,
    help="What the new entries are; a new secret is accepted as a false positive only.",
)
@click.pass_obj
def update(
    interrupts: Interrupts,
    *,
    wish: Wish,
    output: Path | None,
    allow_new: bool,
    reason: str | None,
    label: str,
) -> int:
    """Take out what no longer occurs and tighten the ratchets; nothing is added.

    Without --gate: of every gate. A gate that cannot be judged keeps its entries.
    """
    growth = _growth(allow_new=allow_new, reason=reason, label=label)
    with Kit(wish, output) as kit:
        plan = _whole(kit)
        old = demanded(plan.project.root, plan.baseline_file)
        report = judged(kit, plan, old, interrupts, knows=True)
        found = list(reached(plan, report))
        result = updated(old, report, found, growth)
        _write(plan, result.baseline, interrupts)
    say(safe_text("\n".join(changes(result, plan.baseline_file))))
    _check_judged(result, found)
    return 0


@COMMAND.command("import")
@click.argument(
    "native",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@plan_options
@output_option
@click.option(
    "--format", "wanted", type=click.Choice(list(FORMATS)), help="Who wrote it  [default: detected]"
)
@click.option("--force", is_flag=True, help="Replace what was accepted of that gate before.")
@click.pass_obj
def take(
    interrupts: Interrupts,
    *,
    native: Path,
    wish: Wish,
    output: Path | None,
    wanted: str | None,
    force: bool,
) -> int:
    """Take over the baseline of another tool: bandit, detect-secrets, mypy-baseline, SARIF.

    The gate runs, and of its findings those that FILE names are accepted. A baseline of
    detect-secrets is taken over as it is.
    """
    content = native.read_bytes()
    chosen = FORMATS[wanted] if wanted else detected(content, native.name)
    with Kit(wish, output) as kit:
        plan = _whole(kit)
        gate_id = _gate_for(plan, chosen, named=bool(wish.gate))
        old = present(plan.project.root, plan.baseline_file) or fresh()
        check_free(old, {gate_id}, force=force, file=plan.baseline_file)
        if chosen.read is None:
            key = identity_key(kit.environment, old, kit.cache)
            new = take_over(
                old,
                content,
                gate_id=gate_id,
                name=native.name,
                key=key,
                file=plan.baseline_file,
                force=force,
            )
            unfound: list[str] = []
        else:
            items = chosen.read(content, native.name)
            plan = replace(plan, gates=tuple(one for one in plan.gates if one.gate_id == gate_id))
            report = judged(kit, plan, old, interrupts, knows=False)
            check_whole(report.gates)
            found = choose(report.gates[0].findings, items, plan.project.root.as_posix())
            new = accept_chosen(
                old, gate_id, found.findings, reason=f"taken over from {native.name}"
            )
            unfound = missing(found)
        _write(plan, new, interrupts)
    say(safe_text("\n".join([written(new, plan.baseline_file), *unfound])))
    return 0


def _whole(kit: Kit) -> Plan:
    """The plan, which must not be narrowed to some files.

    Raises:
        UsageError: If it is.
    """
    if kit.wish.path:
        raise UsageError(
            "--path narrows the run, and a baseline is made of whole runs",
            remedy="Take --path out; --gate may stay.",
        )
    return kit.plan()


def _replaceable(plan: Plan, *, force: bool) -> Baseline:
    """What is there; where all of it is replaced it need not be usable."""
    try:
        return present(plan.project.root, plan.baseline_file) or fresh()
    except BaselineError:
        if not force:
            raise
        return fresh()


def _growth(*, allow_new: bool, reason: str | None, label: str) -> Growth | None:
    said = " ".join((reason or "").split())
    if not allow_new:
        if said or label != "accepted":
            raise UsageError(
                "--reason and --label say why more is accepted",
                remedy="Add --allow-new to accept what is new, or leave them out.",
            )
        return None
    if len(said.split()) < _LEAST_WORDS:
        raise UsageError(
            "--allow-new needs a reason of at least two words",
            remedy='--allow-new --reason "why this may stay as it is"',
        )
    return Growth(reason=said, label=label)


def _gate_for(plan: Plan, chosen: Format, *, named: bool) -> str:
    found = [one.gate_id for one in plan.gates if named or one.gate.kind == chosen.kind]
    if len(found) != 1:
        what = f"{len(found)} gates" + (f" of kind {chosen.kind}" if not named else "")
        raise UsageError(f"{what} are planned, one is needed", remedy="Name it: --gate ID")
    return found[0]


def _write(plan: Plan, new: Baseline, interrupts: Interrupts) -> None:
    with interrupts.deferred():
        write(plan.project.root / plan.baseline_file, new)


def _check_judged(result: Update, found: Iterable[Reached]) -> None:
    """Said last, when all that could be done is done.

    Raises:
        ToolProblem: If a gate could not be judged or a ratchet has nothing to hold on to.
    """
    said = [
        f"{gate_id} could not be judged and keeps its entries: {why}"
        for gate_id, why in result.unjudged
    ]
    ids = {gate_id for gate_id, _ in result.unjudged}
    said += [
        f"{one.gate_id} measured no {one.name}: its ratchet has no value"
        for one in found
        if one.gate_id not in ids and (one.metric is None or not one.metric.is_number)
    ]
    if said:
        raise ToolProblem("; ".join(said), remedy="Mend that, then update again.")
