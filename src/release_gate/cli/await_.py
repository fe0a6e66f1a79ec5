"""``release-gate await``: wait until the checklist's people have decided."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import click

from release_gate.checklists import SIGN_OFFS, ChecklistInputs
from release_gate.cli.options import Wish, plan_options
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.errors import NothingToDo, UsageError
from release_gate.judge.sign_offs import Answer, ItemState, manual_answers
from release_gate.plan.keys import seconds
from release_gate.plan.sign_off_book import signed_at, signed_of
from release_gate.plan.types import Plan
from release_gate.redact import safe_text

_NO_GO = 1
_NOT_YET = 3


@click.command("await")
@click.option(
    "--deadline", default="1h", metavar="TIME", help='How long, as "90s", "30m", "4h"  [1h]'
)
@click.option("--interval", default="15s", metavar="TIME", help="How often to look  [15s]")
@click.option(
    "--fetch",
    "ref",
    metavar="REMOTE/BRANCH",
    help="Read the sign-offs from this branch, fetched anew each time.",
)
@plan_options
def COMMAND(*, deadline: str, interval: str, ref: str | None, wish: Wish) -> int:  # noqa: N802 - a constant that click makes of a function
    """Wait for the sign-offs of the phase, and hold the next step until they are there.

    The exit code is 0 once every item that people sign is a go, 1 at the first no-go, and 3 if
    something is still open at the deadline.
    """
    longest, pause = _time(deadline, "--deadline"), _time(interval, "--interval")
    if ref is not None and wish.sign_offs is not None:
        raise UsageError("--fetch and --sign-offs contradict each other")
    with Kit(wish) as kit:
        plan = kit.plan()
        inputs = plan.judging.checklist
        if inputs is None:
            raise NothingToDo(
                f"no checklist says anything of phase {plan.phase}",
                remedy="Write release-gate-checklist.toml, or name another phase.",
            )
        ends = kit.clock.monotonic() + longest
        shown: Mapping[str, Answer] = {}
        while True:
            found = _look(kit, plan, inputs, ref)
            for line in _news(shown, found):
                say(safe_text(line))
            shown = found
            states = {one.state for one in found.values()}
            if ItemState.NO_GO in states:
                return _NO_GO
            if states <= {ItemState.GO}:
                return 0
            left = ends - kit.clock.monotonic()
            if left <= 0:
                say(safe_text(f"still open after {deadline}: {_open(found)}"))
                return _NOT_YET
            time.sleep(min(pause, left))


def _time(text: str, option: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from error


def _look(kit: Kit, plan: Plan, inputs: ChecklistInputs, ref: str | None) -> Mapping[str, Answer]:
    repository, check = kit.repository, kit.signatures.doubt
    if ref is not None:
        commit = repository.fetched(ref)
        text = repository.snapshot(commit).read(SIGN_OFFS)
        authors = repository.line_authors(SIGN_OFFS, commit) if text is not None else ()
        signed = signed_at(text, f"{ref}:{SIGN_OFFS}", authors, check)
    else:
        given: Path | None = kit.wish.sign_offs
        file = given.absolute() if given is not None else None
        signed = signed_of(kit.root, file, kit.environment, repository, check, repository)
    found = manual_answers(
        inputs, signed, phase=plan.phase, environment=plan.environment, now=kit.clock.now()
    )
    if not found:
        raise NothingToDo(
            f"no item of phase {plan.phase} is signed by people: there is nothing to wait for",
            remedy="release-gate run judges the automatic ones.",
        )
    return found


def _news(before: Mapping[str, Answer], now: Mapping[str, Answer]) -> list[str]:
    return [
        f"{name}: {one.state}, {one.said}" for name, one in now.items() if before.get(name) != one
    ]


def _open(found: Mapping[str, Answer]) -> str:
    return ", ".join(name for name, one in found.items() if one.state is not ItemState.GO)
