"""``release-gate compare``: where two reports differ, and what caused it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from release_gate.cli.options import json_option
from release_gate.cli.outputs import FILES
from release_gate.cli.terminal import say
from release_gate.errors import ReportProblem
from release_gate.judge.compare import Comparison, GateDifference, compare
from release_gate.judge.types import Report, Verdict
from release_gate.redact import safe_text
from release_gate.report.listing import load_listing
from release_gate.report.store import load

_MOST_FINDINGS = 5
_MOST_CAUSES = 3
_WHERE = click.Path(exists=True, path_type=Path)


@click.command("compare")
@click.argument("first", type=_WHERE, metavar="A")
@click.argument("second", type=_WHERE, metavar="B")
@click.option(
    "--ci",
    is_flag=True,
    help="Print workflow commands of GitHub, so that a difference shows on the run's page.",
)
@json_option
def COMMAND(first: Path, second: Path, *, ci: bool, as_json: bool) -> int:  # noqa: N802 - click makes it a constant
    """Say which verdicts of two reports differ, and the first cause of each difference.

    A and B are files gate.json or output folders. The exit code is 0 if all verdicts are the
    same, 1 if one differs, and 3 if the two cannot be compared.
    """
    files = [_file(place) for place in (first, second)]
    reports = [load(file) for file in files]
    _refuse_strangers(reports)
    listed = [load_listing(file.with_name(FILES)) or {} for file in files]
    found = compare(reports[0], reports[1], (listed[0], listed[1]))
    if as_json:
        say(json.dumps({"same": found.same, **asdict(found)}, indent=2, sort_keys=True))
    else:
        say(safe_text("\n".join(_annotations(found) if ci else _lines(found))))
    return 0 if found.same else 1


def _file(place: Path) -> Path:
    return place / "gate.json" if place.is_dir() else place


def _refuse_strangers(reports: list[Report]) -> None:
    names = [report.subject.repository for report in reports]
    if names[0] != names[1]:
        raise ReportProblem(
            f"the reports are about {names[0]} and {names[1]}",
            remedy="Compare two reports of the same repository.",
        )


def _lines(found: Comparison) -> Iterator[str]:
    if found.same:
        yield f"same: {found.verdicts[0]} in both, gate by gate"
    else:
        yield f"different: {found.verdicts[0]} in the first, {found.verdicts[1]} in the second"
        yield f"  first   {found.reasons[0]}"
        yield f"  second  {found.reasons[1]}"
    for gate in found.gates:
        yield from ("", *_gate(gate))
    if found.silent:
        yield ""
        yield "differs without changing a verdict:"
        for gate_id, causes in found.silent.items():
            yield f"  {gate_id}: {causes[0].kind}: {causes[0].what}"


def _gate(gate: GateDifference) -> Iterator[str]:
    first, second = (_word(one) for one in gate.verdicts)
    yield f"{gate.gate_id}: {first} in the first, {second} in the second"
    for number, cause in enumerate(gate.causes[:_MOST_CAUSES]):
        yield f"  {'cause' if number == 0 else 'also '}  {cause.kind}: {cause.what}"
    if len(gate.causes) > _MOST_CAUSES:
        yield f"  and {len(gate.causes) - _MOST_CAUSES} more: --json lists them"
    yield f"  first   {gate.reasons[0]}"
    yield f"  second  {gate.reasons[1]}"
    for name, findings in (("first", gate.only_first), ("second", gate.only_second)):
        if findings:
            more = len(findings) - _MOST_FINDINGS
            rest = f", and {more} more" if more > 0 else ""
            yield f"  only in the {name}: {', '.join(findings[:_MOST_FINDINGS])}{rest}"


def _annotations(found: Comparison) -> Iterator[str]:
    """Workflow commands: https://docs.github.com/actions/reference/workflow-commands."""
    for gate in found.gates:
        first, second = (_word(one) for one in gate.verdicts)
        cause = gate.causes[0]
        said = f"{first} in the first, {second} in the second; {cause.kind}: {cause.what}"
        yield f"::error title={_escaped(f'{gate.gate_id} differs', title=True)}::{_escaped(said)}"
    if found.same:
        yield from _lines(found)
    elif not found.gates:
        said = f"{found.reasons[0]} in the first, {found.reasons[1]} in the second"
        yield f"::error title=the runs differ::{_escaped(said)}"


def _escaped(text: str, *, title: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if title else text


def _word(verdict: Verdict | None) -> str:
    return "not in it" if verdict is None else str(verdict)
