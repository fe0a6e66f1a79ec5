"""``release-gate waive``: write a waiver for a finding, by options or by questions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import click

from release_gate.adapters.committed import write_committed
from release_gate.cli.options import Wish, output_option, root_option
from release_gate.cli.terminal import is_terminal, say
from release_gate.cli.waiver_choice import Chosen, choose
from release_gate.cli.waiver_desk import Desk
from release_gate.cli.wiring import Kit
from release_gate.errors import UsageError
from release_gate.judge.waiver_rules import unusable, utc_day
from release_gate.plan.waiver_text import appended, entry_text, next_id, refused
from release_gate.plan.waivers import read_waivers, with_authors
from release_gate.policy import Author, WaiverType
from release_gate.redact import safe_text
from release_gate.run.interrupt import Interrupts

TYPES: tuple[str, ...] = get_args(WaiverType)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """Answers by key, from options; what is missing is asked for where somebody can answer."""

    given: Mapping[str, Any]
    ask: Callable[[str, str, str | None], str] | None

    def get(self, key: str, question: str, suggested: str | None = None) -> str:
        """An answer that there has to be."""
        value = self.given.get(key)
        if value is None:
            value = suggested if self.ask is None else self.ask(key, question, suggested)
        if value is None:
            raise UsageError(
                f"--{key} is missing, and there is no terminal to ask on",
                remedy="release-gate waive --help lists what a waiver needs.",
            )
        return str(value)


@click.command("waive")
@click.argument("finding", metavar="FINDING|RULE")
@root_option
@click.option("--gate", "gate_id", metavar="ID", help="Only findings of this gate.")
@click.option("--type", "type", type=click.Choice(TYPES), help="Why it is an exception.")
@click.option("--reason", help="Why it may be so, in 20 characters or more.")
@click.option("--mitigation", help="What keeps the damage small meanwhile.")
@click.option("--owner", help="Who looks after it  [default: you, as git knows you]")
@click.option("--approver", help="Who allows it; somebody else.")
@click.option("--days", type=click.IntRange(min=0), help="Days that it runs  [default: the most]")
@click.option("--environment", multiple=True, metavar="NAME", help="Only here; repeatable.")
@click.option("--max-count", type=click.IntRange(min=1), help="How many findings it may name.")
@click.option("--tracking", metavar="URL", help="Where the work on it is followed.")
@output_option
@click.pass_obj
def COMMAND(  # noqa: N802 - a constant that click makes of a function
    interrupts: Interrupts, /, *, finding: str, root: Path | None, output: Path | None, **given: Any
) -> int:
    """Write a waiver for a finding of the last report, or for a rule in one place.

    FINDING is the first six or more digits of its fingerprint. What is not given as an option is
    asked for. The file keeps its comments; nothing is approved by writing it.
    """
    with Kit(Wish(root=root), output) as kit:
        desk = Desk(kit)
        chosen = choose(finding, desk.findings(), given.pop("gate_id"))
        me = kit.repository.present_author()
        here = is_terminal(sys.stdin) and is_terminal(sys.stdout)
        asked = _Asked(given=given, ask=_ask if here else None)
        today = utc_day(kit.clock.now())
        values = _values(chosen, asked, desk, me, today)
        new = appended(desk.text, [entry_text(values)], desk.name)
        _check(desk, new, str(values["id"]), me)
        with interrupts.deferred():
            write_committed(desk.path, new)
    say(safe_text(_written(values, chosen, desk.name, values["expires"])))
    return 0


def _values(
    chosen: Chosen, asked: _Asked, desk: Desk, me: Author | None, today: date
) -> dict[str, Any]:
    approvers = desk.policy.approvers.get(chosen.severity, ())
    if not approvers:
        raise UsageError(
            f"nobody may approve a waiver for {chosen.severity} findings",
            remedy='Name people in [tool.release-gate.waiver-policy]: approvers = ["…"]',
        )
    kind = asked.get("type", f"{chosen.about}\nType ({', '.join(TYPES)})")
    reason = asked.get("reason", "Why may it be so?")
    mitigation = asked.given.get("mitigation")
    if kind == "risk-accepted":
        mitigation = asked.get("mitigation", "What keeps the damage small meanwhile?")
    most = desk.policy.max_days[chosen.severity]
    days = asked.given.get("days")
    return {
        "id": next_id(desk.text or "", today.year),
        "type": kind,
        "gate": chosen.gate_id,
        "match": chosen.match,
        "environments": list(asked.given["environment"]) or None,
        "max-severity": chosen.severity.value,
        "max-count": _count(chosen, asked.given.get("max_count")),
        "reason": reason,
        "mitigation": mitigation,
        "owner": asked.get("owner", "Owner", me.email if me else None),
        "approver": asked.get("approver", f"Approver (may: {', '.join(approvers)})"),
        "created": today,
        "expires": today + timedelta(days=most if days is None else days),
        "tracking": asked.given.get("tracking"),
    }


def _count(chosen: Chosen, given: int | None) -> int | None:
    """One is the default of the file, and need not be written."""
    count = given or chosen.count
    return count if count > 1 else None


def _check(desk: Desk, new: str, waiver_id: str, me: Author | None) -> None:
    """Nothing is written that would not hold."""
    for error in refused(desk.text, new, desk.name):
        raise error
    book, _ = read_waivers(new, desk.name)
    waiver = with_authors(book, (me,) * (new.count("\n") + 1)).find(waiver_id)
    if waiver is None:
        raise AssertionError("an entry without a mistake is in the book")
    for why in unusable(waiver, desk.policy):
        raise UsageError(f"such a waiver could not be used: {why}", remedy="Nothing was written.")


def _ask(key: str, question: str, suggested: str | None) -> str:
    choices = click.Choice(TYPES) if key == "type" else None
    answer: str = click.prompt(question, default=suggested, type=choices, show_choices=False)
    return answer


def _written(values: Mapping[str, Any], chosen: Chosen, file: str, last: date) -> str:
    many = f"{chosen.count} findings" if chosen.count > 1 else "1 finding"
    return (
        f"{file}: {values['id']} covers {many} of {chosen.gate_id} ({chosen.about}) "
        f"up to and with {last.isoformat()} UTC\n"
        f"Have it reviewed and merged: in CI the waivers of the base branch hold.\n"
        f"release-gate waivers check"
    )
