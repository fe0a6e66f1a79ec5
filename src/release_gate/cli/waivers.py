"""``release-gate waivers``: what is excused, whether it holds, and ignores of other tools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from release_gate.cli.options import Wish, json_option, output_option, root_option
from release_gate.cli.terminal import say
from release_gate.cli.waiver_desk import Desk
from release_gate.cli.waiver_exchange import export, take_over
from release_gate.cli.wiring import Kit
from release_gate.errors import WaiverError
from release_gate.judge.types import WaiverStatus
from release_gate.judge.waiver_check import FINE, Standing, standings
from release_gate.plan.waiver_book import oddities
from release_gate.redact import safe_text
from release_gate.report.view.waivers import ends

_USAGE = 2
_FAIL = 1


@click.group("waivers")
def COMMAND() -> None:  # noqa: N802 - a constant that click makes of a function
    """Show waivers, check them, and exchange them with the ignores of other tools."""


_file_option = click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another file of waivers than the configured one.",
)


@COMMAND.command("list")
@root_option
@_file_option
@json_option
def list_(*, root: Path | None, file: Path | None, as_json: bool) -> int:
    """List the waivers of the work tree, and what speaks against any of them."""
    with Kit(Wish(root=root)) as kit:
        desk = _desk(kit, file)
        if desk.errors:
            raise desk.errors[0]
        now = kit.clock.now()
        found = [_by_itself(one) for one in standings(desk.book, desk.policy, None, now)]
    if as_json:
        say(json.dumps([_plain(one) for one in found], indent=2, sort_keys=True))
    else:
        rows = [_row(one) for one in found]
        say(safe_text("\n".join([*rows, f"{len(found)} in {desk.name}"])))
    return 0


@COMMAND.command("check")
@root_option
@_file_option
@output_option
@json_option
def check(*, root: Path | None, file: Path | None, output: Path | None, as_json: bool) -> int:
    """Check the file, and say what each waiver covers in the last report.

    Exit code 2: an entry cannot be used as it is written. 1: one does not hold any more, or holds
    nothing. 0: all is as it should be.
    """
    with Kit(Wish(root=root), output) as kit:
        desk = _desk(kit, file)
        found = standings(desk.book, desk.policy, desk.report, kit.clock.now())
        odd = [*oddities(desk.book, _gates(kit), kit.configuration.keys.environments)]
        without = desk.report is None
    bad = [one for one in found if not _fine(one, strict=desk.policy.strict)]
    if as_json:
        say(json.dumps(_checked(found, desk.errors, odd), indent=2, sort_keys=True))
    else:
        say(safe_text("\n".join(_told(found, desk.errors, odd, desk.name, without=without))))
    if desk.errors:
        return _USAGE
    return _FAIL if bad or odd else 0


COMMAND.add_command(take_over)
COMMAND.add_command(export)


def _desk(kit: Kit, file: Path | None) -> Desk:
    return Desk(kit, file.absolute() if file else None)


def _gates(kit: Kit) -> frozenset[str]:
    from release_gate.cli.wiring import gate_titles  # noqa: PLC0415 - loads every gate
    from release_gate.plan.waiver_book import JUDGING_GATES  # noqa: PLC0415

    expected = set(kit.configuration.keys.expected or ())
    for phase in kit.configuration.keys.phases.values():
        expected |= set(phase.expected or ())
    return frozenset({*gate_titles(kit.root), *expected, *JUDGING_GATES})


def _fine(one: Standing, *, strict: bool) -> bool:
    if one.use.status is WaiverStatus.NO_MATCH:
        return not strict
    return one.use.status in FINE


def _by_itself(one: Standing) -> Standing:
    """Without a report to look at: what nothing speaks against is in force."""
    if one.use.status is not WaiverStatus.NOT_SEEN:
        return one
    return replace(one, use=replace(one.use, status=WaiverStatus.IN_FORCE, note=""))


def _told(
    found: Sequence[Standing],
    errors: Iterable[WaiverError],
    odd: Iterable[str],
    file: str,
    *,
    without: bool,
) -> Iterable[str]:
    yield from (str(one) for one in errors)
    for one in found:
        yield _row(one)
        yield from (f"    covers {digest[:12]}" for digest in one.covered)
    yield from odd
    if without:
        yield "There is no report to look at: release-gate run"
    yield f"{len(found)} in {file}"


def _row(one: Standing) -> str:
    waiver, use = one.waiver, one.use
    until = f"{waiver.expires.isoformat()} ({ends(use.days_left)})"
    status = "no report" if use.status is WaiverStatus.NOT_SEEN else use.status.value
    note = f" · {use.note}" if use.note and use.status is not WaiverStatus.IN_FORCE else ""
    return (
        f"{waiver.id}  {status}  {waiver.gate}  {waiver.match}  {waiver.type}  "
        f"{waiver.owner} / {waiver.approver}  {until}{note}"
    )


def _plain(one: Standing) -> dict[str, object]:
    waiver = one.waiver
    return {
        **asdict(one.use),
        "gate": waiver.gate,
        "match": dict(waiver.match.parts()),
        "environments": list(waiver.environments),
        "max_severity": waiver.max_severity.value,
        "max_count": waiver.max_count,
        "line": waiver.line,
        "covered": list(one.covered),
    }


def _checked(
    found: Iterable[Standing], errors: Iterable[WaiverError], odd: Iterable[str]
) -> dict[str, object]:
    return {
        "waivers": [_plain(one) for one in found],
        "errors": [
            {"file": one.file, "line": one.line, "what": one.what, "remedy": one.remedy}
            for one in errors
        ],
        "warnings": list(odd),
    }
