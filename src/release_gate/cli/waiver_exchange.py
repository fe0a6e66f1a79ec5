"""``release-gate waivers import|export``: ignores of other tools as waivers, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from release_gate.adapters.committed import write_committed
from release_gate.cli.options import Wish, output_option, root_option
from release_gate.cli.terminal import complain, say
from release_gate.cli.waive import TYPES
from release_gate.cli.waiver_desk import Desk, Found
from release_gate.cli.wiring import Kit
from release_gate.errors import ConfigError, UsageError
from release_gate.files import read_file
from release_gate.judge.budgets import counts_as
from release_gate.judge.types import WaiverStatus
from release_gate.judge.waiver_check import standings
from release_gate.judge.waiver_rules import utc_day
from release_gate.model import Severity
from release_gate.plan.ignores.formats import READERS, WRITERS, format_of
from release_gate.plan.ignores.types import Ignore, Ignores
from release_gate.plan.waiver_text import appended, entry_text, next_id
from release_gate.plan.waivers import read_waivers
from release_gate.policy import Waiver
from release_gate.redact import safe_text
from release_gate.run.interrupt import Interrupts

_HOLDING = frozenset(
    {
        WaiverStatus.IN_FORCE,
        WaiverStatus.NOT_SEEN,
        WaiverStatus.NOT_NEEDED,
        WaiverStatus.NO_MATCH,
    }
)
_GATE = "dependencies"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """An entry to be written, by key; an empty text is what somebody still has to say."""

    values: Mapping[str, Any]
    comments: tuple[str, ...]


@click.command("import")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@root_option
@click.option("--format", "kind", type=click.Choice(sorted(READERS)), help="Of the file.")
@click.option("--gate", "gate_id", metavar="ID", help="Whose findings they are.")
@click.option("--type", "type", type=click.Choice(TYPES), help="Why they are exceptions.")
@click.option("--reason", help="Where the file gives none.")
@click.option("--mitigation", help="What keeps the damage small meanwhile.")
@click.option("--owner", help="Who looks after them.")
@click.option("--approver", help="Who allows them.")
@click.option("--days", type=click.IntRange(min=0), help="Days that they run at most.")
@output_option
@click.pass_obj
def take_over(
    interrupts: Interrupts,
    /,
    *,
    source: Path,
    root: Path | None,
    output: Path | None,
    kind: str | None,
    **given: Any,
) -> int:
    """Take over what pip-audit, OSV-Scanner, Trivy, Grype or Snyk is told to ignore.

    Nothing is made up: what neither the file nor an option says is left empty, and such an entry
    is refused (exit code 2) until somebody has filled it in.
    """
    with Kit(Wish(root=root), output) as kit:
        desk = Desk(kit)
        ignores = _read(source, kind)
        today = utc_day(kit.clock.now())
        fresh, left = _worth_taking(ignores, desk, today)
        drafts = _drafts(fresh, desk, given, today, source.name)
        texts = [entry_text(one.values, one.comments) for one in drafts]
        new = appended(desk.text, texts, desk.name) if texts else ""
        if texts:
            with interrupts.deferred():
                write_committed(desk.path, new)
        _, errors = read_waivers(new, desk.name)
    say(safe_text("\n".join(_told(desk.name, drafts, left, len(errors)))))
    return 0


@click.command("export")
@root_option
@click.option("--format", "kind", type=click.Choice(sorted(WRITERS)), required=True)
@output_option
def export(*, root: Path | None, output: Path | None, kind: str) -> int:
    """Print the waivers that are in force as another tool's ignores.

    What the other tool cannot say is left out, and told on standard error.
    """
    with Kit(Wish(root=root), output) as kit:
        desk = Desk(kit)
        if desk.errors:
            raise desk.errors[0]
        found = standings(desk.book, desk.policy, desk.report, kit.clock.now())
    holding: list[Waiver] = []
    for one in found:
        if one.use.status not in _HOLDING:
            complain(safe_text(f"left out: {one.waiver.id}: it is {one.use.status}"))
        elif one.waiver.environments:
            where = " and ".join(one.waiver.environments)
            complain(safe_text(f"left out: {one.waiver.id}: it is for {where} alone"))
        else:
            holding.append(one.waiver)
    written = WRITERS[kind](holding)
    for text in written.left:
        complain(safe_text(text))
    say(written.text.rstrip("\n"))
    return 0


def _read(source: Path, kind: str | None) -> Ignores:
    try:
        text = read_file(source).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8", file=source.name) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=source.name) from error
    chosen = kind or format_of(source.name, text)
    if chosen is None:
        raise UsageError(
            f"{source.name}: whose file is it?", remedy=f"--format {'|'.join(sorted(READERS))}"
        )
    return READERS[chosen](text, source.name)


def _worth_taking(ignores: Ignores, desk: Desk, today: date) -> tuple[list[Ignore], list[str]]:
    """Neither what has ended nor what a waiver names already."""
    present = {(one.match.rule.casefold(), one.match.package) for one in desk.book.waivers}
    fresh, left = [], list(ignores.left)
    for one in dict.fromkeys(ignores.kept):
        if one.until is not None and one.until < today:
            left.append(f"line {one.line}: {one.rule} has ended on {one.until}")
        elif any(
            rule == one.rule.casefold() and one.package in {"", package}
            for rule, package in present
        ):
            left.append(f"line {one.line}: {one.rule} is waived already")
        else:
            fresh.append(one)
    return fresh, left


def _drafts(
    fresh: Sequence[Ignore], desk: Desk, given: Mapping[str, Any], today: date, source: str
) -> list[_Draft]:
    drafts: list[_Draft] = []
    for one in fresh:
        taken = [str(draft.values["id"]) for draft in drafts]
        waiver_id = next_id(desk.text or "", today.year, taken)
        drafts.append(_draft(one, waiver_id, desk, given, today, source))
    return drafts


def _draft(
    one: Ignore, waiver_id: str, desk: Desk, given: Mapping[str, Any], today: date, source: str
) -> _Draft:
    seen = _seen(one, desk, given.get("gate_id"))
    severity = min((counts_as(f.item.finding.severity) for f in seen), key=_rank, default=None)
    kind = given.get("type") or ""
    comments = [f"taken over from {source}, line {one.line}"]
    if one.until is None:
        comments.append("there it has no end")
    mitigation = given.get("mitigation")
    if mitigation is None and kind in {"", "risk-accepted"}:
        mitigation = ""
    return _Draft(
        values={
            "id": waiver_id,
            "type": kind,
            "gate": given.get("gate_id") or (seen[0].gate_id if seen else _GATE),
            "match": _match(one, seen),
            "max-severity": severity.value if severity else "",
            "max-count": len(seen) if len(seen) > 1 else None,
            "reason": one.reason or given.get("reason") or "",
            "mitigation": mitigation,
            "owner": given.get("owner") or "",
            "approver": given.get("approver") or "",
            "created": today,
            "expires": _expires(one, severity, desk, given.get("days"), today),
        },
        comments=tuple(comments),
    )


def _expires(
    one: Ignore, severity: Severity | None, desk: Desk, days: int | None, today: date
) -> date | str:
    """Never later than the file says, the option says, or the policy allows."""
    said = [] if one.until is None else [one.until]
    said += [] if days is None else [today + timedelta(days=days)]
    if not said:
        return ""
    most = desk.policy.max_days.get(severity or Severity.HIGH, 0)
    return min([*said, today + timedelta(days=most)])


def _seen(one: Ignore, desk: Desk, gate_id: str | None) -> list[Found]:
    """Its findings in the last report, which know the package and the severity."""
    found = []
    for each in desk.findings():
        finding = each.item.finding
        names = {name.casefold() for name in (finding.rule_id, *finding.aliases)}
        if one.rule.casefold() in names and gate_id in {None, each.gate_id}:
            found.append(each)
    gates = [each.gate_id for each in found]
    return [each for each in found if each.gate_id == gates[0]]


def _match(one: Ignore, seen: Sequence[Found]) -> dict[str, str]:
    match = {"rule": one.rule}
    if one.path:
        return {**match, "path": one.path}
    if one.package:
        return {**match, "package": one.package}
    purls = {
        each.item.finding.identity.key[0].rpartition("/")[2].partition("@")[0]
        for each in seen
        if each.item.finding.identity.kind == "dependency"
    }
    return {**match, "package": purls.pop() if len(purls) == 1 else ""}


def _rank(severity: Severity) -> int:
    return severity.rank


def _told(file: str, drafts: Sequence[_Draft], left: Sequence[str], errors: int) -> Iterator[str]:
    yield f"{file}: {len(drafts)} taken over"
    if errors:
        yield (
            f"{errors} entries are not whole, and every run ends with exit code 2 until they "
            "are: release-gate waivers check"
        )
    for text in left:
        yield f"left out: {text}"
